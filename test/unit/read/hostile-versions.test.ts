/** Publius' attacks on versions: what hosts without the key can show, and what a reader believes of it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toHex } from '../../../shared/base/bytes.ts';
import { verifyRecord } from '../../../src-main/core/wire/record.ts';
import { checkPublication } from '../../../src-main/services/read/check.ts';
import { gather } from '../../../src-main/services/read/gather.ts';
import { SlotEvidence } from '../../../src-main/services/read/slot-evidence.ts';
import type { RequestCall } from '../../support/memory-block-network.ts';
import { supersede } from '../../support/publication-builder.ts';
import type { BuiltPublication } from '../../support/publication-builder.ts';
import { forgeries } from '../../support/slot-forgeries.ts';
import { createWorld, crypto, withCode } from './world.ts';
import type { World } from './world.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

interface Editions {
  readonly world: World;
  readonly first: BuiltPublication;
  readonly second: BuiltPublication;
  readonly third: BuiltPublication;
}

/** Three editions; the first leads to the third, as it did to the second for a while; the second leads to the third. */
function editions(seed: number, n = 10): Editions & { readonly older: ReadonlyMap<string, Uint8Array> } {
  const world = createWorld(seed);
  const authorSeed = world.deps.random.bytes(32);
  const make = (edition: number) =>
    world.publish({ files: { 'a.txt': text(`edition ${edition}`) }, authorSeed, edition, k: 3, n });
  const [first, second, third] = [make(1), make(2), make(3)];
  const older = new Map<string, Uint8Array>();
  const lead = (from: BuiltPublication, to: BuiltPublication, counter: number): void => {
    const moved = supersede(crypto, world.deps.random, from, { kind: 'moved', link: to.link }, counter);
    from.places.forEach(({ address }, position) => {
      older.set(toHex(address), world.network.records.get(toHex(address))!);
      world.network.put(moved[position]!);
    });
  };
  lead(first, second, 512);
  lead(first, third, 768);
  lead(second, third, 768);
  return { world, first, second, third, older };
}

const addressOf = (built: BuiltPublication, index: number): string => toHex(built.places[index - 1]!.address);

describe('old versions that hosts replay', () => {
  it('lose against one honest host, whichever that is', async () => {
    const { world, first, second, older } = editions(1);
    for (let honest = 1; honest <= 10; honest += 1) {
      const truthful = new Set([addressOf(first, honest)]);
      world.network.options.answer = ({ address }) =>
        truthful.has(toHex(address)) ? undefined : older.get(toHex(address));
      // Nine slots lead to the second edition, and all of its slots show it as the last.
      const gathered = await gather(world.deps, first.link);
      assert.equal(gathered.manifest.edition, 3);
      assert.equal(gathered.linkEdition, 1);
      // Where all ten lie there, a host of the second edition that does not is enough as well.
      truthful.clear();
      truthful.add(addressOf(second, honest));
      assert.equal((await gather(world.deps, first.link)).manifest.edition, 3);
      const checked = await checkPublication(world.deps, first.link);
      assert.deepEqual([checked.edition, checked.retrievable], [3, true]);
    }
  });

  it('lose against an honest host that is slower than all others', async () => {
    const { world, first, older } = editions(2);
    const honest = addressOf(first, 7);
    world.network.options.answer = ({ address }) => (toHex(address) === honest ? undefined : older.get(toHex(address)));
    world.network.options.delayRequest = ({ address }) =>
      toHex(address) === honest ? new Promise((resolve) => world.deps.clock.after(40, resolve)) : undefined;
    assert.equal((await gather(world.deps, first.link)).manifest.edition, 3);
  });

  it('do not bring back what was deleted while one host says so', async () => {
    const { world, third } = editions(3);
    const live = new Map(third.places.map(({ address }, position) => [toHex(address), third.slots[position]!]));
    for (const tombstone of supersede(crypto, world.deps.random, third, { kind: 'deleted' }, 2 ** 48 - 1))
      world.network.put(tombstone);
    for (let honest = 1; honest <= 10; honest += 1) {
      world.network.options.answer = ({ address }) =>
        toHex(address) === addressOf(third, honest) ? undefined : live.get(toHex(address));
      await assert.rejects(gather(world.deps, third.link), withCode('deleted', 'publisher'));
    }
  });

  it('shown to one reader and not to another change nothing for either', async () => {
    const { world, first, older } = editions(4);
    const readers = { one: 0, other: 0 };
    let reader: keyof typeof readers = 'one';
    // Two in three hosts tell one reader the old version and the other the new one, or the other way round.
    world.network.options.answer = ({ address }: RequestCall) => {
      const host = address[0]! % 3;
      return host === 2 || (host === 0) === (reader === 'one') ? undefined : older.get(toHex(address));
    };
    for (reader of ['one', 'other', 'one', 'other'] as const)
      assert.equal((await gather(world.deps, first.link)).manifest.edition, 3);
  });
});

describe('updates that n hosts forge without the key', () => {
  it('are no records to any hop, and nothing to a reader', async () => {
    const world = createWorld(5);
    const built = world.publish({ files: { 'a.txt': text('true') } });
    const evidence = new SlotEvidence(crypto, built.link, built.places);
    for (const [position, place] of built.places.entries()) {
      for (const forged of forgeries(crypto, world.deps.random, built, position)) {
        assert.equal(verifyRecord(crypto, forged, place.address).ok, false);
        assert.equal(evidence.add(place.index, forged), false);
        assert.equal(evidence.moved(), undefined);
      }
    }
    assert.deepEqual(evidence.shares, []);
    // Shown by all hosts but k, they take those shares away and no more.
    const forged = new Map(
      built.places
        .slice(3)
        .map(({ address }, at) => [toHex(address), forgeries(crypto, world.deps.random, built, at + 3)[at + 1]!]),
    );
    world.network.options.answer = ({ address }) => forged.get(toHex(address));
    const gathered = await gather(world.deps, built.link);
    assert.equal(gathered.manifest.edition, 1);
    assert.deepEqual(
      gathered.shares.filter(({ state }) => state === 'found').map(({ index }) => index),
      [1, 2, 3],
    );
  });
});

describe('shares that are deleted or corrupted on n - k hosts', () => {
  it('leave the publication readable', async () => {
    for (const [k, n] of [
      [3, 10],
      [5, 10],
      [10, 20],
      [20, 60],
    ] as const) {
      const world = createWorld(k);
      const built = world.publish({ files: { 'a.txt': text('here') }, k, n });
      const order = Array.from({ length: n }, (_, index) => index).sort((a, b) => ((a * 7) % n) - ((b * 7) % n));
      for (const [at, position] of order.slice(0, n - k).entries()) {
        if (at % 2 === 0) world.network.lose(built.places[position]!.address);
        else world.network.corrupt(built.places[position]!.address, 200 + at);
      }
      const gathered = await gather(world.deps, built.link);
      assert.equal(gathered.shares.filter(({ state }) => state === 'found').length, k);
      world.network.lose(built.places[order.at(-1)!]!.address);
      await assert.rejects(gather(world.deps, built.link), withCode('not-found'));
    }
  });
});
