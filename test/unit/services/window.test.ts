import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAX_WINDOW, MIN_WINDOW, Window } from '../../../src-main/services/flow/window.ts';

describe('window', () => {
  it('grows and shrinks within its bounds', () => {
    const window = new Window();
    for (let count = 0; count < 1_000; count += 1) window.grow();
    assert.equal(window.size, MAX_WINDOW);
    for (let count = 0; count < 10; count += 1) window.shrink();
    assert.equal(window.size, MAX_WINDOW / 2, 'one burst of refusals is one sign');
    for (let round = 0; round < 50; round += 1) {
      for (let count = 0; count < window.size; count += 1) window.grow();
      window.shrink();
      window.shrink();
    }
    assert.ok(window.size >= MIN_WINDOW);
  });
});
