/** What attacking nodes say, with production cores around them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CACHED_SLOT_MS } from '../../../../src-main/core/limits.ts';
import { distance, locationOf } from '../../../../src-main/core/routing/location.ts';
import { keyOf } from '../../../sim/engine/bytes-key.ts';
import { Network } from '../../../sim/engine/network.ts';
import { place } from '../../../sim/engine/topology.ts';
import { Identities, turnAgainst } from '../../../sim/suppression/attackers.ts';
import { makeContent, makeSlot, makeSlotAuthor } from '../../../sim/workloads/records.ts';
import type { MadeRecord } from '../../../sim/workloads/records.ts';
import { insertAll, requestAll } from '../../../sim/workloads/spread.ts';

test('identities that were tried lie nearer to their slot than anybody honest', () => {
  const network = new Network({ seed: 3, nodes: 40 });
  const random = network.newRandom(40);
  const addresses = [makeContent(network, random).address, makeContent(network, random).address];
  const identities = new Identities(network, random, addresses);
  const seeds = identities.untilEachHas(2);
  assert.equal(seeds.length, 4);
  assert.ok(identities.tried >= 4);
  for (const address of addresses) {
    const away = (at: number): number => distance(at, locationOf(address));
    const honest = Math.min(...network.nodes.map((node) => away(node.location)));
    const nearer = seeds.filter((seed) => away(locationOf(network.crypto.keyPairFromSeed(seed).publicKey)) < honest);
    assert.ok(nearer.length >= 2);
  }
});

test('a network of attackers: what they hide is stored by their word and never found, all else is', () => {
  const network = new Network({ seed: 4, nodes: 30 });
  const random = network.newRandom(41);
  const [hidden, other] = [makeContent(network, random), makeContent(network, random)];
  for (const node of network.nodes) turnAgainst(network, node, new Set([keyOf(hidden.address)]));
  place(network);
  const spread = { network, random, perSecond: 5 };
  const stored = insertAll(spread, [hidden, other]);
  assert.deepEqual(
    stored.map((one) => one.result.ok),
    [true, true],
  );
  const found = requestAll(spread, [hidden, other]);
  const of = (record: { address: Uint8Array }) => found.find((one) => one.item === record)!.result.ok;
  assert.equal(of(hidden), false);
  assert.equal(of(other), true);
});

test('nodes nearest to each share hide no publication that was there before; one beside it does not notice', () => {
  const network = new Network({ seed: 5, nodes: 60 });
  const random = network.newRandom(42);
  place(network);
  const publication = (): MadeRecord[] =>
    Array.from({ length: 10 }, () => makeSlot(network, random, makeSlotAuthor(network, random), 1));
  const [attacked, other] = [publication(), publication()];
  const honest = [...network.nodes];
  const spread = { network, random, perSecond: 10, from: honest };
  assert.ok(insertAll(spread, [...attacked, ...other]).every((one) => one.result.ok));
  // Nothing is in the memory of who passed a slot on.
  network.runFor(CACHED_SLOT_MS + 30_000);
  const addresses = attacked.map(({ address }) => address);
  const identities = new Identities(network, random, addresses);
  for (const seed of identities.untilEachHas(1)) {
    const node = network.addNode(seed);
    turnAgainst(network, node, new Set(addresses.map(keyOf)));
    network.start(node);
  }
  network.runFor(60_000);
  // A reader asks three times for what was not found (services/read).
  const found = (records: readonly MadeRecord[]): number => {
    let missing = records;
    for (let tries = 0; tries < 3; tries += 1)
      missing = requestAll(spread, missing).flatMap((one) => (one.result.ok ? [] : [one.item]));
    return records.length - missing.length;
  };
  const [ofAttacked, ofOther] = [found(attacked), found(other)];
  assert.ok(ofAttacked >= 8, `${ofAttacked} of 10 slots found`);
  assert.ok(ofOther >= 9, `${ofOther} of 10 slots of the other found`);
});
