import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jobProgress, jobSentence } from '../../../src-renderer/lib/job-sentence.ts';
import { demoDeleteJob, demoKeepJob, demoUpdateJob } from '../../support/demo-changes.ts';
import {
  demoCheckJob,
  demoEntry,
  demoLink,
  demoOpenJob,
  demoPublishJob,
  demoShares,
} from '../../support/demo-things.ts';

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

test('an update: what it looks for, what it sends, what leads to it, how it ended', () => {
  const update = (over: Parameters<typeof demoUpdateJob>[2]): string =>
    plain(jobSentence(demoUpdateJob('T', demoLink('T'), over)));
  assert.equal(update({ stage: 'looking' }), 'Looking for all its editions');
  assert.equal(
    update({ bytesPerSecond: 1_400_000, secondsLeft: 3 }),
    'Sending what changed, 64 of 180 blocks, 1.4 MB/s, about 3 seconds left',
  );
  assert.equal(update({ stage: 'replacing' }), 'Leading earlier links to it');
  assert.equal(
    update({ stage: 'replacing', slotsWanted: 20, slotsReplaced: 8 }),
    'Leading earlier links to it, 8 of 20 places',
  );
  const done = { state: 'done', stage: 'done', edition: 3, slotsWanted: 20, slotsReplaced: 19 } as const;
  assert.equal(
    update({ ...done, outcome: 'published' }),
    'Edition 3 is published, and 19 of 20 places of earlier editions lead to it',
  );
  assert.equal(update({ ...done, outcome: 'unchanged' }), 'Nothing has changed since edition 3');
  assert.match(update({ ...done, outcome: 'resumed' }), /^Edition 3 had been published already/);
  assert.match(
    update({ ...done, outcome: 'published', change: 'password' }),
    /^The password is changed with edition 3/,
  );
  const progress = (over: Parameters<typeof demoUpdateJob>[2]): number | undefined =>
    jobProgress(demoUpdateJob('T', demoLink('T'), over)).done;
  assert.equal(progress({ stage: 'comparing' }), undefined);
  assert.equal(progress({}), 64 / 180);
  assert.equal(progress({ stage: 'replacing', slotsWanted: 20, slotsReplaced: 8 }), 0.4);
  assert.equal(progress({ stage: 'replacing' }), undefined);
});

test('a deletion says what it cannot do', () => {
  const job = demoDeleteJob('T', demoLink('T'));
  assert.equal(jobSentence(job), 'Writing the deletion, 9 of 20 places');
  assert.equal(jobProgress(job).done, 9 / 20);
  assert.equal(
    jobSentence({ ...job, state: 'done', stage: 'done', slotsReplaced: 20 }),
    'Deleted: 20 of 20 places say so. Who has a copy has a copy',
  );
});

test('looking after it: what is held and what was put back', () => {
  const entry = demoEntry('T');
  assert.equal(jobSentence(demoKeepJob(entry)), 'Looking after its blocks, 80 of 192, put back 2 blocks');
  assert.equal(jobProgress(demoKeepJob(entry)).done, 80 / 192);
  const { blocksTotal: _, ...early } = demoKeepJob(entry, { shares: demoShares('fffm......') });
  assert.match(jobSentence(early), /^Asking for its shares, 3 of 10\. Share 4 is being waited for/);
  assert.equal(
    jobSentence(demoKeepJob(entry, { state: 'done', blocksHeld: 192, sharesPutBack: 1, blocksPutBack: 0 })),
    'Looked after: 10 of 10 shares and 192 of 192 blocks held, put back 1 share',
  );
});

test('what was interrupted is paused, and says that it can go on', () => {
  const job = demoPublishJob('T', { state: 'interrupted' });
  assert.match(jobSentence(job), /^Interrupted when the node ended/);
  assert.deepEqual(jobProgress(job), { done: 868 / 1127, moving: 0, state: 'paused' });
});
