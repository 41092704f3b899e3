/**
 * A recording that another process shares is played while it arrives, in Chromium: from its start, then from near its end, which is
 * fetched first; the window says what it waits for, and when it is whole it is saved as it was.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import type { DownloadJob } from '../../shared/ipc/model.ts';
import { untilSeen } from '../support/page.ts';
import { jobEnd } from '../support/practice.ts';
import { shareFolder } from '../support/sharing.ts';
import { makeTone, startStage } from './stage.ts';
import type { Stage } from './stage.ts';

const SECONDS = 200;
const TONE = makeTone(SECONDS, 44_100);
/** It plays at 88 kB/s; all of it takes a minute and a half to come, and what is sought in a moment was asked for first. */
const RATE = 180_000;

let stage: Stage;
before(async () => {
  stage = await startStage('a', 'c');
});
after(() => stage?.stop());

interface Media {
  readonly error: string | undefined;
  readonly duration: number;
  readonly time: number;
}
/** Nothing that listens is called in a frame without script: it is looked at, frame by frame of the page around it. */
function untilMedia(page: Page, media: Locator, isWanted: (media: Media) => boolean): Promise<Media> {
  const look = (): Promise<Media> =>
    media.evaluate((element: HTMLMediaElement) => ({
      error: element.error?.message,
      duration: element.duration,
      time: element.currentTime,
    }));
  return untilSeen(page, look, (seen) => {
    assert.equal(seen.error, undefined);
    return isWanted(seen);
  });
}

describe('the player of shared files', { timeout: 180_000 }, () => {
  it('plays while it arrives, seeks, says what it waits for, and hands the file over', async () => {
    const [a, c] = [stage.daemon('a'), stage.daemon('c')];
    const folder = stage.write('recordings', { 'Bell of the north pier.wav': TONE });
    const [link] = [...(await shareFolder(a.client, folder)).values()];
    assert.ok(link);
    await a.client.call('config.set', { name: 'up-bytes-per-second', value: RATE });
    const directory = join(stage.practice.directory, 'fetched');
    mkdirSync(directory);
    const { job } = await c.client.call('download.start', { link, directory, sources: [a.ready.publicKey] });
    const now = async (): Promise<DownloadJob> => (await c.client.call('jobs.get', { job })) as DownloadJob;

    const window = await stage.open('c');
    // axe is put into every frame, this one too, and the browser says that it does not run there.
    window.expect(/Blocked script execution/);
    const { page } = window;
    await window.section('Transfers');
    await window.button('Play Bell of the north pier.wav').click();
    const sound = window.content.locator('audio');
    const { duration } = await untilMedia(page, sound, (media) => !Number.isNaN(media.duration));
    assert.ok(Math.abs(duration - SECONDS) < 0.1, `${duration} s`);
    // At its start is the player's own button.
    await sound.click({ position: { x: 24, y: 27 } });
    await untilMedia(page, sound, ({ time }) => time > 0.5);
    const playing = await now();
    assert.equal(playing.state, 'running');
    assert.ok(playing.bytesDone < TONE.length / 2, `${playing.bytesDone} bytes`);

    await sound.evaluate((element: HTMLMediaElement) => (element.currentTime = 170));
    await untilMedia(page, sound, ({ time }) => time > 170.3);
    const sought = await now();
    assert.equal(sought.state, 'running');
    assert.ok(sought.bytesDone < TONE.length * 0.8, `${sought.bytesDone} of ${TONE.length} bytes`);
    assert.match(sought.pieces, /0+[1-9]/, 'what was sought came before what lies before it');
    await page.getByText(/^(The player waits for the piece at|Read up to) [89]\d%/).waitFor();
    await window.inspect('a recording that plays while it arrives', 'iframe');

    await a.client.call('config.set', { name: 'up-bytes-per-second', value: 0 });
    const done = await jobEnd(c.client, job, 'download');
    assert.equal(done.state, 'done', done.error?.message);
    await window.text('All of it is here, verified when it came.').waitFor();
    await sound.evaluate((element: HTMLMediaElement) => (element.currentTime = 20));
    await untilMedia(page, sound, ({ time }) => time > 20.2);
    const saving = page.waitForEvent('download');
    await window.button('Save a copy').click();
    assert.deepEqual(readFileSync(await (await saving).path()), Buffer.from(TONE));
    await page.getByRole('link', { name: 'To Transfers' }).click();
    await window.button('Copy its place').waitFor();
    await window.inspect('a recording that was loaded');
    await window.close();
  });
});
