/**
 * Several windows on one daemon: locked at once by a key, unlocked by the passphrase, found again after the daemon was killed and
 * started anew, and through a forwarded port as SSH makes one.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../support/chromium.ts';
import { launchBrowser, openWindow } from '../support/page.ts';
import type { AppWindow } from '../support/page.ts';
import { connectDaemon } from '../support/practice.ts';
import { startDaemon } from '../support/spawn.ts';
import type { DaemonReady, RunningChild } from '../support/spawn.ts';

const ALONE = ['--network', 'lock-test', '--bootstrap', '127.0.0.1:9', '--quiet'];
const WORDS = 'harbour tide lantern gravel winter copper';
const PEN = 'The harbour master';

describe('several windows, a passphrase, a restart, a tunnel', () => {
  let root: string;
  let daemon: RunningChild<DaemonReady>;
  let browser: Browser;
  let url: URL;
  let first: AppWindow;
  let second: AppWindow;
  const start = (...more: string[]) => startDaemon(join(root, 'data'), [...ALONE, ...more]);
  const lockScreen = ({ page }: AppWindow) => page.getByRole('heading', { name: 'The library is locked' });

  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'broadside-windows-'));
    writeFileSync(join(root, 'words'), `${WORDS}\n`);
    daemon = await start();
    url = new URL(daemon.ready.url);
    const client = await connectDaemon(url);
    await client.call('config.set', { name: 'welcomed', value: true });
    await client.call('pens.create', { name: PEN });
    client.close();
    browser = await launchBrowser();
    first = await openWindow(browser, url);
    second = await openWindow(browser, url);
  });
  after(async () => {
    await browser?.close();
    await daemon?.stop();
    rmSync(root, { recursive: true, force: true });
  });

  it('a passphrase is set in one window, and both go on', async () => {
    const { page } = first;
    await page.goto(new URL('/#/settings/lock', url).href);
    await page.getByRole('button', { name: 'Set a passphrase' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('New passphrase', { exact: true }).fill('password1');
    await dialog.getByLabel('New passphrase, again').fill('password1');
    await dialog.getByRole('button', { name: 'Set a passphrase' }).click();
    await dialog.getByText('This password is too weak').waitFor();
    await first.inspect('the passphrase is too weak');
    await dialog.getByLabel('New passphrase', { exact: true }).fill(WORDS);
    await dialog.getByLabel('New passphrase, again').fill(WORDS);
    await dialog.getByRole('button', { name: 'Set a passphrase' }).click();
    for (const window of [first, second])
      await window.page.getByRole('button', { name: 'Lock', exact: true }).waitFor();
    first.assertQuiet('the passphrase was set');
  });

  it('locked by a key in one window, nothing is left in either; the passphrase opens both', async () => {
    await second.page.goto(new URL('/#/library/names', url).href);
    await second.page.getByText(PEN).first().waitFor();
    await second.page.keyboard.press('Control+Shift+L');
    for (const window of [first, second]) {
      await lockScreen(window).waitFor();
      assert.doesNotMatch(await window.page.content(), new RegExp(PEN));
      assert.doesNotMatch(window.page.url(), /library/);
    }
    await first.inspect('the lock screen');
    await first.assertFits('the lock screen');
    await first.page.getByLabel('Passphrase').fill('not this one');
    await first.page.getByRole('button', { name: 'Unlock' }).click();
    await first.page.getByText('The passphrase is wrong').waitFor();
    await first.page.getByLabel('Passphrase').fill(WORDS);
    await first.page.keyboard.press('Enter');
    for (const window of [first, second]) {
      await window.page.getByRole('button', { name: 'Lock', exact: true }).waitFor();
      await lockScreen(window).waitFor({ state: 'detached' });
      window.assertQuiet('unlocked');
    }
  });

  it('a daemon that was killed and started again has both windows again, in step', async () => {
    for (const window of [first, second]) window.expect(/ERR_CONNECTION|WebSocket|Failed to fetch/);
    await daemon.kill();
    const lost = ({ page }: AppWindow) => page.getByText('The node does not answer');
    for (const window of [first, second]) await lost(window).waitFor();
    daemon = await start('--passphrase-file', join(root, 'words'));
    assert.equal(daemon.ready.url, url.href, 'the same port and token');
    for (const window of [first, second]) await lost(window).waitFor({ state: 'detached' });
    await first.page.goto(new URL('/#/settings/appearance', url).href);
    await second.page.goto(new URL('/#/settings/appearance', url).href);
    for (const window of [first, second]) await window.page.getByRole('radio', { name: 'Dark' }).waitFor();
    await first.page.getByRole('radio', { name: 'Dark' }).check();
    await second.page.locator('html[data-appearance=dark]').waitFor();
    await second.page.getByRole('radio', { name: 'Light' }).check();
    await first.page.locator('html[data-appearance=light]').waitFor();
  });

  it('the data directory is moved from one window: both are told, and come back to what was there', async () => {
    const target = join(root, 'another disk', 'broadside');
    mkdirSync(join(root, 'another disk'));
    for (const window of [first, second]) window.expect(/ERR_CONNECTION|WebSocket|Failed to fetch/);
    const { page } = first;
    await page.goto(new URL('/#/settings/room', url).href);
    await page.getByRole('button', { name: 'Move…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Where to').fill(join(root, 'data', 'inside'));
    await dialog.getByRole('button', { name: 'Look at it' }).click();
    await dialog.getByText('Choose a directory apart from it').waitFor();
    await first.inspect('a place in itself');
    await dialog.getByLabel('Where to').fill(target);
    await dialog.getByRole('button', { name: 'Look at it' }).click();
    await dialog.getByText('it asks for the passphrase').waitFor();
    await first.inspect('what moving does');
    const told = [first, second].map((window) =>
      window.page.getByRole('heading', { name: 'The data directory is being moved' }).waitFor(),
    );
    await dialog.getByRole('button', { name: 'Stop and move' }).click();
    await Promise.all(told);
    for (const window of [first, second]) await lockScreen(window).waitFor();
    await page.getByLabel('Passphrase').fill(WORDS);
    await page.keyboard.press('Enter');
    for (const window of [first, second])
      await window.page.getByRole('button', { name: 'Lock', exact: true }).waitFor();
    await page.goto(new URL('/#/settings/room', url).href);
    await page.getByText(target, { exact: true }).waitFor();
    await second.page.goto(new URL('/#/library/names', url).href);
    await second.page.getByText(PEN).first().waitFor();
    assert.deepEqual(readdirSync(join(root, 'data')).toSorted(), ['lock', 'moved.json']);
  });

  it('through a tunnel: the same port number works, another says what to do', async () => {
    const open = new Set<Socket>();
    let carried = 0;
    const tunnel = createServer((from) => {
      carried += 1;
      const to = createConnection({ port: Number(url.port), host: '127.0.0.1' });
      from.pipe(to).pipe(from);
      for (const socket of [from, to]) {
        open.add(socket);
        socket.on('error', () => (from.destroy(), to.destroy()));
        socket.on('close', () => open.delete(socket));
      }
    });
    await new Promise<void>((resolve) => tunnel.listen(0, '127.0.0.1', resolve));
    const { port } = tunnel.address() as AddressInfo;
    // The other machine, where the number is free on its side: all names lead to the tunnel.
    const elsewhere = await launchChromium([`--host-resolver-rules=MAP * 127.0.0.1:${port}`]);
    try {
      const misdirected = await fetch(`http://127.0.0.1:${port}/`);
      assert.equal(misdirected.status, 421);
      assert.match(await misdirected.text(), new RegExp(`ssh -L ${url.port}:127.0.0.1:${url.port} HOST`));
      const through = await fetch(`http://127.0.0.1:${port}/rpc`);
      assert.equal(through.status, 403, 'nothing else is answered there');

      const before = carried;
      const window = await openWindow(elsewhere, url);
      await window.page.goto(new URL('/#/library/names', url).href);
      await window.page.getByText(PEN).first().waitFor();
      assert.ok(carried > before, 'it went through the tunnel');
      window.assertQuiet('through a tunnel');
    } finally {
      await elsewhere.close();
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => tunnel.close(resolve));
    }
  });
});
