import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatAgo,
  formatDuration,
  formatList,
  formatPercent,
  formatRate,
  formatSince,
  formatSize,
} from '../../../src-renderer/lib/format.ts';

/** Intl puts a narrow or no-break space between figure and unit. */
const plain = (text: string): string => text.replace(/[\u00a0\u202f]/g, ' ');

test('sizes', () => {
  assert.equal(plain(formatSize(0)), '0 bytes');
  assert.equal(plain(formatSize(1)), '1 byte');
  assert.equal(plain(formatSize(999)), '999 bytes');
  assert.equal(plain(formatSize(24_600_000)), '24.6 MB');
  assert.equal(plain(formatSize(310_000_000)), '310 MB');
  assert.equal(plain(formatSize(10e9)), '10 GB');
  assert.equal(plain(formatSize(3.2e9)), '3.2 GB');
});

test('a size is never written as 1,000 of its unit', () => {
  assert.equal(plain(formatSize(999_499)), '999 kB');
  assert.equal(plain(formatSize(999_500)), '1 MB');
  assert.equal(plain(formatSize(999_999_999)), '1 GB');
});

test('rates', () => {
  assert.equal(plain(formatRate(6_100_000)), '6.1 MB/s');
  assert.equal(plain(formatRate(412_000)), '412 kB/s');
});

test('per cent is 100 only when it is all, and 0 only when it is nothing', () => {
  assert.equal(formatPercent(1), '100%');
  assert.equal(formatPercent(0.999), '99%');
  assert.equal(formatPercent(0.0001), '1%');
  assert.equal(formatPercent(0), '0%');
  assert.equal(formatPercent(0.9999999, 2), '99.99%');
  assert.equal(formatPercent(0.945, 2), '94.5%');
  assert.equal(formatPercent(1.75), '100%');
});

test('lengths of time', () => {
  assert.equal(formatDuration(450), '450 milliseconds');
  assert.equal(formatDuration(4200), '4.2 seconds');
  assert.equal(formatDuration(17_000), '17 seconds');
  assert.equal(formatDuration(60_000), '60 seconds');
  assert.equal(formatDuration(240_000), '4 minutes');
  assert.equal(formatDuration(7_200_000), '2 hours');
  assert.equal(formatDuration(3 * 86_400_000), '3 days');
  assert.equal(formatDuration(-5), '0 milliseconds');
});

test('how long ago', () => {
  const now = Date.UTC(2026, 2, 14, 12);
  assert.equal(formatAgo(now - 10_000, now), 'now');
  assert.equal(formatAgo(now + 60_000, now), 'now');
  assert.equal(formatAgo(now - 20 * 60_000, now), '20 minutes ago');
  assert.equal(formatAgo(now - 7_200_000, now), '2 hours ago');
  assert.equal(formatAgo(now - 86_400_000, now), 'yesterday');
  assert.match(formatAgo(Date.UTC(2025, 0, 15, 12), now), /2025/);
});

test('since when: the time alone only today', () => {
  const now = new Date(2026, 2, 14, 12).getTime();
  assert.match(formatSince(new Date(2026, 2, 14, 8, 12).getTime(), now), /^0?8:12/);
  assert.match(formatSince(new Date(2026, 2, 12, 8, 12).getTime(), now), /Thursday/);
  assert.match(formatSince(new Date(2026, 1, 1).getTime(), now), /February/);
});

test('lists', () => {
  assert.match(formatList([4, 8, 9]), /^4, 8,? and 9$/);
  assert.equal(formatList([4]), '4');
});
