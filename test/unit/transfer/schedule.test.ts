/** Other limits at some hours: read strictly, over midnight, changed live, told to the node only when they are others. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clockTime, formatSchedule, parseSchedule, periodAt } from '../../../shared/base/schedules.ts';
import { isRate, parseSetting } from '../../../shared/ipc/settings.ts';
import type { TransferRates } from '../../../src-main/core/transfer/effects.ts';
import { Settings } from '../../../src-main/services/settings/settings.ts';
import { Limits } from '../../../src-main/services/transfers/limits.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { MemorySettingsStore } from '../../support/memory-stores.ts';

const NIGHT = '22:00-07:00 up=0 down=0; 12:00-13:00 up=200000 user=50000';
const at = (hour: number, minute = 0): number => hour * 60 + minute;

test('a schedule is read to the letter, and says the same again', () => {
  const periods = parseSchedule(NIGHT, isRate)!;
  assert.deepEqual(periods, [
    { from: at(22), to: at(7), up: 0, down: 0 },
    { from: at(12), to: at(13), up: 200_000, user: 50_000 },
  ]);
  assert.equal(formatSchedule(periods), NIGHT);
  assert.deepEqual(parseSchedule('', isRate), []);
  assert.deepEqual(parseSchedule(`  ${NIGHT.replace('; ', ';  ')} `, isRate), periods);
});

for (const text of [
  ...['22:00', '22:00-07:00', '22:00-24:00 up=0', '7:00-8:00 up=0', '22:60-23:00 up=0', '10:00-10:00 up=0'],
  ...['22:00-07:00 up=0 up=1', '22:00-07:00 up=5', '22:00-07:00 up=-1', '22:00-07:00 left=0', '22:00-07:00 up=0,', ';'],
  ...['22:00-07:00 up=99999999999999', Array.from({ length: 9 }, () => '22:00-07:00 up=0').join(';')],
]) {
  test(`${JSON.stringify(text.slice(0, 40))} is no schedule`, () => {
    assert.equal(parseSchedule(text, isRate), undefined);
    assert.equal(typeof parseSetting('transfer-schedule', text), 'object');
  });
}

test('a period goes over midnight, to before its last minute; the first that fits counts', () => {
  const periods = parseSchedule('22:00-07:00 up=0; 00:00-12:00 up=50000', isRate)!;
  const upAt = (minute: number): number | undefined => periodAt(periods, minute)?.up;
  assert.deepEqual([at(21, 59), at(22), at(23, 59), at(0), at(6, 59), at(7), at(11, 59), at(12)].map(upAt), [
    ...[undefined, 0, 0, 0, 0, 50_000, 50_000, undefined],
  ]);
  assert.equal(clockTime(at(7, 5)), '07:05');
});

test('limits change at the hour and with the settings, and the node is told when they do', async () => {
  const clock = new ManualClock(0);
  const settings = await Settings.load(new MemorySettingsStore());
  const applied: TransferRates[] = [];
  const limits = new Limits({
    ...{ clock, settings },
    minuteOfDay: (atMs) => Math.floor(atMs / 60_000) % 1_440,
    apply: (rates) => applied.push(rates),
  });
  limits.begin();
  const none = { upBytesPerSecond: 0, downBytesPerSecond: 0, userUpBytesPerSecond: 0 };
  assert.deepEqual(applied, [none]);
  await settings.set('transfer-up-bytes-per-second', 100_000);
  await settings.set('transfer-schedule', '01:00-02:00 up=400000 down=300000');
  assert.deepEqual(applied.splice(0), [none, { ...none, upBytesPerSecond: 100_000 }]);
  clock.advance(59 * 60_000 + 59_000);
  assert.deepEqual(applied, [], 'nothing changes before the hour');
  clock.advance(1_000);
  const night = { ...none, upBytesPerSecond: 400_000, downBytesPerSecond: 300_000 };
  assert.deepEqual(applied.splice(0), [night]);
  assert.deepEqual(limits.now(), { ...night, untilMinute: 120 });
  await settings.set('user-up-bytes-per-second', 50_000);
  assert.deepEqual(applied.splice(0), [{ ...night, userUpBytesPerSecond: 50_000 }]);
  await settings.set('text-percent', 110);
  assert.deepEqual(applied, [], 'other settings are no limits');
  clock.advance(60 * 60_000);
  assert.deepEqual(applied.splice(0), [{ ...none, upBytesPerSecond: 100_000, userUpBytesPerSecond: 50_000 }]);
  limits.close();
  await settings.set('transfer-up-bytes-per-second', 0);
  clock.advance(24 * 60 * 60_000);
  assert.deepEqual(applied, [], 'closed');
});
