/**
 * The built interface in a real browser, on the daemon's real server with a stand-in for the node: every view and state
 * in both themes and at 320 px without a console error, without sideways scrolling and without a violation that axe
 * finds. Needs out/renderer and a Chromium.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { BroadsideError } from '../../shared/base/errors.ts';
import type { HeadlessServer } from '../../src-main/host/headless/server.ts';
import { axeFindings } from '../support/axe.ts';
import { findChromium, launchChromium } from '../support/chromium.ts';
import { DemoNode } from '../support/demo-contract.ts';
import {
  demoCheckJob,
  demoEntry,
  demoInvite,
  demoLink,
  demoMetadata,
  demoNetwork,
  demoOpenJob,
  demoPublication,
  demoPublishJob,
  demoShares,
  demoStatus,
} from '../support/demo-things.ts';
import { headless, PROJECT_ROOT } from '../support/headless.ts';
import { servedPublication } from '../support/served-publication.ts';
import { ADDRESS_SCENES } from './address-scenes.ts';
import { CHANGE_SCENES } from './change-scenes.ts';
import { firstJob, goTo } from './scene.ts';
import { SHARE_SCENES } from './share-scenes.ts';
import type { Scene } from './scene.ts';
import { SEARCH_SCENES } from './search-scenes.ts';

const RENDERER = join(PROJECT_ROOT, 'out', 'renderer');
const skip =
  findChromium() === undefined
    ? 'no Chromium on this machine'
    : existsSync(join(RENDERER, 'index.html'))
      ? false
      : 'out/renderer is not built';
const LABEL = 'abcdefghijklmnopqrst';
const HTML =
  '<!doctype html><html lang="en"><title>Minutes</title><h1>Minutes of the meeting</h1><p>Taken as read.</p></html>';

const now = Date.now();
const library = [
  demoEntry('Tide tables for small boats, 2026', { states: 'ffffffffff' }),
  demoEntry('Soundings of the north channel', { states: 'ffffmfmooo', edition: 2 }),
  demoEntry('Letters from the lightship', { states: 'ffffffffbo' }),
  demoEntry('Ferry times before the bridge', { states: 'ffoooooooo', class: 'fixed' }),
  demoEntry('A title so long that it goes on and on over more than one line, as the titles of old books do'),
  demoEntry('محاضر لجنة المرفأ، ١٩١١', { origin: 'opened', type: 'text/plain' }),
];

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
    receive: (staging, path, body) => demo.receive(staging, path, body),
    origins: {
      [LABEL]: {
        kind: 'content',
        publication: servedPublication(
          { 'index.html': { type: 'text/html', body: HTML } },
          { shape: 'site', index: 'index.html' },
        ),
        viewerLabel: `${LABEL}a`,
      },
    },
  });
  browser = await launchChromium();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const NO_REQUESTS = {
  recent: [],
  lately: { total: 0, outcomes: {} },
  whole: { total: 0, outcomes: {} },
};
async function joinBy(page: Page, invite: string): Promise<void> {
  await page.getByLabel('The invite that you were given').fill(invite);
  await page.getByRole('button', { name: 'Join' }).click();
}
const choosePdf = (page: Page): Promise<void> =>
  page
    .locator('input[type=file]:not([webkitdirectory])')
    .setInputFiles({ name: 'Witness statements.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(38_000) });
const withJob = (make: () => Parameters<DemoNode['put']>[0]) => () => new DemoNode({ library, jobs: [make()] });
const failed = (code: 'not-found' | 'damaged' | 'deleted', message: string, shows: string): Scene => ({
  name: `failed: ${code}`,
  node: withJob(() =>
    demoOpenJob('f', {
      state: 'failed',
      shares: demoShares('ffbbbbbooo'),
      badShares: code === 'damaged' ? [3, 4] : [],
      error: { code, message },
    }),
  ),
  hash: firstJob('read'),
  shows,
});

const SCENES: readonly Scene[] = [
  {
    name: 'home',
    node: () => new DemoNode({ library, jobs: [demoPublishJob('How we mend nets'), demoOpenJob('x')] }),
    shows: 'Opened lately',
  },
  { name: 'home, empty', node: () => new DemoNode(), shows: 'Published once, read by anybody' },
  ...SEARCH_SCENES,
  { name: 'publish, empty', hash: '#/publish', shows: 'Nothing chosen yet' },
  {
    name: 'publish, composed',
    hash: '#/publish',
    act: (page) =>
      page
        .locator('input[type=file]:not([webkitdirectory])')
        .setInputFiles({ name: 'Witness statements.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(38_000) }),
    shows: 'How long it should last',
  },
  {
    name: 'publish, files that tell, some of it staying',
    node: () => new DemoNode({ metadata: demoMetadata }),
    hash: '#/publish',
    act: async (page) => {
      await choosePdf(page);
      await page.getByRole('button', { name: 'Show what they tell' }).click();
    },
    shows: 'What stays: comments',
  },
  {
    name: 'publish, files being looked into',
    node: () => new DemoNode({ metadata: () => new Promise(() => {}) }),
    hash: '#/publish',
    act: (page) => choosePdf(page),
    shows: 'Do not look',
  },
  {
    name: 'publish, files that tell nothing',
    hash: '#/publish',
    act: (page) => choosePdf(page),
    shows: 'Nothing was found that tells about their author.',
  },
  {
    name: 'publish, files that cannot be looked into',
    node: () => new DemoNode({ metadata: () => Promise.reject(new BroadsideError('busy', 'The node is stopping.')) }),
    hash: '#/publish',
    act: (page) => choosePdf(page),
    shows: 'The files could not be looked into',
  },
  {
    name: 'publishing',
    node: withJob(() => demoPublishJob('Evidence', { stage: 'shares', shares: demoShares('fffffffm..') })),
    hash: firstJob('publish'),
    shows: 'Its password, shown once',
  },
  {
    name: 'publishing failed',
    node: withJob(() =>
      demoPublishJob('Evidence', { state: 'failed', error: { code: 'offline', message: 'No neighbour.' } }),
    ),
    hash: firstJob('publish'),
    shows: 'Publishing stopped',
  },
  {
    name: 'published',
    node: withJob(() =>
      demoPublishJob('Evidence', {
        state: 'done',
        stage: 'done',
        finishedMs: now,
        link: demoLink('e'),
        shares: demoShares('ffffffffff'),
        fetchedBack: demoShares('ffffffffof'),
      }),
    ),
    hash: firstJob('publish'),
    shows: 'Fetched back through other paths',
  },
  { name: 'opening', node: withJob(() => demoOpenJob('z')), hash: firstJob('read'), shows: 'Looking for its shares' },
  {
    name: 'reader',
    node: withJob(() =>
      demoOpenJob('m', {
        state: 'done',
        stage: 'done',
        publication: demoPublication('Minutes'),
        contentUrl: `http://${LABEL}.localhost:${server.port}/`,
      }),
    ),
    hash: firstJob('read'),
    shows: 'Verified',
  },
  failed('not-found', 'None of its ten places has a share.', 'Not found'),
  failed('damaged', '5 of its 10 shares failed the check.', 'Damaged'),
  failed('deleted', 'Its places answer “deleted”.', 'Deleted by its publisher'),
  { name: 'library', hash: '#/library', shows: 'In this list' },
  { name: 'library, opened', hash: '#/library/opened', shows: 'In this list' },
  ...CHANGE_SCENES,
  {
    name: 'reader, by an older link, about',
    node: withJob(() =>
      demoOpenJob('m', {
        state: 'done',
        stage: 'done',
        publication: demoPublication('Minutes', {
          edition: 3,
          dateMs: now,
          linkEdition: 1,
          newestLink: demoLink('newest'),
          earlier: [
            { number: 2, title: 'Minutes', dateMs: now - 9e9, sizeBytes: 1000 },
            { number: 1, title: 'Minutes', sizeBytes: 900 },
          ],
        }),
        contentUrl: `http://${LABEL}.localhost:${server.port}/`,
      }),
    ),
    hash: firstJob('read'),
    act: async (page) => {
      // Where there is room beside the content it is open already.
      const about = page.getByRole('button', { name: 'About this publication' });
      if ((await about.getAttribute('aria-pressed')) !== 'true') await about.click();
    },
    shows: 'Update or delete it…',
  },
  ...ADDRESS_SCENES,
  ...SHARE_SCENES,
  {
    name: 'transfers',
    node: () =>
      new DemoNode({
        library,
        jobs: [
          demoPublishJob('Nets'),
          demoCheckJob(library[0]!),
          demoPublishJob('Old', { state: 'failed', error: { code: 'busy', message: 'All were busy.' } }),
        ],
      }),
    hash: '#/transfers',
    shows: 'Sharing files',
  },
  { name: 'network', hash: '#/network', shows: 'Connected by 14 links' },
  {
    name: 'network, a busy neighbour in detail',
    hash: '#/network',
    act: (page) => page.getByRole('button', { name: 'n7df 2qk4 busy' }).click(),
    shows: 'It has as much from this node as it can take',
  },
  {
    name: 'network, right to left',
    hash: '#/network',
    act: async (page) => {
      await page.getByRole('button', { name: /^r5nh/ }).first().click();
      await page.evaluate(() => (document.documentElement.dir = 'rtl'));
    },
    shows: 'Lengths of the links',
  },
  {
    name: 'network, nothing yet',
    node: () =>
      new DemoNode({
        status: demoStatus({ links: 0, offlineSinceMs: now - 40_000 }),
        network: demoNetwork({ neighbours: [], history: [], requests: NO_REQUESTS }),
      }),
    hash: '#/network',
    shows: 'No links yet',
  },
  {
    name: 'network, text at 200 %',
    node: () => new DemoNode({ settings: { 'text-percent': 200 } }),
    hash: '#/network',
    shows: 'Connected by 14 links',
  },
  {
    name: 'network, an invite',
    hash: '#/network',
    act: (page) => page.getByRole('button', { name: 'Make an invite' }).click(),
    shows: 'Copy the invite',
  },
  {
    name: 'network, joining',
    hash: '#/network',
    act: (page) => joinBy(page, demoInvite(demoStatus().network)),
    shows: 'Asked 3 nodes; 14 links so far.',
  },
  {
    name: 'network, a bad invite',
    hash: '#/network',
    act: (page) => joinBy(page, demoInvite(demoStatus().network).slice(0, -3)),
    shows: 'This invite is not right',
  },
  {
    name: 'network, an invite to another',
    hash: '#/network',
    act: (page) => joinBy(page, demoInvite('another-network')),
    shows: 'An invite to another network',
  },
  { name: 'settings', hash: '#/settings', shows: 'Changes take effect at once.' },
  { name: 'more', hash: '#/more', shows: 'More' },
  { name: 'keys', act: (page) => page.keyboard.press('?'), shows: 'Keys' },
  {
    name: 'bad link',
    act: (page) => goTo(page, 'broadside:dumq 7xkt w2v'),
    shows: 'This link is cut short',
  },
  {
    name: 'no neighbours',
    node: () => new DemoNode({ library, status: demoStatus({ links: 0, offlineSinceMs: now - 40_000 }) }),
    shows: 'No neighbours.',
  },
  {
    name: 'text at 200 %',
    node: () => new DemoNode({ library, settings: { 'text-percent': 200 } }),
    shows: 'Opened lately',
  },
];

/** Colours are the same at every width, so contrast is looked at in the wide one, in both themes. */
const CONTRAST = 'color-contrast';
const SIZES = [
  { width: 1280, height: 800, isWide: true },
  { width: 320, height: 700, isWide: false },
] as const;

/** Chromium's own words about headers of the server, which are written for other browsers too. */
const ABOUT_HEADERS =
  /Permissions-Policy|Content Security Policy directive 'connect-src'|'frame-ancestors' does not support/;

for (const scene of SCENES) {
  test(`interface: ${scene.name}`, { skip, timeout: 180_000 }, async () => {
    for (const { width, height, isWide } of SIZES) {
      demo = (scene.node ?? (() => new DemoNode({ library })))();
      const context = await browser.newContext({ viewport: { width, height }, colorScheme: 'light', locale: 'en-GB' });
      try {
        const page = await context.newPage();
        const complaints: string[] = [];
        page.on('console', (message) => {
          if (['error', 'warning'].includes(message.type()) && !ABOUT_HEADERS.test(message.text()))
            complaints.push(message.text());
        });
        page.on('pageerror', (error) => complaints.push(error.message));
        await page.goto(server.url);
        await page.getByRole('link', { name: 'Settings', exact: true }).waitFor();
        const hash = typeof scene.hash === 'function' ? scene.hash(demo) : scene.hash;
        if (hash !== undefined) await page.evaluate((to) => void (location.hash = to), hash);
        await scene.act?.(page);
        await page
          .getByText(scene.shows)
          .or(page.getByPlaceholder(scene.shows))
          .filter({ visible: true })
          .first()
          .waitFor();
        const where = `${scene.name}, ${width} px`;
        const sideways = await page.evaluate(() => {
          const main = document.querySelector('main')!;
          return Math.max(document.documentElement.scrollWidth - innerWidth, main.scrollWidth - main.clientWidth);
        });
        assert.ok(sideways <= 0, `${where}: ${sideways} px sideways`);
        const without = 'iframe';
        assert.deepEqual(await axeFindings(page, isWide ? { without } : { without, but: [CONTRAST] }), [], where);
        if (isWide) {
          await page.emulateMedia({ colorScheme: 'dark' });
          assert.deepEqual(await axeFindings(page, { without, rules: [CONTRAST] }), [], `${where}, dark`);
        }
        assert.deepEqual(complaints, [], where);
      } finally {
        await context.close();
      }
    }
  });
}
