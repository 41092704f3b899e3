import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keptSpan } from '../../../src-main/services/node/kept-span.ts';

const spread = (counts: Record<number, number>): number[] =>
  Array.from({ length: 256 }, (_, part) => counts[part] ?? 0);

test('nothing kept has no span', () => {
  assert.equal(keptSpan(spread({}), 0.3), undefined);
});

test('the arc holds nine of ten, and one stray does not stretch it', () => {
  const near = keptSpan(spread({ 126: 50, 127: 50, 128: 50, 129: 50, 0: 3 }), 0.5);
  assert.ok(near !== undefined && near > 0.005 && near < 0.02, String(near));
  const half = keptSpan(spread({ 128: 50, 0: 50 }), 0.5);
  assert.ok(half !== undefined && half > 0.49);
});

test('the arc goes over the top of the circle', () => {
  const span = keptSpan(spread({ 254: 10, 255: 10, 0: 10, 1: 10 }), 0);
  assert.ok(span !== undefined && span < 0.01, String(span));
});
