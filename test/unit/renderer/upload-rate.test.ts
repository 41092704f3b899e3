import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UploadRate } from '../../../src-renderer/lib/upload-rate.ts';

test('how fast an upload goes follows the last seconds, and says nothing before there is something to tell by', () => {
  const rate = new UploadRate();
  assert.equal(rate.add(0, 0), undefined);
  assert.equal(rate.add(900, 900), undefined);
  assert.equal(rate.add(2_000, 2_000), 1_000);
  // Ten times as fast from here on: what was before is forgotten after five seconds.
  for (let second = 3; second <= 12; second += 1) rate.add(2_000 + (second - 2) * 10_000, second * 1_000);
  assert.equal(rate.add(112_000, 13_000), 10_000);
  rate.forget();
  assert.equal(rate.add(500_000, 14_000), undefined, 'what was here before was not sent');
  assert.equal(rate.add(501_000, 15_000), 1_000);
});
