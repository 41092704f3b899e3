import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bytesEqual } from '../../../shared/base/bytes.ts';
import { formatLink } from '../../../shared/base/links.ts';
import { verifyRecord } from '../../../src-main/core/wire/record.ts';
import { canonicalLink, gather, linkFromText } from '../../../src-main/services/read/gather.ts';
import type { GatherProgress } from '../../../src-main/services/read/gather.ts';
import { PublicationReader } from '../../../src-main/services/read/publication-reader.ts';
import type { BlockNetwork, RequestFailure } from '../../../src-main/services/block-network.ts';
import { collect, supersede } from '../../support/publication-builder.ts';
import type { BuiltPublication } from '../../support/publication-builder.ts';
import { toHex } from '../../../shared/base/bytes.ts';
import { createWorld, crypto, pattern, withCode } from './world.ts';

const text = (words: string) => new TextEncoder().encode(words);
const hello = { 'hello.txt': text('Hello, wall.') };

async function readAll(
  world: ReturnType<typeof createWorld>,
  built: BuiltPublication,
): Promise<Map<string, Uint8Array>> {
  const gathered = await gather(world.deps, built.link);
  const reader = new PublicationReader(world.deps, gathered);
  const files = new Map<string, Uint8Array>();
  for (const file of reader.manifest.files) files.set(file.path, await collect(reader.whole(file)));
  return files;
}

describe('gathering', () => {
  it('finds a publication and asks for no more slots than it needs', async () => {
    const world = createWorld();
    const built = world.publish({ files: hello });
    const gathered = await gather(world.deps, built.link);
    assert.equal(gathered.manifest.title, 'A test');
    assert.deepEqual(gathered.badShares, []);
    assert.equal(gathered.shares.length, 10);
    // Any of them may show a later edition.
    assert.equal(world.network.requestCount, 10);
    assert.equal(toHex((await readAll(world, built)).get('hello.txt')!), toHex(hello['hello.txt']));
    const permanent = world.publish({ files: hello, class: 3 });
    const before = world.network.requestCount;
    await gather(world.deps, permanent.link);
    const asked = world.network.requestCount - before;
    assert.ok(asked >= 3 && asked <= 5, String(asked));
  });

  it('asks in an order that differs from one time to the next', async () => {
    const world = createWorld();
    const built = world.publish({ files: hello });
    const first = new Set<string>();
    for (let round = 0; round < 12; round += 1) {
      const before = world.network.requests.length;
      await gather(world.deps, built.link);
      first.add(toHex(world.network.requests[before]!.address));
    }
    assert.ok(first.size > 3, `${first.size} different first slots of 10 in 12 rounds`);
  });

  for (const [k, n] of [
    [1, 1],
    [1, 3],
    [3, 3],
    [3, 10],
    [5, 5],
    [20, 40],
    [50, 100],
  ] as const) {
    it(`reads ${k} of ${n} with ${n - k} missing, and not with one more`, async () => {
      const world = createWorld(k * 100 + n);
      const built = world.publish({ files: hello, k, n });
      const order = Array.from({ length: n }, (_, index) => index + 1).sort((a, b) => ((a * 7) % n) - ((b * 7) % n));
      world.lose(built, order.slice(0, n - k));
      const gathered = await gather(world.deps, built.link);
      assert.equal(gathered.shares.filter((share) => share.state === 'found').length, k);
      world.lose(built, [order[n - k]!]);
      const words = k === 1 ? [`None of its ${n}`] : [`${k - 1} of the ${k} shares`];
      await assert.rejects(gather(world.deps, built.link), withCode('not-found', ...words));
    });
  }

  it('tells how each share stands', async () => {
    const world = createWorld(3);
    const built = world.publish({ files: hello, class: 3 });
    world.lose(built, [1, 2, 3, 4, 5, 6]);
    const told: GatherProgress[] = [];
    await gather(world.deps, built.link, { onProgress: (progress) => told.push(progress) });
    assert.equal(told[0]!.shares.filter((share) => share.state === 'moving').length, 5);
    assert.equal(told[0]!.shares.filter((share) => share.state === 'unasked').length, 5);
    const last = told.at(-1)!;
    assert.equal(last.stage, 'verifying');
    assert.ok(last.shares.filter((share) => share.state === 'found').length >= 3);
    for (const share of last.shares) {
      assert.ok(share.place! >= (share.index - 1) / 10 && share.place! < share.index / 10);
      if (share.state === 'missing') assert.ok(share.index <= 6 && share.afterMs !== undefined);
    }
  });

  it('reads a manifest too large for the slots', async () => {
    const world = createWorld();
    const files = Object.fromEntries(
      Array.from({ length: 900 }, (_, i) => [`directory/file number ${i}.txt`, text(`number ${i}`)]),
    );
    const built = world.publish({ files, inlineBytes: 100 });
    const data = built.blocks.length - 7;
    assert.ok(data >= 2 && data <= 14, `${data} blocks and 7 check blocks`);
    assert.equal((await readAll(world, built)).size, 900);
    world.loseBlocks(built, 1, 8);
    assert.equal((await readAll(world, built)).size, 900, 'as many blocks as there are check blocks may be missing');
    world.loseBlocks(built, 8, 9);
    await assert.rejects(gather(world.deps, built.link), withCode('not-found', 'block 2 of'));
  });
});

describe('wrong shares', () => {
  for (const wrong of [[4], [1, 10], [2, 3, 5, 7], [1, 2, 3, 4, 5, 6, 7]]) {
    it(`${wrong.join(', ')} of 10 are left out, and named as far as they were met`, async () => {
      const world = createWorld(wrong.length);
      const built = world.publish({ files: hello, wrongShares: wrong });
      for (let round = 0; round < 5; round += 1) {
        const gathered = await gather(world.deps, built.link);
        assert.equal(gathered.manifest.files[0]!.path, 'hello.txt');
        for (const index of gathered.badShares) assert.ok(wrong.includes(index));
        for (const share of gathered.shares) {
          if (wrong.includes(share.index)) assert.notEqual(share.state, 'found');
          else assert.notEqual(share.state, 'bad');
          assert.equal(gathered.badShares.includes(share.index), share.state === 'bad');
        }
      }
    });
  }

  it('that leave fewer than k make it damaged', async () => {
    const world = createWorld();
    const built = world.publish({ files: hello, wrongShares: [1, 2, 3, 4, 5, 6, 7, 8] });
    await assert.rejects(gather(world.deps, built.link), withCode('damaged', 'do not fit together'));
  });

  it('are found among 15, 10 of which are needed', async () => {
    const world = createWorld();
    const built = world.publish({ files: hello, k: 10, n: 40, wrongShares: [3, 17, 31] });
    world.lose(
      built,
      Array.from({ length: 27 }, (_, index) => index + 1).filter((index) => index !== 3 && index !== 17),
    );
    const gathered = await gather(world.deps, built.link);
    assert.deepEqual(gathered.badShares, [3, 17, 31]);
  });

  it('names that are not those of the link make a slot unusable', async () => {
    const world = createWorld();
    const built = world.publish({ files: hello, wrongNames: [1, 2, 3, 4, 5, 6, 7] });
    const gathered = await gather(world.deps, built.link);
    assert.deepEqual(
      gathered.shares.filter((share) => share.state === 'found').map((share) => share.index),
      [8, 9, 10],
    );
    world.lose(built, [9]);
    await assert.rejects(gather(world.deps, built.link), withCode('damaged', '2 of the 3', '1, 2, 3, 4, 5, 6 and 7'));
  });

  it('a link with other names is not satisfied', async () => {
    const world = createWorld();
    const built = world.publish({ files: hello });
    const namesDigest = built.link.namesDigest.map((byte, index) => (index === 0 ? byte ^ 1 : byte));
    await assert.rejects(gather(world.deps, { ...built.link, namesDigest }), withCode('damaged'));
  });

  it('a link with another k or n is not satisfied', async () => {
    const world = createWorld();
    const built = world.publish({ files: hello });
    await assert.rejects(gather(world.deps, { ...built.link, k: 2 }), withCode('damaged'));
    await assert.rejects(gather(world.deps, { ...built.link, n: 11 }), withCode('damaged'));
    await assert.rejects(gather(world.deps, { ...built.link, class: 2 }), withCode('not-found'));
  });
});

describe('versions', () => {
  function chain(world: ReturnType<typeof createWorld>, editions: number): BuiltPublication[] {
    const authorSeed = world.deps.random.bytes(32);
    const all = Array.from({ length: editions }, (_, index) =>
      world.publish({ files: { 'edition.txt': text(`edition ${index + 1}`) }, edition: index + 1, authorSeed }),
    );
    all.slice(0, -1).forEach((built, index) => {
      for (const slot of supersede(crypto, world.deps.random, built, { kind: 'moved', link: all[index + 1]!.link }))
        world.network.put(slot);
    });
    return all;
  }

  it('the higher one wins, even if a single slot shows it', async () => {
    const world = createWorld(8);
    const authorSeed = world.deps.random.bytes(32);
    const old = world.publish({ files: { 'a.txt': text('old') }, authorSeed, k: 3, n: 5 });
    const fresh = world.publish({ files: { 'a.txt': text('new') }, authorSeed, k: 3, n: 5, edition: 2 });
    const moved = supersede(crypto, world.deps.random, old, { kind: 'moved', link: fresh.link });
    world.network.put(moved[3]!);
    // k + 2 is all of them, so whatever the order, the one is seen.
    for (let round = 0; round < 10; round += 1) {
      const gathered = await gather(world.deps, { ...old.link, path: 'a.txt' });
      assert.equal(gathered.manifest.edition, 2);
      assert.equal(formatLink(gathered.link), `${canonicalLink(fresh.link)}/a.txt`);
    }
  });

  it('content of a higher version than a move wins over it', async () => {
    const world = createWorld(8);
    const built = world.publish({ files: hello, k: 1, n: 2, version: { counter: 3, tie: new Uint8Array(8) } });
    const other = world.publish({ files: hello });
    const moved = supersede(crypto, world.deps.random, built, { kind: 'moved', link: other.link }, 2);
    world.network.records.set(toHex(built.places[0]!.address), moved[0]!);
    const gathered = await gather(world.deps, built.link);
    assert.equal(canonicalLink(gathered.link), canonicalLink(built.link));
  });

  it('four redirects are followed, five are not', async () => {
    const world = createWorld();
    const five = chain(world, 5);
    assert.equal((await gather(world.deps, five[0]!.link)).manifest.edition, 5);
    const six = chain(world, 6);
    await assert.rejects(gather(world.deps, six[0]!.link), withCode('damaged', 'more than 4'));
    assert.equal((await gather(world.deps, six[1]!.link)).manifest.edition, 6);
  });

  it('circles are refused', async () => {
    const world = createWorld();
    const [a, b] = [world.publish({ files: hello }), world.publish({ files: hello })];
    const point = (from: BuiltPublication, to: BuiltPublication) => {
      for (const slot of supersede(crypto, world.deps.random, from, { kind: 'moved', link: to.link }))
        world.network.put(slot);
    };
    point(a, b);
    point(b, a);
    await assert.rejects(gather(world.deps, a.link), withCode('damaged', 'circle'));
    const self = world.publish({ files: hello });
    point(self, self);
    await assert.rejects(gather(world.deps, self.link), withCode('damaged', 'circle'));
  });

  it('a tombstone ends it, even with old shares about', async () => {
    const world = createWorld();
    for (const slotClass of [1, 2] as const) {
      const built = world.publish({ files: hello, class: slotClass, k: 2, n: 4 });
      const tombs = supersede(crypto, world.deps.random, built, { kind: 'deleted' });
      world.network.put(tombs[2]!);
      await assert.rejects(gather(world.deps, built.link), withCode('deleted', 'publisher'));
    }
  });

  it('a delete-only or fixed publication cannot move', async () => {
    const world = createWorld();
    const other = world.publish({ files: hello });
    for (const slotClass of [2, 3] as const) {
      const built = world.publish({ files: hello, class: slotClass, k: 1, n: 1 });
      const moved = supersede(crypto, world.deps.random, built, { kind: 'moved', link: other.link }, 1);
      world.network.records.set(toHex(built.places[0]!.address), moved[0]!);
      await assert.rejects(gather(world.deps, built.link), withCode('damaged', 'share 1'));
    }
  });
});

describe('failures have their codes', () => {
  const failing = (code: RequestFailure, neighbours?: number) => {
    const world = createWorld(5, { refuseRequest: () => code });
    const deps = neighbours === undefined ? world.deps : { ...world.deps, neighbours: () => neighbours };
    return gather(deps, world.publish({ files: hello }).link);
  };

  it('each', async () => {
    await assert.rejects(failing('not-found'), withCode('not-found', 'None of its 10'));
    await assert.rejects(failing('timeout'), withCode('not-found', '10 did not answer'));
    await assert.rejects(failing('no-route', 4), withCode('no-route'));
    await assert.rejects(failing('no-route', 0), withCode('offline'));
    await assert.rejects(failing('busy'), withCode('busy'));
  });

  it('what fails for a while is asked again', async () => {
    const world = createWorld(5);
    const failed = new Map<string, number>();
    world.network.options.refuseRequest = (call) => {
      const times = failed.get(toHex(call.address)) ?? 0;
      failed.set(toHex(call.address), times + 1);
      return times < 2 ? 'busy' : undefined;
    };
    const gathered = await gather(world.deps, world.publish({ files: hello }).link);
    assert.equal(gathered.manifest.title, 'A test');
  });

  it('a mix that no way could mend is not found', async () => {
    const world = createWorld(5);
    const built = world.publish({ files: hello });
    const away = new Set([1, 2].map((index) => toHex(built.places[index - 1]!.address)));
    world.network.options.refuseRequest = (call) => (away.has(toHex(call.address)) ? 'no-route' : 'not-found');
    await assert.rejects(gather(world.deps, built.link), withCode('not-found', '8 of 10'));
  });

  it('silence of some holds nobody up', async () => {
    const world = createWorld(5);
    const built = world.publish({ files: hello });
    const silent = new Set([1, 2, 3, 4, 5, 6].map((index) => toHex(built.places[index - 1]!.address)));
    world.network.options.delayRequest = (call) =>
      silent.has(toHex(call.address)) ? new Promise(() => undefined) : undefined;
    const gathered = await gather(world.deps, built.link);
    assert.equal(gathered.manifest.title, 'A test');
  });

  it('an abort ends it, and what it asked for', async () => {
    const world = createWorld(5);
    const built = world.publish({ files: hello });
    const abort = new AbortController();
    const signals: AbortSignal[] = [];
    world.network.options.delayRequest = (call) => {
      signals.push(call.signal!);
      setImmediate(() => abort.abort());
      return new Promise(() => undefined);
    };
    await assert.rejects(gather(world.deps, built.link, { signal: abort.signal }), withCode('cancelled'));
    assert.ok(signals.length > 0 && signals.every((signal) => signal.aborted));
  });

  it('bad links say what is wrong', () => {
    assert.throws(() => linkFromText('http://example.org'), withCode('bad-link', 'broadside:'));
    assert.throws(() => linkFromText('broadside:abc'), withCode('bad-link'));
    assert.throws(() => linkFromText('broadside:file/abc'), withCode('bad-link', 'shared file'));
  });
});

describe('nothing that was altered is accepted', () => {
  /** Delivers whatever is in the table, without the check that routing makes. */
  const unverified = (records: ReadonlyMap<string, Uint8Array>): BlockNetwork => ({
    async request(address) {
      const record = records.get(toHex(address));
      return record === undefined ? { ok: false, code: 'not-found', afterMs: 1 } : { ok: true, record, afterMs: 1 };
    },
    insert: () => Promise.reject(new Error('nothing is inserted here')),
  });

  it('whichever byte of a slot is flipped', async () => {
    const world = createWorld();
    const built = world.publish({ files: hello, k: 1, n: 1 });
    const key = toHex(built.places[0]!.address);
    const whole = world.network.records.get(key)!;
    const network = unverified(world.network.records);
    // All of the head, and every 97th byte of the payload.
    const offsets = [
      ...Array.from({ length: 160 }, (_, index) => index),
      ...Array.from({ length: 336 }, (_, i) => 160 + i * 97),
    ];
    for (const offset of offsets.filter((at) => at < whole.length)) {
      const flipped = whole.slice();
      flipped[offset]! ^= 1 << (offset % 8);
      world.network.records.set(key, flipped);
      await assert.rejects(
        gather({ ...world.deps, network }, built.link),
        withCode('damaged', 'share 1'),
        `byte ${offset}`,
      );
    }
    world.network.records.set(key, whole);
    await gather({ ...world.deps, network }, built.link);
  });

  it('whichever byte of a block is flipped', async () => {
    const world = createWorld();
    const content = pattern(100);
    const built = world.publish({ files: { 'a.bin': content }, k: 1, n: 1 });
    // Its check block would stand in for it.
    world.loseBlocks(built, 1, 2);
    const key = toHex(verifiedAddress(built.blocks[0]!));
    const whole = world.network.records.get(key)!;
    const deps = { ...world.deps, network: unverified(world.network.records) };
    const reader = new PublicationReader(deps, await gather(deps, built.link));
    for (let offset = 0; offset < whole.length; offset += offset < 200 ? 1 : 331) {
      const flipped = whole.slice();
      flipped[offset]! ^= 0x80;
      world.network.records.set(key, flipped);
      await assert.rejects(collect(reader.whole(reader.file('a.bin')!)), withCode('damaged', 'a.bin', 'block 1'));
    }
    world.network.records.set(key, whole);
    assert.ok(bytesEqual(await collect(reader.whole(reader.file('a.bin')!)), content));
  });

  it('a record of another kind or place', async () => {
    const world = createWorld();
    const built = world.publish({ files: { 'a.bin': pattern(100) }, k: 1, n: 2 });
    const records = world.network.records;
    const deps = { ...world.deps, network: unverified(records) };
    const [first, second] = built.places.map((place) => toHex(place.address));
    records.set(first!, records.get(second!)!);
    records.set(second!, built.blocks[0]!);
    await assert.rejects(gather(deps, built.link), withCode('damaged'));
  });
});

function verifiedAddress(record: Uint8Array): Uint8Array {
  const verified = verifyRecord(crypto, record, undefined);
  assert.ok(verified.ok);
  return verified.value.address;
}
