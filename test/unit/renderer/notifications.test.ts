/** What the title of the window says, and what a window that is away tells of. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toldOfJob } from '../../../src-renderer/lib/told-of-job.ts';
import { windowTitle } from '../../../src-renderer/lib/window-title.ts';
import { demoDownloadJob, demoEntry, demoCheckJob, demoPublishJob, demoStatus } from '../../support/demo-things.ts';

const link = 'broadside:file/x';
const running = demoDownloadJob(link, { title: 'Letter of a source.pdf' });

test('the title says how much comes in and how many run, and never what', () => {
  const status = { ...demoStatus(), traffic: { ...demoStatus().traffic, inBytesPerSecond: 6_800_000 } };
  assert.equal(windowTitle(undefined, undefined), 'Broadside');
  assert.equal(windowTitle([{ ...running, state: 'done' }], status), 'Broadside');
  assert.equal(windowTitle([running], status), '6.8 MB/s in, 1 running – Broadside');
  assert.equal(windowTitle([running, demoPublishJob('Minutes')], status), '6.8 MB/s in, 2 running – Broadside');
  assert.equal(windowTitle([running], undefined), 'Broadside');
});

test('an end that was seen is told, without a name in its title', () => {
  const told = toldOfJob(running, { ...running, state: 'done' });
  assert.deepEqual(told, {
    title: 'A download is finished',
    name: 'Letter of a source.pdf',
    place: '#/transfers',
    tag: `job ${running.id}`,
  });
  assert.equal(toldOfJob(running, { ...running, state: 'failed' })?.title, 'A download stopped');
  const check = demoCheckJob(demoEntry('Minutes'));
  assert.equal(
    toldOfJob({ ...check, state: 'running' }, { ...check, state: 'done' })?.title,
    'Something that ran in the background has ended',
  );
});

test('what goes on, what the person stopped, and what ended before it was known is not told', () => {
  assert.equal(toldOfJob(running, running), undefined);
  assert.equal(toldOfJob(running, { ...running, state: 'cancelled' }), undefined);
  assert.equal(toldOfJob(running, { ...running, state: 'interrupted' }), undefined);
  assert.equal(toldOfJob(undefined, { ...running, state: 'done' }), undefined);
  assert.equal(toldOfJob({ ...running, state: 'done' }, { ...running, state: 'done' }), undefined);
});
