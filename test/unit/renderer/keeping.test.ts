import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isKept, keepJobOf, lastLookSentence, putBackWords } from '../../../src-renderer/lib/keeping.ts';
import { demoKeepJob } from '../../support/demo-changes.ts';
import { demoEntry } from '../../support/demo-things.ts';

const KEPT = { 'keep-published': true };
const last = {
  atMs: 0,
  sharesHeld: 10,
  sharesPutBack: 0,
  blocksTotal: 192,
  blocksHeld: 192,
  blocksPutBack: 2,
  blocksLost: 0,
};

test('what was published is kept as the setting says, whatever else as the person said', () => {
  const published = demoEntry('T');
  const opened = demoEntry('T', { origin: 'opened' });
  assert.equal(isKept(published, KEPT, undefined), true);
  assert.equal(isKept(published, { 'keep-published': false }, undefined), false);
  assert.equal(isKept(opened, KEPT, undefined), false);
  assert.equal(isKept({ ...opened, keep: { on: true, nextSegment: 0 } }, KEPT, undefined), true);
  assert.equal(isKept({ ...published, keep: { on: false, nextSegment: 0 } }, KEPT, undefined), false);
  assert.equal(isKept({ ...published, deletedMs: 1 }, KEPT, undefined), false);
});

test('the first look, which runs before anything is noted, counts', () => {
  const opened = demoEntry('T', { origin: 'opened' });
  const job = demoKeepJob(opened);
  assert.equal(keepJobOf(opened, [demoKeepJob(demoEntry('Other')), job]), job);
  assert.equal(isKept(opened, KEPT, job), true);
  assert.equal(isKept(opened, KEPT, { ...job, state: 'done' }), false);
});

test('the line about the last look', () => {
  assert.equal(
    lastLookSentence(last, 10, 3 * 3_600_000),
    'Kept alive from here: 10 of 10 shares and 192 of 192 blocks held; looked after 3 hours ago, put back 2 blocks.',
  );
  assert.equal(putBackWords(1, 2), 'put back 1 share and 2 blocks');
  assert.equal(putBackWords(0, 0), 'nothing had to be put back');
});
