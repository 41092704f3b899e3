import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TrafficMeter } from '../../../src-main/services/node/traffic-meter.ts';
import { ManualClock } from '../../support/manual-clock.ts';

test('rates over the last second, and a sample every ten for an hour', () => {
  const clock = new ManualClock();
  const totals = { inBytes: 0, outBytes: 0 };
  const meter = new TrafficMeter(clock, () => ({ ...totals }));
  meter.start();
  totals.inBytes = 5_000;
  clock.advance(1_000);
  assert.deepEqual(meter.rate(), { inBytes: 5_000, outBytes: 0 });
  clock.advance(9_000);
  assert.equal(meter.history().length, 1);
  assert.equal(meter.history()[0]!.inBytesPerSecond, 500);
  clock.advance(2 * 3_600_000);
  assert.equal(meter.history().length, 360);
  assert.equal(meter.history().at(-1)!.inBytesPerSecond, 0);
  meter.stop();
  const last = meter.history().at(-1);
  clock.advance(60_000);
  assert.equal(meter.history().at(-1), last);
});
