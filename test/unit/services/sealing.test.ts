import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { bytesEqual } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { plaintextDigest } from '../../../src-main/core/publish/manifest.ts';
import { openPiece, PIECE_BYTES, pieceCount } from '../../../src-main/core/publish/piece.ts';
import { codedCount, SegmentEncoder } from '../../../src-main/core/publish/segments.ts';
import { verifyRecord } from '../../../src-main/core/wire/record.ts';
import { createCombiner } from '../../../src-main/workers/coding/combiner.ts';
import { SealingPool } from '../../../src-main/workers/sealing/pool.ts';
import { createSodiumCrypto } from '../../../src-main/workers/sodium/crypto.ts';

const crypto = createSodiumCrypto();
const combiner = createCombiner();
const withCode = (code: string) => (thrown: unknown) => thrown instanceof BroadsideError && thrown.code === code;

describe('sealing pool', () => {
  let directory = '';
  let pool: SealingPool;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'broadside-sealing-'));
    pool = new SealingPool({ threads: 1 });
  });
  after(async () => {
    await pool.close();
    await rm(directory, { recursive: true, force: true });
  });
  const fileOf = async (name: string, sizeBytes: number) => {
    const content = new Uint8Array(randomBytes(sizeBytes));
    const absolutePath = join(directory, name);
    await writeFile(absolutePath, content);
    return { content, file: { absolutePath, sizeBytes, path: name, key: new Uint8Array(randomBytes(32)), least: 7 } };
  };

  it('hashes a file without sealing it, and tells how far it is', async () => {
    for (const sizeBytes of [0, 1, PIECE_BYTES, 3_000_000]) {
      const { content, file } = await fileOf(`h-${sizeBytes}`, sizeBytes);
      let total = 0;
      const digest = await pool.hash(file, (read) => (total += read));
      assert.deepEqual(digest, plaintextDigest(crypto, content));
      assert.equal(total, sizeBytes);
    }
    const { file } = await fileOf('h-changed', 100);
    await writeFile(file.absolutePath, 'shorter');
    await assert.rejects(
      pool.hash(file, () => undefined),
      withCode('usage'),
    );
    const { file: large } = await fileOf('h-aborted', 3_000_000);
    const abort = new AbortController();
    const hashing = pool.hash(large, () => abort.abort(new BroadsideError('cancelled', 'enough')), abort.signal);
    await assert.rejects(hashing, withCode('cancelled'));
  });

  for (const sizeBytes of [
    1,
    PIECE_BYTES - 1,
    PIECE_BYTES,
    PIECE_BYTES + 1,
    16 * PIECE_BYTES,
    16 * PIECE_BYTES + 1,
    128 * PIECE_BYTES,
    129 * PIECE_BYTES,
    3_000_000,
  ]) {
    it(`${sizeBytes} bytes: records verify, open in order, check blocks follow, and the digest is of the plaintext`, async () => {
      const { content, file } = await fileOf(`f-${sizeBytes}`, sizeBytes);
      const encoder = new SegmentEncoder(combiner, pieceCount(sizeBytes), file.least);
      const checks: Uint8Array[] = [];
      let piece = 0;
      let sent = 0;
      let total = 0;
      const digest = await pool.seal(file, async ({ records, addresses, plaintextBytes }) => {
        total += plaintextBytes;
        for (const [index, record] of records.entries()) {
          const verified = verifyRecord(crypto, record, addresses[index]!);
          assert.ok(verified.ok);
          const { payload } = verified.value.record;
          sent += 1;
          if (checks.length > 0) {
            assert.deepEqual(payload, checks.shift());
            continue;
          }
          const opened = openPiece(crypto, file.key, piece, sizeBytes, payload);
          checks.push(...encoder.add(payload));
          assert.ok(
            opened.ok && bytesEqual(opened.value, content.subarray(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES)),
          );
          piece += 1;
        }
      });
      assert.equal(total, sizeBytes);
      assert.equal(piece, pieceCount(sizeBytes));
      assert.equal(sent, codedCount(piece, file.least));
      assert.deepEqual(checks, []);
      assert.deepEqual(digest, plaintextDigest(crypto, content));
    });
  }

  it('makes no more ahead than two batches, and a slow one holds up nobody', async () => {
    const { file: slow } = await fileOf('slow', 200 * PIECE_BYTES);
    const { file: quick, content } = await fileOf('quick', 100 * PIECE_BYTES);
    const gate = Promise.withResolvers<void>();
    let slowBatches = 0;
    const first = Promise.withResolvers<void>();
    const slowDone = pool.seal(slow, async () => {
      slowBatches += 1;
      first.resolve();
      await gate.promise;
    });
    await first.promise;
    assert.deepEqual(await pool.seal(quick, async () => undefined), plaintextDigest(crypto, content));
    assert.equal(slowBatches, 1);
    gate.resolve();
    await slowDone;
    // 128 pieces, 64 check blocks, 72 pieces, 36 check blocks, 16 at a time.
    assert.equal(slowBatches, 8 + 4 + 5 + 3);
  });

  it('refuses what is missing, linked, or of another size than surveyed, naming it', async () => {
    const { file } = await fileOf('target', 100);
    await symlink(file.absolutePath, join(directory, 'link'));
    const ignore = async () => undefined;
    for (const change of [
      { absolutePath: join(directory, 'gone') },
      { absolutePath: join(directory, 'link') },
      { sizeBytes: 99 },
      { sizeBytes: 101 },
      { absolutePath: directory },
    ]) {
      await assert.rejects(
        pool.seal({ ...file, ...change, path: 'the name' }, ignore),
        (thrown) => withCode('usage')(thrown) && /the name/.test((thrown as Error).message),
      );
    }
  });

  it('stops for the signal and for a receiver that throws, and goes on with others', async () => {
    const { file, content } = await fileOf('stopped', 100 * PIECE_BYTES);
    const abort = new AbortController();
    await assert.rejects(
      pool.seal(file, async () => abort.abort(new BroadsideError('cancelled', 'x')), abort.signal),
      withCode('cancelled'),
    );
    await assert.rejects(
      pool.seal(file, () => Promise.reject(new Error('no more'))),
      /no more/,
    );
    assert.deepEqual(await pool.seal(file, async () => undefined), plaintextDigest(crypto, content));
  });

  it('a thread that cannot start fails its files, and closing fails what is under way', async () => {
    const { file } = await fileOf('unlucky', 100 * PIECE_BYTES);
    const broken = new SealingPool({ threads: 1, workerUrl: new URL('file:///no/such/worker.js') });
    await assert.rejects(
      broken.seal(file, async () => undefined),
      withCode('unexpected'),
    );
    await broken.close();
    const closing = new SealingPool({ threads: 2 });
    const sealing = closing.seal(file, () => closing.close());
    await assert.rejects(sealing, BroadsideError);
    await assert.rejects(
      closing.seal(file, async () => undefined),
      withCode('busy'),
    );
  });
});
