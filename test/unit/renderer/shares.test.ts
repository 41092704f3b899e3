import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerRows } from '../../../src-renderer/features/publish/answer-rows.ts';
import {
  conditionOf,
  healthWords,
  sharesSentence,
  sortShares,
  waitingSentence,
} from '../../../src-renderer/lib/shares.ts';
import { demoShares } from '../../support/demo-things.ts';

test('in lists: found, on its way, bad, missing, not asked; each by number', () => {
  const sorted = sortShares(demoShares('o.bmffo'));
  assert.deepEqual(
    sorted.map(({ state }) => state),
    ['found', 'found', 'moving', 'bad', 'missing', 'missing', 'unasked'],
  );
  assert.deepEqual(
    sorted.map(({ index }) => index),
    [5, 6, 4, 3, 1, 7, 2],
  );
});

test('the sentence for screen readers', () => {
  assert.equal(
    sharesSentence(demoShares('fffffffmoo'), 3),
    '7 of 10 shares found, 1 on its way, 2 missing. 3 are enough.',
  );
  assert.equal(sharesSentence(demoShares('f'), 1), '1 of 1 shares found. 1 is enough.');
  assert.equal(sharesSentence(demoShares('fb.'), 2), '1 of 3 shares found, 1 bad, 1 not asked. 2 are enough.');
});

test('nothing is said to be waited for when nothing is', () => {
  assert.equal(waitingSentence(demoShares('ffoo')), undefined);
});

test('how it stands', () => {
  assert.equal(conditionOf(demoShares('ffffffffff'), 3), 'good');
  assert.equal(conditionOf(demoShares('ffffffffoo'), 3), 'good');
  assert.equal(conditionOf(demoShares('fffffooooo'), 3), 'degraded');
  assert.equal(conditionOf(demoShares('ffoooooooo'), 3), 'bad');
  assert.equal(conditionOf(demoShares('fffffffffb'), 3), 'bad');
  assert.equal(conditionOf(demoShares('ffffffffff'), 3, false), 'bad');
  assert.equal(healthWords(demoShares('ffoooooooo'), 3, false), '2 of 10: too few to read it');
  assert.equal(healthWords(demoShares('ffffffffff'), 3, false), '10 of 10, but parts of it are missing');
  assert.equal(healthWords(demoShares('ffffffffbo'), 3), '8 of 10, 1 was bad');
});

test('shares with the same answer share a row', () => {
  const rows = answerRows(demoShares('ffffffffof'));
  assert.deepEqual(
    rows.map(({ shares, answer }) => [shares, answer]),
    [
      ['1 to 8', 'right'],
      ['9', 'stored, but not found yet'],
      ['10', 'right'],
    ],
  );
  assert.deepEqual(answerRows([]), []);
});
