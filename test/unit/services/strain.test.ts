/** What the node costs its process: the time that its loop came late, and how much of that was its own work. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { StrainMeter } from '../../../src-main/services/node/strain.ts';

/** Longer than anything else that a test's process does in one turn. */
const WORK_MS = 120;

/** Holds the loop up, working. */
function work(): void {
  const { user } = process.threadCpuUsage();
  while (process.threadCpuUsage().user - user < WORK_MS * 1_000);
}

/** Holds the loop up, doing nothing. */
function wait(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WORK_MS);
}

/** The meter sees a turn at its next look at the clock. */
async function after(meter: StrainMeter, hold: () => void): Promise<ReturnType<StrainMeter['look']>> {
  meter.look();
  // It looks at its clock first, so that what is held up begins after that.
  await pause(50);
  meter.look();
  hold();
  await pause(50);
  return meter.look();
}

test('nothing is measured before somebody asks, and memory is told at once', () => {
  const { lateMs, busyMs, memory } = new StrainMeter().look();
  assert.equal(lateMs, undefined);
  assert.equal(busyMs, undefined);
  assert.ok(memory.heapBytes > 0 && memory.residentBytes > memory.heapBytes);
});

test('own work makes the loop late, and is told as its own', async () => {
  const { lateMs, busyMs } = await after(new StrainMeter(), work);
  assert.ok(lateMs!.most >= WORK_MS - 15, `late by ${lateMs!.most} ms`);
  assert.ok(busyMs!.most >= WORK_MS - 15, `worked ${busyMs!.most} ms`);
  assert.ok(busyMs!.p99 >= busyMs!.median);
});

test('what the thread waited for is late, and no work of its own', async () => {
  const { lateMs, busyMs } = await after(new StrainMeter(), wait);
  assert.ok(lateMs!.most >= WORK_MS - 15, `late by ${lateMs!.most} ms`);
  assert.ok(busyMs!.most < WORK_MS / 2, `worked ${busyMs!.most} ms`);
});

test('what was told once is not told again', async () => {
  const meter = new StrainMeter();
  await after(meter, work);
  await pause(50);
  const { lateMs, busyMs } = meter.look();
  assert.ok(lateMs!.samples > 0);
  assert.ok(busyMs!.most < WORK_MS - 15, `worked ${busyMs!.most} ms`);
});

test('a minute after the last question the measuring ends, and begins anew with the next', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const meter = new StrainMeter();
  meter.look();
  context.mock.timers.tick(100);
  assert.equal(meter.look().lateMs!.samples, 10);
  context.mock.timers.tick(60_000);
  context.mock.timers.tick(1_000);
  assert.equal(meter.look().lateMs, undefined);
  context.mock.timers.tick(100);
  assert.equal(meter.look().lateMs!.samples, 10);
});
