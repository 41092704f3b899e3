/**
 * Somebody who starts it for the first time, on the real daemon: what they are asked, a practice network that the app starts
 * by itself, something read and bookmarked there, and back; and that none of it is asked again.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { findChromium } from '../support/chromium.ts';
import { launchBrowser, openWindow } from '../support/page.ts';
import { connectDaemon } from '../support/practice.ts';
import { projectRoot } from '../support/project-root.ts';
import { startDaemon } from '../support/spawn.ts';
import type { DaemonReady, RunningChild } from '../support/spawn.ts';

const skip = findChromium() === undefined ? 'no Chromium on this machine' : false;
/** Of a daemon that moves: its windows lose it and find it again. */
const WHILE_MOVING = /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|WebSocket/;

let directory: string;
let browser: Browser;
let daemon: RunningChild<DaemonReady>;

before(async () => {
  if (skip !== false) return;
  const { ensureBuilt } = await import(join(projectRoot, 'build/bootstrap/built.mjs'));
  await ensureBuilt(projectRoot, 'interface');
  directory = mkdtempSync(join(tmpdir(), 'broadside-first-run-'));
  // A network of its own in which nobody else is, so that nothing is asked outside of this machine.
  daemon = await startDaemon(join(directory, 'me'), ['--bootstrap', '127.0.0.1:9', '--network', 'test-first-run']);
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await daemon?.stop();
  if (directory !== undefined) rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
});

test('a first run by keyboard alone, to a practice network and back', { skip, timeout: 240_000 }, async () => {
  const url = new URL(daemon.ready.url);
  const window = await openWindow(browser, url);
  const { page } = window;
  window.expect(WHILE_MOVING);
  await window.heading('Broadside').waitFor();
  // It says that it looks for others, and what is asked has an answer already.
  await window.text(/^Looking for other nodes/).waitFor();
  await window.tabTo('slider', 'Coming in');
  await page.keyboard.press('ArrowLeft');
  await window.tabTo('radio', 'The public network');
  await page.keyboard.press('ArrowDown');
  await page.getByRole('radio', { name: 'A practice network on this computer', checked: true }).waitFor();
  await window.tabTo('button', 'Begin');
  await page.keyboard.press('Enter');
  await window.text('A practice network is being started.').waitFor();
  await window.inspect('a practice network is being started');
  await window.text('This is a practice network.').waitFor();
  await window.heading('Samples to read').waitFor();
  assert.ok(existsSync(join(directory, 'me', 'practice', 'me')), 'its node has a directory of its own');

  await page.getByRole('button', { name: 'Minutes of the harbour board' }).first().click();
  await window.content.locator('html').waitFor({ state: 'attached' });
  await page.keyboard.press('d');
  await window.button('Take the bookmark away').waitFor();
  await page.evaluate(() => void (location.hash = '#/library/bookmarks'));
  await window.button(/^Open Minutes of the harbour board/).waitFor();
  await window.inspect('a bookmark', 'iframe');
  // The field knows it by a word of its title.
  await window.field.fill('minut');
  await page.getByRole('option', { name: /^Open your bookmark: Minutes/ }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');

  await window.button('Leave it').click();
  await window.text('This is a practice network.').waitFor({ state: 'detached' });
  await page.getByText('The practice network is being taken away.').waitFor({ state: 'detached' });
  // Nothing of it is left, here or on the disk, and what was chosen at first is as it was chosen.
  await page.evaluate(() => void (location.hash = '#/library/bookmarks'));
  await window.heading('No bookmarks yet').waitFor();
  assert.equal(existsSync(join(directory, 'me', 'practice')), false);
  const client = await connectDaemon(url);
  const settings = await client.call('config.get', null);
  client.close();
  assert.deepEqual(
    [settings['welcomed'], settings['network'], settings['down-bytes-per-second']],
    [true, 'test-first-run', 100_000_000],
  );
  await page.reload();
  await window.field.waitFor();
  await window.close();
});
