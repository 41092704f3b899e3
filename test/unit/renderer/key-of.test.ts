import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyOf } from '../../../src-renderer/lib/key-of.ts';

const press = (key: string, code: string, shiftKey = false): string => keyOf({ key, code, shiftKey });

test('a keyboard that writes Latin letters means what it writes, wherever they stand', () => {
  assert.equal(press('n', 'KeyN'), 'n');
  assert.equal(press('N', 'KeyN', true), 'n');
  // A French one has its A where others have Q.
  assert.equal(press('a', 'KeyQ'), 'a');
  assert.equal(press('/', 'Digit7', true), '/');
  assert.equal(press('ö', 'Semicolon'), 'ö');
});

test('a keyboard of another script means the place', () => {
  assert.equal(press('ى', 'KeyN'), 'n');
  assert.equal(press('т', 'KeyN'), 'n');
  assert.equal(press('٣', 'Digit3'), '3');
  assert.equal(press('ظ', 'Slash'), '/');
  assert.equal(press('؟', 'Slash', true), '?');
});

test('keys with names keep them', () => {
  assert.equal(press('ArrowLeft', 'ArrowLeft'), 'ArrowLeft');
  assert.equal(press('Escape', 'Escape'), 'Escape');
  assert.equal(press(' ', 'Space'), ' ');
});
