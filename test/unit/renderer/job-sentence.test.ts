import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jobProgress, jobSentence } from '../../../src-renderer/lib/job-sentence.ts';
import { demoCheckJob, demoEntry, demoOpenJob, demoPublishJob, demoShares } from '../../support/demo-contract.ts';

const plain = (text: string): string => text.replace(/[\u00a0\u202f]/g, ' ');

test('what happens, the rate and the time left', () => {
  assert.equal(plain(jobSentence(demoPublishJob('T'))), 'Sending, 868 of 1,127 blocks, 1.4 MB/s, about 6 seconds left');
});

test('what is unknown is left out', () => {
  const { bytesPerSecond: _, secondsLeft: __, ...job } = demoPublishJob('T');
  assert.equal(jobSentence(job), 'Sending, 868 of 1,127 blocks');
});

test('for whom it waits, and the longest', () => {
  const {
    bytesPerSecond: _,
    secondsLeft: __,
    ...job
  } = demoPublishJob('T', { stage: 'shares', shares: demoShares('fffffffmm.') });
  assert.equal(
    jobSentence(job),
    'Placing its shares, 7 of 10. Shares 8 and 9 are being waited for, the longest for 1.1 seconds',
  );
  const one = { ...job, shares: demoShares('fffffff..m') };
  assert.equal(jobSentence(one), 'Placing its shares, 7 of 10. Share 10 is being waited for, 1.2 seconds so far');
});

test('opening counts against what is needed', () => {
  assert.match(
    jobSentence(demoOpenJob('T')),
    /^Looking for its shares, 2 of the 3 that are needed\. Shares 4, 8,? and 9/,
  );
  assert.equal(
    plain(jobSentence(demoOpenJob('T', { stage: 'blocks', bytesDone: 1_200_000, bytesTotal: 4_000_000 }))),
    'Fetching it, 1.2 MB of 4 MB verified',
  );
  assert.equal(jobSentence(demoOpenJob('T', { stage: 'blocks' })), 'Fetching it');
});

test('how it ended', () => {
  const entry = demoEntry('T');
  assert.equal(
    jobSentence(demoPublishJob('T', { state: 'done', fetchedBack: demoShares('ffffffffof') })),
    'Published, and 9 of 10 shares came back through other paths',
  );
  assert.equal(jobSentence(demoPublishJob('T', { state: 'done' })), 'Published');
  assert.equal(jobSentence(demoPublishJob('T', { state: 'cancelled' })), 'Stopped by you');
  assert.equal(
    jobSentence(demoPublishJob('T', { state: 'failed', error: { code: 'busy', message: 'All were busy.' } })),
    'All were busy.',
  );
  assert.equal(
    jobSentence(demoCheckJob(entry, { state: 'done', retrievable: false, shares: demoShares('ffoooooooo') })),
    'Checked: 2 of 10 shares answered, and it cannot be read now',
  );
});

test('the bar: of what the sentence names', () => {
  assert.equal(jobProgress(demoPublishJob('T')).done, 868 / 1127);
  assert.equal(jobProgress(demoOpenJob('T')).done, 2 / 3);
  assert.equal(jobProgress(demoPublishJob('T', { state: 'done' })).done, 1);
  assert.deepEqual(jobProgress(demoOpenJob('T', { stage: 'blocks' })), { moving: 0, state: 'waiting' });
  assert.equal(jobProgress(demoPublishJob('T', { state: 'failed' })).state, 'failed');
  assert.equal(jobProgress(demoPublishJob('T', { state: 'failed' })).done, 868 / 1127);
});

test('never beyond its ends, whatever the node says', () => {
  for (const job of [
    demoPublishJob('T', { stage: 'reading', sizeBytes: 0, sealedBytes: 0 }),
    demoPublishJob('T', { blocksTotal: 0, blocksSent: 0 }),
    demoPublishJob('T', { blocksTotal: 5, blocksSent: 9 }),
    demoOpenJob('T', { k: 2, shares: demoShares('fffffmmmmm') }),
  ]) {
    const { done = 0, moving } = jobProgress(job);
    assert.ok(done >= 0 && done <= 1 && moving >= 0 && moving <= 1, JSON.stringify({ done, moving }));
  }
});
