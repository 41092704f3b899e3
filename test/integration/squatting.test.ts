/**
 * One node of a real network has the link of a publication and means ill: it puts forged slots in the places of the shares,
 * later and last versions, other classes, and floods what is left to it with valid records.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { formatLink, parseLink } from '../../shared/base/links.ts';
import { MAX_GARBAGE_OF_LINK } from '../../src-main/core/limits.ts';
import type { LinkId, Transport } from '../../src-main/core/ports.ts';
import { networkParameters } from '../../src-main/core/network-parameters.ts';
import { findStamp } from '../../src-main/core/routing/stamps.ts';
import { readSlot, slotPlaces } from '../../src-main/core/publish/slot.ts';
import { encodeRouteMessage } from '../../src-main/core/wire/messages.ts';
import { encodeRecord, KIND_CONTENT, PAYLOAD_BYTES } from '../../src-main/core/wire/record.ts';
import type { NodeService } from '../../src-main/services/node/node-service.ts';
import { createSystemRandom } from '../../src-main/workers/sodium/random.ts';
import { crypto } from '../support/mesh.ts';
import { startNode } from '../support/nodes.ts';
import { startPractice } from '../support/practice.ts';
import type { Daemon, Practice } from '../support/practice.ts';
import type { BuiltPublication } from '../support/publication-builder.ts';
import { forgeries } from '../support/slot-forgeries.ts';
import { runCommand } from '../support/spawn.ts';

const PASSWORD = 'ribbon cactus orbit velvet thunder maple candle glacier\n';
/** Records of 32 KiB that mean nothing, each with the work that the network asks for. */
const FLOOD = 120;

let practice: Practice;
let alice: Daemon;
let bob: Daemon;
let squatter: NodeService;
let wire: Transport;
const links = new Set<LinkId>();
let onLinkDown = (): void => {};

before(async () => {
  practice = await startPractice(4);
  [alice, bob] = await Promise.all([practice.startDaemon('alice'), practice.startDaemon('bob')]);
  squatter = await startNode(practice.network, practice.bootstrap, undefined, (transport) => {
    wire = transport;
    return {
      publicKey: transport.publicKey,
      start: (handlers) =>
        transport.start({
          ...handlers,
          linkUp(info) {
            links.add(info.link);
            handlers.linkUp(info);
          },
          linkDown(link) {
            links.delete(link);
            handlers.linkDown(link);
            onLinkDown();
          },
          message: (link, channel, bytes) => handlers.message(link, channel, bytes),
          writable: (link) => handlers.writable(link),
        }),
      stop: () => transport.stop(),
      send: (link, channel, bytes) => transport.send(link, channel, bytes),
      pendingBytes: (link) => transport.pendingBytes(link),
      close: (link) => transport.close(link),
      dial: (known) => transport.dial(known),
      traffic: () => transport.traffic(),
      setLimits: (limits) => transport.setLimits(limits),
    };
  });
  assert.ok(await squatter.waitForLinks(6, 60_000));
});
after(async () => {
  await squatter?.stop();
  await practice?.stop();
});

async function done<Result>(daemon: Daemon, ...args: string[]): Promise<Result> {
  const { code, stderr, json } = await runCommand([...args, '--data', daemon.directory, '--json', '--quiet']);
  assert.equal(code, 0, stderr);
  return json<Result>();
}

/** All that the link tells who is not the author. */
async function seen(text: string): Promise<BuiltPublication> {
  const parsed = parseLink(text);
  assert.ok(parsed.ok);
  const places = slotPlaces(crypto, parsed.value)!;
  const slots = await Promise.all(
    places.map(async ({ address }) => {
      const outcome = await squatter.request(address, { kind: 'slot', priority: 'interactive' });
      assert.ok(outcome.ok);
      return outcome.record;
    }),
  );
  const slot = readSlot(crypto, parsed.value, places[0]!, slots[0]!);
  assert.ok(slot.ok);
  const { names, kdf } = slot.value.payload;
  const none = { keys: crypto.keyPairFromSeed(new Uint8Array(32)), authorSeed: new Uint8Array(32), blocks: [] };
  return { link: parsed.value, text: formatLink(parsed.value), places, slots, names, kdf, ...none };
}

test('forged slots are refused by whoever they come to, a flood displaces nothing, and the author goes on', async () => {
  const path = join(practice.directory, 'note.txt');
  const password = join(practice.directory, 'password');
  writeFileSync(password, PASSWORD);
  writeFileSync(path, 'the first');
  const { link } = await done<{ link: string }>(alice, 'publish', path, '--password-file', password);
  const built = await seen(link);
  const { stampBits } = networkParameters(practice.network);

  // What anybody may do: valid records that mean nothing.
  const flood = Array.from({ length: FLOOD }, () => new Uint8Array(randomBytes(PAYLOAD_BYTES)));
  const outcomes = await Promise.all(
    flood.map((payload) => squatter.insert(encodeRecord({ kind: KIND_CONTENT, payload }), { priority: 'bulk' })),
  );
  const flooded = outcomes.filter(({ ok }) => ok).length;
  assert.ok(flooded > FLOOD / 2, `${flooded} of the flood were stored`);

  // Each neighbour hangs up at the third: until then every kind of forgery comes to somebody.
  const neighbours = [...links];
  const hungUp = new Promise<void>((resolve) => {
    onLinkDown = () => neighbours.every((link) => !links.has(link)) && resolve();
  });
  assert.ok(neighbours.length >= 6);
  let sent = 0;
  for (const [position, { address }] of built.places.entries()) {
    const stamp = findStamp(crypto, address, stampBits);
    for (const [at, record] of forgeries(crypto, createSystemRandom(), built, position).entries()) {
      const id = randomBytes(16);
      const neighbour = neighbours[(position + at) % neighbours.length]!;
      const message = { type: 'insert', id, priority: 0, htl: 10, stamp, record } as const;
      if (wire.send(neighbour, 'route', encodeRouteMessage(message))) sent += 1;
    }
  }
  assert.ok(sent >= 6, `${sent} forgeries left`);

  await hungUp;
  for (const { client } of [alice, bob]) {
    const { garbage } = (await client.call('status.get', null)).requests;
    assert.equal(garbage, MAX_GARBAGE_OF_LINK, 'the first three forgeries are the last');
  }

  writeFileSync(path, 'the second');
  const updated = await done<{ version: number; slots: { wanted: number; replaced: number } }>(
    alice,
    'update',
    link,
    path,
    '--password-file',
    password,
  );
  assert.deepEqual([updated.version, updated.slots], [2, { wanted: 10, replaced: 10 }]);
  const target = join(practice.directory, 'got.txt');
  const got = await done<{ version: number }>(bob, 'get', link, '-o', target);
  assert.equal(got.version, 2);
  assert.equal(readFileSync(target, 'utf8'), 'the second');
  const checked = await done<{ version: number; retrievable: boolean; shares: { answered?: number } }>(
    bob,
    'check',
    link,
  );
  assert.deepEqual([checked.version, checked.retrievable], [2, true]);
});
