import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Pace } from '../../../src-main/services/shares/pace.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const never = new AbortController().signal;

/** Lets what was resolved go on. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function paced(limit: { bytesPerSecond: number }) {
  const clock = new ManualClock();
  const pace = new Pace(clock, () => limit.bytesPerSecond);
  let taken = 0;
  const take = (sizeBytes: number, signal = never): Promise<void> =>
    pace.take(sizeBytes, signal).then(() => void (taken += sizeBytes));
  const pass = async (milliseconds: number): Promise<void> => {
    for (let passed = 0; passed < milliseconds; passed += 50) {
      clock.advance(50);
      await turn();
    }
  };
  return { take, pass, taken: () => taken };
}

describe('the pace of hashing', () => {
  it('is free without a limit', async () => {
    const { take, taken } = paced({ bytesPerSecond: 0 });
    await take(10 ** 9);
    assert.equal(taken(), 10 ** 9);
  });

  it('gives as much as is due, and no more', async () => {
    const { take, pass, taken } = paced({ bytesPerSecond: 1_000 });
    const reading = (async () => {
      for (let count = 0; count < 10; count += 1) await take(1_000);
    })();
    await pass(5_000);
    assert.ok(taken() >= 4_000 && taken() <= 5_250, `${taken()}`);
    await pass(6_000);
    await reading;
  });

  it('saves up a moment, not an hour', async () => {
    const { take, pass, taken } = paced({ bytesPerSecond: 1_000 });
    await pass(3_600_000 / 100);
    const reading = take(2_000);
    await pass(1_500);
    assert.equal(taken(), 0);
    await pass(1_000);
    await reading;
  });

  it('notices a limit that changes while it is waited for', async () => {
    const limit = { bytesPerSecond: 1 };
    const { take, pass } = paced(limit);
    const reading = take(1_000_000);
    await pass(1_000);
    limit.bytesPerSecond = 0;
    await pass(300);
    await reading;
  });

  it('ends by the signal', async () => {
    const abort = new AbortController();
    const { take } = paced({ bytesPerSecond: 1 });
    const reading = take(1_000_000, abort.signal);
    abort.abort();
    await assert.rejects(reading);
  });
});
