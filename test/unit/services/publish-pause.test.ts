/** A publication that rests while it is sent, and goes on: in the same run of the node, and in the next. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { bytesEqual } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { PublishJob } from '../../../shared/ipc/model.ts';
import { createSodiumCrypto } from '../../../src-main/workers/sodium/crypto.ts';
import { Interruption, interruptedJobs, MAX_AGAIN } from '../../support/interruption.ts';
import { readBack } from '../../support/publishing.ts';
import type { TestPublisher } from '../../support/publishing.ts';
import { pattern } from '../read/world.ts';

const crypto = createSodiumCrypto();
const SIZE = 12 * 1024 * 1024;
const REQUEST = { k: 3, n: 10, class: 'fixed' } as const;
/** More turns of the event loop than anything that waits for nothing needs. */
const MANY_TURNS = 200;

describe('a publication that is paused', () => {
  let interruption: Interruption;
  let path: string;
  let bytes: Uint8Array;

  beforeEach(async () => {
    interruption = await Interruption.create();
    bytes = pattern(SIZE);
    path = await interruption.file('large.bin', bytes);
  });
  afterEach(() => interruption.close());

  /** Publishes until so many were handed over, pauses, and lets what is on its way arrive. */
  async function paused(test: TestPublisher): Promise<string> {
    const { network } = interruption;
    const reached = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    network.options.delayInsert = () => {
      if (network.insertCount < 60) return undefined;
      reached.resolve();
      return release.promise;
    };
    const id = await test.publisher.start({ source: { kind: 'path', path }, ...REQUEST });
    await reached.promise;
    test.publisher.pause(id);
    release.resolve();
    delete network.options.delayInsert;
    return id;
  }
  const job = (test: TestPublisher, id: string): PublishJob => test.jobs.get(id) as PublishJob;

  it('sends nothing more, says so, and goes on in the same job', async () => {
    const test = await interruption.node();
    const id = await paused(test);
    for (let count = 0; count < MANY_TURNS; count += 1) await turn();
    const rests = interruption.network.insertCount;
    for (let count = 0; count < MANY_TURNS; count += 1) await turn();
    assert.equal(interruption.network.insertCount, rests, 'nothing was sent while it rested');
    const now = job(test, id);
    assert.deepEqual([now.state, now.isPaused, now.stage], ['running', true, 'sending']);
    assert.equal(now.bytesPerSecond, undefined);
    assert.ok(now.blocksSent > 0 && now.blocksSent < now.blocksTotal);

    assert.equal(test.jobs.unpause(id), true);
    assert.equal(test.jobs.unpause(id), false);
    const ended = (await test.jobs.settled(id)) as PublishJob;
    assert.deepEqual([ended.state, ended.isPaused], ['done', undefined]);
    assert.ok(bytesEqual(readBack(crypto, interruption.network, ended.link!).files.get('large.bin')!, bytes));
  });

  it('can be cancelled while it rests', async () => {
    const test = await interruption.node();
    const id = await paused(test);
    test.jobs.cancel(id);
    const { state } = await test.jobs.settled(id);
    assert.equal(state, 'cancelled');
  });

  it('rests over the end of the node, and what arrived is not sent again', async () => {
    const test = await interruption.node();
    const id = await paused(test);
    for (let count = 0; count < MANY_TURNS; count += 1) await turn();
    const { blocksSent } = job(test, id);
    await test.jobs.close();

    const next = await interruption.node();
    const [left] = interruptedJobs(next, 'publish');
    assert.equal(left?.canResume, true);
    const count = interruption.countInserts();
    const resumed = await next.publisher.resume(left!.id, undefined);
    const ended = (await next.jobs.settled(resumed)) as PublishJob;
    assert.equal(ended.state, 'done', ended.error?.message);
    assert.ok(count().again <= MAX_AGAIN, `${count().again} of ${blocksSent} again`);
    assert.ok(bytesEqual(readBack(crypto, interruption.network, ended.link!).files.get('large.bin')!, bytes));
  });

  it('is refused for what is not sending', async () => {
    const test = await interruption.node();
    const id = await test.publisher.start({ source: { kind: 'path', path }, ...REQUEST });
    await test.jobs.settled(id);
    assert.throws(
      () => test.publisher.pause(id),
      (thrown) => thrown instanceof BroadsideError && thrown.code === 'usage',
    );
    assert.throws(
      () => test.publisher.pause('nothing'),
      (thrown) => thrown instanceof BroadsideError && thrown.code === 'not-found',
    );
  });
});
