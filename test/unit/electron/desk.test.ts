/** What the desktop is asked for: no path of the page's, nothing that runs, no notice that is none; and what badge and bar say. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finishedPath, readNotice, totalsOf } from '../../../src-main/host/electron/desk.ts';
import { demoDownloadJob, demoPublishJob } from '../../support/demo-things.ts';

const done = (path: string) => demoDownloadJob('broadside:file/x', { state: 'done', path });

test('a download that is done is opened; one that runs on the machine is only shown in its folder', () => {
  assert.equal(finishedPath(done('/srv/film.webm'), 'open'), '/srv/film.webm');
  for (const name of ['setup.exe', 'film.mp4.exe', 'invoice_\u202efdp.txt', 'run.sh', 'page.lnk']) {
    assert.equal(finishedPath(done(`/srv/${name}`), 'open'), undefined, name);
    assert.equal(finishedPath(done(`/srv/${name}`), 'show'), `/srv/${name}`);
  }
  assert.equal(finishedPath(done('C:\\loaded\\setup.exe'), 'open'), undefined);
});

test('nothing but a download that is done has a file', () => {
  assert.equal(finishedPath(undefined, 'show'), undefined);
  assert.equal(finishedPath(demoPublishJob('Minutes'), 'show'), undefined);
  assert.equal(finishedPath(demoDownloadJob('x', { path: '/srv/film.webm' }), 'show'), undefined);
});

test('a notice has a title, a body and a place in the interface, all of them short', () => {
  const notice = { title: 'A download is finished', body: '', place: '#/transfers' };
  assert.deepEqual(readNotice(notice), notice);
  assert.equal(readNotice({ ...notice, body: 'x'.repeat(1_000) })?.body.length, 256);
  assert.ok(readNotice({ ...notice, place: '#/search/wish%3A12' }));
  for (const bad of [
    null,
    'x',
    {},
    { ...notice, title: '' },
    { ...notice, body: 1 },
    { ...notice, place: 'https://x' },
  ])
    assert.equal(readNotice(bad), undefined);
});

test('badge and bar tell of what runs, and the bar of what is loaded alone', () => {
  assert.deepEqual(totalsOf([]), { running: 0, done: undefined });
  const jobs = [
    demoDownloadJob('a', { sizeBytes: 300, bytesDone: 100 }),
    demoDownloadJob('b', { sizeBytes: 100, bytesDone: 100 }),
    demoDownloadJob('c'),
    demoDownloadJob('d', { state: 'done', sizeBytes: 900, bytesDone: 900 }),
    demoPublishJob('Minutes'),
  ];
  assert.deepEqual(totalsOf(jobs), { running: 4, done: 0.5 });
});
