/** Stamps off the main thread: the same as core/routing/stamps.ts defines, whoever finds them. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { fromHex, toHex } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { findStamp } from '../../../src-main/core/routing/stamps.ts';
import { stampBits } from '../../../src-main/core/wire/stamp-bits.ts';
import { STAMP_BYTES } from '../../../src-main/core/wire/messages.ts';
import { createSodiumCrypto } from '../../../src-main/workers/sodium/crypto.ts';
import { createStampSearch } from '../../../src-main/workers/stamps/search.ts';
import { StampingPool } from '../../../src-main/workers/stamps/stamper.ts';

const crypto = createSodiumCrypto();
const search = createStampSearch();
const address = fc.uint8Array({ minLength: 32, maxLength: 32 });
const addressOf = (number: number): Uint8Array => crypto.hash('stamped', Uint8Array.of(number & 255, number >> 8));
const withCode = (code: string) => (thrown: unknown) => thrown instanceof BroadsideError && thrown.code === code;

describe('the search', () => {
  it('finds the first stamp, as the definition does', () => {
    fc.assert(
      fc.property(address, fc.integer({ min: 0, max: 11 }), (drawn, bits) => {
        const stamp = search(drawn, bits);
        assert.equal(toHex(stamp), toHex(findStamp(crypto, drawn, bits)));
        assert.ok(stampBits(crypto, drawn, stamp) >= bits);
        assert.equal(toHex(search(drawn, bits)), toHex(stamp), 'what was sought before leaves nothing behind');
      }),
    );
  });

  it('carries over byte after byte of the stamp', () => {
    const stamp = search(addressOf(1), 17);
    assert.ok(stamp[5]! > 0, 'more than 65,536 tries');
    assert.equal(toHex(stamp), toHex(findStamp(crypto, addressOf(1), 17)));
  });

  it('of no bits is zero, and a stamp with a bit less than asked for is passed over', () => {
    assert.equal(toHex(search(addressOf(1), 0)), '00'.repeat(STAMP_BYTES));
    for (let number = 0; number < 200; number += 1) {
      const stamp = search(addressOf(number), 3);
      const has = stampBits(crypto, addressOf(number), stamp);
      if (has === 3) assert.notEqual(toHex(search(addressOf(number), 4)), toHex(stamp));
      else assert.equal(toHex(search(addressOf(number), has)), toHex(stamp));
    }
  });

  it('goes up to 24 bits, and refuses what is no number of bits and no address', () => {
    // The first of this address with 20 bits has 24 already; any other takes a second or two.
    const stamp = search(addressOf(1), 24);
    assert.ok(stampBits(crypto, addressOf(1), stamp) >= 24);
    for (const bits of [25, -1, 1.5, Number.NaN]) assert.throws(() => search(addressOf(1), bits), RangeError);
    for (const length of [0, 31, 33]) assert.throws(() => search(new Uint8Array(length), 4), RangeError);
  });

  it('finds the stamps of the vectors', () => {
    const vectors = JSON.parse(readFileSync(new URL('../../vectors/stamps.json', import.meta.url), 'utf8'));
    for (const { bits, stamp, digest, has } of vectors.stamps) {
      const of = fromHex(vectors.address)!;
      assert.equal(toHex(search(of, bits)), stamp);
      assert.equal(toHex(crypto.hash('stamp', of, fromHex(stamp)!)), digest);
      assert.equal(stampBits(crypto, of, fromHex(stamp)!), has);
      assert.ok(has >= bits);
    }
  });
});

describe('the pool', () => {
  const pool = new StampingPool({ threads: 2 });
  after(() => pool.close());

  it('finds the same by threads as here, for many at once and in the order of asking', async () => {
    const wanted = Array.from({ length: 1_500 }, (_, number) => ({ at: addressOf(number), bits: number % 13 }));
    const stamps = await Promise.all(wanted.map(({ at, bits }) => pool.stamp(at, bits)));
    for (const [index, { at, bits }] of wanted.entries()) assert.equal(toHex(stamps[index]!), toHex(search(at, bits)));
    // Each has memory of its own: one that is kept does not keep its batch.
    assert.ok(stamps.every((stamp) => stamp.buffer.byteLength === STAMP_BYTES));
  });

  it('uses no thread for few bits', async () => {
    const broken = new StampingPool({ threads: 1, workerUrl: new URL('file:///no/such/worker.js') });
    assert.equal(toHex(await broken.stamp(addressOf(1), 6)), toHex(search(addressOf(1), 6)));
    await assert.rejects(broken.stamp(addressOf(1), 7), withCode('unexpected'));
    await broken.close();
  });

  it('refuses what cannot be sought', async () => {
    await assert.rejects(pool.stamp(addressOf(1), 25), RangeError);
    await assert.rejects(pool.stamp(new Uint8Array(31), 8), RangeError);
  });

  it('closing rejects what waits and what is being sought, and what is asked for after', async () => {
    const closing = new StampingPool({ threads: 1 });
    await closing.stamp(addressOf(1), 7);
    // Two are on the thread, for each is more than a batch; the third waits.
    const sought = [2, 3, 4].map((number) => closing.stamp(addressOf(number), 24));
    const outcomes = Promise.allSettled(sought);
    await new Promise((resolve) => setImmediate(resolve));
    await closing.close();
    for (const outcome of await outcomes) assert.ok(outcome.status === 'rejected' && withCode('busy')(outcome.reason));
    await assert.rejects(closing.stamp(addressOf(1), 4), withCode('busy'));
    await closing.close();
  });

  it('is bounded: more than 4,096 that wait are refused', async () => {
    const full = new StampingPool({ threads: 1 });
    const sought = Array.from({ length: 4_097 }, () => full.stamp(addressOf(1), 24));
    const outcomes = Promise.allSettled(sought);
    await assert.rejects(sought.at(-1)!, withCode('busy'));
    await full.close();
    assert.ok((await outcomes).every(({ status }) => status === 'rejected'));
  });

  it('lets a process end that waits for nothing, though nobody closed it', () => {
    const pool = new URL('../../../src-main/workers/stamps/stamper.ts', import.meta.url).href;
    const script = `
      import('${pool}')
        .then(({ StampingPool }) => new StampingPool({ threads: 1 }).stamp(new Uint8Array(32), 9))
        .then((stamp) => process.stdout.write(Buffer.from(stamp).toString('hex')));
    `;
    const run = spawnSync(process.execPath, ['--eval', script], { encoding: 'utf8', timeout: 60_000 });
    assert.equal(run.status, 0, run.stderr);
    assert.equal(run.stdout, toHex(search(new Uint8Array(32), 9)));
  });
});
