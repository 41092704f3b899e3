/** A process of its own: it measures how much of a large file is in memory while it is published. */
import assert from 'node:assert/strict';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { MIB } from '../../../shared/base/units.ts';
import { blockCount } from '../../../src-main/core/publish/block-list.ts';
import { createTestPublisher } from '../../support/publishing.ts';

it('256 MiB are published in less than 128 MiB of memory', async () => {
  let most = 0;
  const test = await createTestPublisher({
    keep: false,
    delayInsert: () => {
      most = Math.max(most, process.memoryUsage.rss());
      return undefined;
    },
  });
  try {
    const small = join(test.directory, 'small.bin');
    const large = join(test.directory, 'large.bin');
    for (const [path, sizeBytes] of [
      [small, 2 * MIB],
      [large, 256 * MIB],
    ] as const) {
      const file = await open(path, 'w');
      await file.truncate(sizeBytes);
      await file.close();
    }
    // The first brings the thread and the libraries in, which do not grow with the file.
    assert.equal((await test.publish(small)).state, 'done');
    const before = process.memoryUsage.rss();
    most = before;
    const job = await test.publish(large);
    assert.equal(job.state, 'done', JSON.stringify(job.error));
    assert.equal(job.blocksSent, blockCount(256 * MIB, 7));
    assert.ok(
      test.network.mostInFlight <= 64 && test.network.mostInFlight >= 16,
      `${test.network.mostInFlight} in flight`,
    );
    assert.ok(most - before < 128 * MIB, `${Math.round((most - before) / MIB)} MiB more at most`);
  } finally {
    await test.close();
  }
});
