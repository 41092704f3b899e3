/**
 * Transfers told by a stand-in for the node, in the built interface: what a window that is away tells, a link that is dropped, what
 * can be done with a file that is whole, and a player that has nothing to show.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { BroadsideError } from '../../shared/base/errors.ts';
import type { HeadlessServer } from '../../src-main/host/headless/server.ts';
import { axeFindings } from '../support/axe.ts';
import { findChromium, launchChromium } from '../support/chromium.ts';
import { DemoNode } from '../support/demo-contract.ts';
import { demoFile } from '../support/demo-results.ts';
import { demoDownloadJob } from '../support/demo-things.ts';
import { headless, PROJECT_ROOT } from '../support/headless.ts';

const RENDERER = join(PROJECT_ROOT, 'out', 'renderer');
const skip =
  findChromium() === undefined
    ? 'no Chromium on this machine'
    : existsSync(join(RENDERER, 'index.html'))
      ? false
      : 'out/renderer is not built';

let server: HeadlessServer;
let browser: Browser;
let demo = new DemoNode();

before(async () => {
  if (skip !== false) return;
  server = await headless({
    contract: {
      get handlers() {
        return demo.handlers;
      },
      on: (name, listener) => demo.on(name, listener),
    },
    rendererDirectory: RENDERER,
  });
  browser = await launchChromium();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function withPage(
  node: DemoNode,
  hash: string,
  run: (page: Page, context: BrowserContext) => Promise<void>,
  permissions: string[] = [],
): Promise<void> {
  demo = node;
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
  try {
    await context.grantPermissions(permissions, { origin: new URL(server.url).origin });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(server.url);
    await page.getByRole('link', { name: 'Settings', exact: true }).waitFor();
    await page.evaluate((to) => void (location.hash = to), hash);
    await run(page, context);
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
  }
}

const settings = { welcomed: true };
const link = demoFile('Bell of the north pier.wav').link;
const loading = demoDownloadJob(link, {
  title: 'Bell of the north pier.wav',
  stage: 'loading',
  sizeBytes: 4_000_000,
  bytesDone: 1_000_000,
  pieces: '9930',
  coming: '0010',
  came: [0.2, 2, null, null],
});
const whole = {
  ...loading,
  state: 'done' as const,
  stage: 'done' as const,
  path: '/srv/loaded/Bell.wav',
  bytesDone: 4_000_000,
  pieces: '9999',
  coming: '0000',
};

/** Keeps the notifications of the page, which are made all the same. */
async function listen(page: Page): Promise<() => Promise<{ title: string; body: string }[]>> {
  await page.evaluate(() => {
    const seen: { title: string; body: string }[] = [];
    Object.assign(globalThis, { seen });
    globalThis.Notification = class extends Notification {
      constructor(title: string, options?: NotificationOptions) {
        super(title, options);
        seen.push({ title, body: options?.body ?? '' });
      }
    };
  });
  return () => page.evaluate(() => (globalThis as unknown as { seen: { title: string; body: string }[] }).seen);
}

describe('transfers, told', { skip, timeout: 120_000 }, () => {
  it('the title counts; the window that is away tells, at first without names, and the one that is looked at does not', async () => {
    await withPage(
      new DemoNode({ settings, jobs: [loading] }),
      '#/settings/notify',
      async (page) => {
        await page.waitForFunction(() => document.title.endsWith('in, 1 running – Broadside'));
        await page.getByLabel('Tell me while the window is away').check();
        await demo.calls.until('config.set');
        const seen = await listen(page);
        demo.put(whole);
        await page.waitForFunction(() => document.title === 'Broadside');
        assert.deepEqual(await seen(), [], 'whoever looks at the window sees it there');
        await page.evaluate(() => Object.defineProperty(document, 'hidden', { value: true }));
        demo.put(loading);
        demo.put(whole);
        await page.waitForFunction(() => (globalThis as unknown as { seen: unknown[] }).seen.length === 1);
        assert.deepEqual(await seen(), [{ title: 'A download is finished', body: '' }]);
        await page.getByLabel('With names').check();
        await demo.calls.until('config.set', 2);
        demo.put(loading);
        demo.put({ ...loading, state: 'failed' });
        await page.waitForFunction(() => (globalThis as unknown as { seen: unknown[] }).seen.length === 2);
        assert.deepEqual((await seen())[1], { title: 'A download stopped', body: loading.title });
        assert.deepEqual(await axeFindings(page), []);
      },
      ['notifications'],
    );
  });

  it('a browser that refuses is said so, and it stays off', async () => {
    await withPage(new DemoNode({ settings }), '#/settings/notify', async (page) => {
      await page.getByLabel('Tell me while the window is away').click();
      await page.getByText('The browser does not let this page notify.').waitFor();
      await page.getByRole('checkbox', { name: 'Tell me while the window is away', checked: false }).waitFor();
      assert.equal(demo.settings['notifications'], false);
    });
  });

  it('a link of a file that is dropped anywhere is asked about, as text and as an address', async () => {
    await withPage(new DemoNode({ settings }), '#/network', async (page) => {
      // The app is there to be dropped on.
      await page.getByRole('main').waitFor();
      for (const type of ['text/plain', 'text/uri-list']) {
        await page.evaluate(
          ([kind, text]) => {
            const dataTransfer = new DataTransfer();
            dataTransfer.setData(kind!, text!);
            const options = { dataTransfer, bubbles: true, cancelable: true };
            for (const name of ['dragenter', 'dragover', 'drop'])
              document.body.dispatchEvent(new DragEvent(name, options));
          },
          [type, type === 'text/plain' ? link : `# a remark\r\n${link}\r\n`],
        );
        const dialog = page.getByRole('dialog', { name: 'Both ends will see each other’s address' });
        await dialog.getByText('Bell of the north pier.wav').waitFor();
        await page.keyboard.press('Escape');
        await dialog.waitFor({ state: 'hidden' });
      }
      assert.equal(demo.calls.includes('download.start'), false);
    });
  });

  it('pieces and when they came are told in words; the list of what is finished is cleared', async () => {
    await withPage(
      new DemoNode({ settings, jobs: [{ ...loading, id: 'other' }, whole] }),
      '#/transfers',
      async (page) => {
        await page.getByText('Sources and pieces').first().click();
        await page.getByRole('img', { name: 'Pieces: 25% here' }).waitFor();
        await page.getByText('verified, 2').waitFor();
        await page.getByText('on its way, 1').waitFor();
        await page.getByRole('img', { name: /^When its pieces came: .* 2 seconds in all$/ }).waitFor();
        await page.getByRole('button', { name: 'Copy its place' }).waitFor();
        assert.deepEqual(await axeFindings(page), []);
        await page.getByRole('button', { name: '1, clear the list' }).click();
        await page.getByText('Finished').waitFor({ state: 'detached' });
        assert.deepEqual([...demo.jobs.keys()], ['other']);
      },
    );
  });

  it('a player that has nothing to show says why', async () => {
    const gone = new DemoNode({ settings });
    await withPage(gone, '#/play/none', async (page) => {
      await page.getByRole('heading', { name: 'This file is not on the list of transfers any more' }).waitFor();
      assert.deepEqual(await axeFindings(page), []);
    });
    const changed = new DemoNode({
      settings,
      jobs: [whole],
      onPlay: () => {
        throw new BroadsideError('damaged', 'The file was changed.');
      },
    });
    await withPage(changed, `#/play/${whole.id}`, async (page) => {
      await page.getByText('The file was changed.').waitFor();
      assert.deepEqual(await axeFindings(page), []);
    });
    const other = { ...loading, id: 'other', title: 'Ledger.zip' };
    await withPage(new DemoNode({ settings, jobs: [other] }), '#/play/other', async (page) => {
      await page.getByRole('heading', { name: 'Broadside plays no files of this type' }).waitFor();
      assert.deepEqual(await axeFindings(page), []);
      await page.getByRole('link', { name: 'To Transfers' }).click();
      await page.getByRole('heading', { name: 'Running', exact: true }).waitFor();
      await page.getByText('Ledger.zip').waitFor();
      assert.equal(await page.getByRole('button', { name: /^Play/ }).count(), 0);
      await demo.calls.until('play.stop');
      assert.deepEqual(
        demo.calls.filter((name) => name.startsWith('play.')),
        ['play.start', 'play.stop'],
      );
    });
  });
});
