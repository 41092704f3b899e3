/** Claims as readers and claimants meet them: all of them shown, the stronger first, none pushed out for less work than it took. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BroadsideError } from '../../../shared/base/errors.ts';
import {
  claimPlaces,
  draftClaim,
  makeClaim,
  QUARTER_MS,
  quarterOf,
  wordKey,
} from '../../../src-main/core/addresses/claim.ts';
import { findStamp } from '../../../src-main/core/routing/stamps.ts';
import { KIND_SLOT } from '../../../src-main/core/wire/record.ts';
import type { OwnClaim } from '../../../shared/ipc/address-model.ts';
import { Words } from '../../../src-main/services/addresses/words.ts';
import { MemoryLibraryStore } from '../../support/memory-stores.ts';
import { Mesh, crypto as meshCrypto } from '../../support/mesh.ts';
import { crypto, linkText, parameters, quickHash, sampleLink, sampleWorld, stamper } from './samples.ts';
import type { World } from './samples.ts';

const BAG = ['tables', 'tide'];
const ADDRESS = 'broadside:word/tables+tide';

function machine(world: World, secret: number, libraryStore = new MemoryLibraryStore()) {
  let told = (): void => {};
  const defects: unknown[] = [];
  const deps = {
    ...{ ...world, passwordHash: quickHash, stamper, parameters, libraryStore },
    claimSecret: new Uint8Array(32).fill(secret),
    changed: () => told(),
    onDefect: (thrown: unknown) => defects.push(thrown),
  };
  const words = new Words(deps, [...libraryStore.rows.values()]);
  /** The claim of BAG once nothing is done for it any more. */
  const settled = async (): Promise<OwnClaim> => {
    for (;;) {
      const change = new Promise<void>((resolve) => (told = resolve));
      const [own] = words.mine();
      if (own!.state !== 'working') return own!;
      await change;
    }
  };
  const claim = async (fill: number, bits?: number, note = ''): Promise<OwnClaim> => {
    await words.claim(BAG, sampleLink(fill), note, bits);
    return settled();
  };
  return { words, claim, defects, libraryStore };
}

/** Fills all places of the quarter with claims of `bits` by somebody else. */
async function squat(world: World, bits: number, fill: number): Promise<void> {
  const key = await wordKey(crypto, quickHash, parameters, BAG);
  const keys = crypto.keyPairFromSeed(new Uint8Array(32).fill(fill));
  for (const place of claimPlaces(crypto, key, quarterOf(world.clock.now()))) {
    const pointer = { link: sampleLink(fill), note: '' };
    const draft = draftClaim(crypto, place, keys, pointer, world.random.bytes(24));
    world.network.put(makeClaim(crypto, draft, exactStamp(draft.digest, bits)));
  }
}

/** Of exactly so many bits, so that what follows does not hang on luck. */
function exactStamp(digest: Uint8Array, bits: number): Uint8Array {
  const stamp = findStamp(crypto, digest, bits);
  for (let last = 0; ; last += 1) {
    stamp[0] = last;
    const found = crypto.hash('stamp', digest, stamp);
    const zeros = Math.clz32((found[0]! << 24) | (found[1]! << 16) | (found[2]! << 8) | found[3]!);
    if (zeros === bits) return stamp;
    if (last === 255) {
      last = -1;
      stamp[7] = (stamp[7]! + 1) & 255;
    }
  }
}

const withCode = (code: string) => (thrown: unknown) => thrown instanceof BroadsideError && thrown.code === code;

test('claims of two machines stand beside each other, the stronger first', async () => {
  const world = sampleWorld(1);
  const [one, two, reader] = [machine(world, 1), machine(world, 2), machine(world, 3)];
  await assert.rejects(() => reader.words.get(BAG), withCode('not-found'));
  const weak = await one.claim(1, undefined, 'the tables');
  assert.deepEqual([weak.state, weak.address, weak.link], ['placed', ADDRESS, linkText(1)]);
  const strong = await two.claim(2, 12);
  assert.ok(strong.bits >= 12 && weak.bits < strong.bits);
  const claims = await reader.words.get(BAG);
  assert.deepEqual(
    claims.map(({ link, note, bits }) => [link, note, bits]),
    [
      [linkText(2), undefined, strong.bits],
      [linkText(1), 'the tables', weak.bits],
    ],
  );
  assert.notEqual(claims[0]!.claimant, claims[1]!.claimant);
  assert.deepEqual(
    (await one.words.get(BAG)).map(({ own }) => own),
    [false, true],
  );
});

test('who changes an own claim replaces it', async () => {
  const world = sampleWorld(2);
  const one = machine(world, 1);
  await one.claim(1);
  const changed = await one.claim(5);
  assert.equal(changed.state, 'placed');
  assert.deepEqual(
    (await one.words.get(BAG)).map(({ link }) => link),
    [linkText(5)],
  );
  assert.equal(one.words.mine().length, 1);
});

test('a squatter of all places is outdone at one of them by a little more work, and not before', async () => {
  const world = sampleWorld(3);
  await squat(world, 6, 9);
  const one = machine(world, 1);
  const own = await one.claim(1);
  assert.equal(own.state, 'placed');
  assert.ok(own.bits >= 7, String(own.bits));
  const claims = await one.words.get(BAG);
  assert.equal(claims[0]!.link, linkText(1));
  assert.equal(claims.filter(({ link }) => link === linkText(9)).length, 1, 'one line for one claimant');

  const other = sampleWorld(4);
  await squat(other, 10, 9);
  const two = machine(other, 1);
  const refused = await two.claim(1);
  assert.deepEqual([refused.state, refused.error?.code], ['outbid', 'refused']);
  assert.match(refused.error!.message, /All 8 places .* of 10 bits/);
  const paid = await two.claim(1, 11);
  assert.equal(paid.state, 'placed');
  assert.equal((await two.words.get(BAG))[0]!.link, linkText(1));
});

test('a stronger claim than one’s own at its place sends it to another', async () => {
  const world = sampleWorld(5);
  const one = machine(world, 1);
  const rival = machine(world, 2);
  let raced = false;
  world.network.options.refuseRequest = ({ address, skipOwn }) => {
    // Between placing and looking again, somebody else takes the very place.
    if (skipOwn !== true || raced) return undefined;
    raced = true;
    const held = world.network.inserts.find((insert) =>
      insert.address.every((byte, index) => byte === address[index]),
    )!;
    assert.ok(held.record.kind === KIND_SLOT);
    const place = placesNow.find((other) => other.address.every((byte, index) => byte === address[index]))!;
    const keys = crypto.keyPairFromSeed(new Uint8Array(32).fill(77));
    const draft = draftClaim(crypto, place, keys, { link: sampleLink(7), note: '' }, world.random.bytes(24));
    world.network.put(makeClaim(crypto, draft, findStamp(crypto, draft.digest, held.record.version.counter + 1)));
    return undefined;
  };
  const placesNow = claimPlaces(
    crypto,
    await wordKey(crypto, quickHash, parameters, BAG),
    quarterOf(world.clock.now()),
  );
  const own = await one.claim(1);
  assert.equal(own.state, 'placed');
  assert.ok(raced);
  assert.deepEqual(
    (await rival.words.get(BAG)).map(({ link }) => link).toSorted(),
    [linkText(1), linkText(7)].toSorted(),
  );
});

test('claims end with the quarter after theirs unless they are renewed, and are renewed by who made them', async () => {
  const world = sampleWorld(6);
  const [one, two, reader] = [machine(world, 1), machine(world, 2), machine(world, 3)];
  await one.claim(1);
  await two.claim(2);
  const { quarter } = one.words.mine()[0]!;
  world.clock.aheadMs += QUARTER_MS;
  assert.equal((await reader.words.get(BAG)).length, 2);
  // After a restart as well: what is renewed is on disk.
  const restarted = machine(world, 1, one.libraryStore);
  await restarted.words.renew(ADDRESS);
  assert.equal(restarted.words.mine()[0]!.quarter, quarter + 1);
  const both = await reader.words.get(BAG);
  assert.equal(both.length, 2, 'one line for a claim that was renewed');
  world.clock.aheadMs += QUARTER_MS;
  assert.deepEqual(
    (await reader.words.get(BAG)).map(({ link }) => link),
    [linkText(1)],
  );
  world.clock.aheadMs += QUARTER_MS;
  await assert.rejects(() => reader.words.get(BAG), withCode('not-found'));
});

test('a renewal of what stands does no work and sends nothing', async () => {
  const world = sampleWorld(7);
  const one = machine(world, 1);
  await one.claim(1);
  const { insertCount } = world.network;
  await one.words.renew(ADDRESS);
  assert.equal(world.network.insertCount, insertCount);
  assert.equal(one.words.mine()[0]!.state, 'placed');
});

test('a claim that cannot be placed says why, is kept, and is placed when it can be', async () => {
  const world = sampleWorld(8);
  world.network.options.refuseInsert = () => 'busy';
  const one = machine(world, 1);
  const failed = await one.claim(1);
  assert.deepEqual([failed.state, failed.error?.code], ['failed', 'busy']);
  delete world.network.options.refuseInsert;
  const restarted = machine(world, 1, one.libraryStore);
  await restarted.words.renew(ADDRESS);
  const [placed] = restarted.words.mine();
  assert.deepEqual([placed!.state, placed!.error], ['placed', undefined]);
  assert.deepEqual([...one.defects, ...restarted.defects], []);
});

test('work that is withdrawn ends, and nothing of it is sent', async () => {
  const world = sampleWorld(9);
  const one = machine(world, 1);
  await one.words.claim(BAG, sampleLink(1), '', 32);
  await one.words.withdraw(BAG);
  assert.deepEqual([one.words.mine(), world.network.insertCount, one.defects], [[], 0, []]);
});

test('nodes keep the strongest claim of a place whoever comes last, and readers are shown that', async () => {
  const mesh = new Mesh({ seed: 5, nodes: 16, degree: 6 });
  const [place] = claimPlaces(meshCrypto, new Uint8Array(32).fill(1), 230);
  const made = (bits: number, fill: number): Uint8Array => {
    const keys = meshCrypto.keyPairFromSeed(new Uint8Array(32).fill(fill));
    const draft = draftClaim(meshCrypto, place!, keys, { link: sampleLink(fill), note: '' }, new Uint8Array(24));
    return makeClaim(meshCrypto, draft, exactStamp(draft.digest, bits));
  };
  const [weak, strong] = [made(5, 1), made(8, 2)];
  const shown = (): number[] =>
    mesh.nodes.map((node) => {
      const found = mesh.request(node, place!.address, KIND_SLOT);
      assert.ok(found.ok);
      // The claim key stands behind kind, class and state.
      return Buffer.compare(found.record.subarray(3, 35), strong.subarray(3, 35)) === 0 ? 8 : 5;
    });
  assert.ok(mesh.insert(mesh.nodes[0]!, weak).ok);
  assert.deepEqual(new Set(shown()), new Set([5]));
  assert.ok(mesh.insert(mesh.nodes[9]!, strong).ok);
  assert.deepEqual(new Set(shown()), new Set([8]));
  assert.ok(mesh.insert(mesh.nodes[3]!, weak).ok);
  assert.deepEqual(new Set(shown()), new Set([8]));
});
