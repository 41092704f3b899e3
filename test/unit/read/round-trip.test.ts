/** What the real publisher publishes, the real reader reads: no builder of the tests' own between them. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { bytesEqual } from '../../../shared/base/bytes.ts';
import { PIECE_BYTES } from '../../../src-main/core/publish/piece.ts';
import { checkPublication } from '../../../src-main/services/read/check.ts';
import { linkFromText } from '../../../src-main/services/read/gather.ts';
import { getPublication } from '../../../src-main/services/read/get.ts';
import { createCombiner } from '../../../src-main/workers/coding/combiner.ts';
import { EagerClock } from '../../support/eager-clock.ts';
import { createTestPublisher } from '../../support/publishing.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { pattern } from './world.ts';

it('a site with files of every kind of size comes back to the byte', async () => {
  const publisher = await createTestPublisher();
  const target = await mkdtemp(join(tmpdir(), 'broadside-round-trip-'));
  try {
    const source = join(publisher.directory, 'round trip');
    const files: Record<string, Uint8Array> = {
      'index.html': new TextEncoder().encode('<title>Minutes of the harbour</title><p>Hello.'),
      'empty.txt': new Uint8Array(),
      'a/piece.bin': pattern(PIECE_BYTES, 1),
      'a/more.bin': pattern(PIECE_BYTES + 1, 2),
      'a/b/large.bin': pattern(70 * PIECE_BYTES + 3, 3),
      'ملف 報告.txt': pattern(40_000, 4),
    };
    for (const [path, bytes] of Object.entries(files)) {
      await mkdir(join(source, path, '..'), { recursive: true });
      await writeFile(join(source, path), bytes);
    }
    const job = await publisher.publish(source);
    assert.equal(job.state, 'done', JSON.stringify(job.error));
    const deps = {
      network: publisher.network,
      crypto: publisher.crypto,
      combiner: createCombiner(),
      random: seededRandom(3),
      clock: new EagerClock(),
    };
    const result = await getPublication(deps, { link: job.link!, directory: target });
    assert.deepEqual(await readdir(target), ['Minutes of the harbour']);
    for (const [path, bytes] of Object.entries(files)) {
      assert.ok(bytesEqual(await readFile(join(result.path, path)), bytes), path);
    }
    const health = await checkPublication(deps, linkFromText(job.link!));
    assert.equal(health.retrievable, true);
    assert.ok(health.shares.every((share) => share.valid));
    assert.equal(health.blocks.found, 20);
  } finally {
    await publisher.close();
    await rm(target, { recursive: true, force: true });
  }
});
