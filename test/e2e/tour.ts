/**
 * `node test/e2e/tour.ts` takes the pictures of docs/tour.md from the running app, into docs/screenshots/tour: each view in
 * light and dark colours, one in German and one in Arabic, as WebP. Nothing in them is arranged but what was published and
 * shared, that a few nodes pause, and that one download is slow, so that work lasts long enough to be seen. With names
 * (`home network`), only those are written.
 */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeSamples } from '../../src-main/host/cli/samples/samples.ts';
import type { AppWindow } from '../support/page.ts';
import { jobEnd } from '../support/practice.ts';
import type { Daemon } from '../support/practice.ts';
import { projectRoot } from '../support/project-root.ts';
import { choosePublished, showOpening, showPublishing } from './picture-steps.ts';
import { openByField, publishPath, startStage } from './stage.ts';

/** Of WebP, 0 ... 100: the first at which no edge of a letter looks frayed at its own size. */
const QUALITY = 82;
/** As slow as makes the download last while the pictures are taken. */
const SLOW_BYTES_PER_SECOND = 400_000;
const FILM_BYTES = 24_000_000;

const target = join(projectRoot, 'docs', 'screenshots', 'tour');
mkdirSync(target, { recursive: true });
const wanted = process.argv.slice(2);
let bytes = 0;

async function take({ page, context }: AppWindow, name: string): Promise<void> {
  // Fonts that are still on their way would be missing from the picture.
  await page.evaluate(async () => document.fonts.ready);
  const session = await context.newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: QUALITY });
  await session.detach();
  const picture = Buffer.from(data, 'base64');
  bytes += picture.length;
  writeFileSync(join(target, `${name}.webp`), picture);
  process.stderr.write(`${name}.webp, ${Math.round(picture.length / 1000)} KB\n`);
}

/** The view as it stands, in both themes. */
async function both(window: AppWindow, name: string): Promise<void> {
  if (wanted.length > 0 && !wanted.includes(name)) return;
  await take(window, name);
  await window.colours('dark');
  await take(window, `${name}-dark`);
  await window.colours('light');
}

async function speak({ client }: Daemon, language: 'en' | 'de' | 'ar'): Promise<void> {
  await client.call('config.set', { name: 'language', value: language });
}

async function share({ client }: Daemon, path: string, files: number): Promise<void> {
  const offered = Promise.withResolvers<void>();
  const stopListening = client.on('shares', (folders) => {
    if (folders.some((folder) => folder.path === path && folder.offeredFiles === files)) offered.resolve();
  });
  await client.call('shares.add', { path });
  await offered.promise;
  stopListening();
}

const stage = await startStage('a', 'c');
try {
  const [minutes, site, , readingList, letter] = makeSamples(join(stage.practice.directory, 'samples')).map(
    ({ path }) => path,
  );
  assert.ok(minutes && site && readingList && letter);
  const [a, c] = [stage.daemon('a'), stage.daemon('c')];
  await a.client.call('config.set', { name: 'transfer-up-bytes-per-second', value: SLOW_BYTES_PER_SECOND });
  const folder = stage.write('records', {
    'Harbour, the film of the opening.mp4': new Uint8Array(FILM_BYTES).map((_, index) => (index * 31) % 251),
    'Harbour minutes 1911.txt': 'Taken as read.\n'.repeat(400),
    'plates/Harbour, north bar.txt': 'Plate 4.\n',
  });
  await share(a, folder, 3);
  const links: string[] = [];
  for (const path of [site, letter, readingList])
    links.push((await publishPath(c, path, { k: 3, n: 10, class: 'updatable' })).link);
  for (const link of links.slice(0, 2))
    await jobEnd(c.client, (await c.client.call('check.start', { link })).job, 'check');
  const { link: minutesLink } = await publishPath(a, minutes, { k: 3, n: 10 });
  await jobEnd(c.client, (await c.client.call('open.start', { link: minutesLink })).job, 'open');

  const window = await stage.open('c');
  const { page } = window;
  await window.heading('This node').waitFor();
  await both(window, 'home');

  await window.field.fill('harbour');
  await window.field.press('Enter');
  const again = window.button('Search again');
  for (;;) {
    await again.waitFor();
    if (await window.heading('3 found').isVisible()) break;
    await again.click();
  }
  const film = page.locator('[aria-posinset]', { hasText: 'film' });
  await film.click();
  await both(window, 'search');
  await film.focus();
  await page.keyboard.press('Enter');
  const fetched = join(stage.practice.directory, 'fetched');
  mkdirSync(fetched);
  await page.getByLabel('Folder to put it into').fill(fetched);
  await both(window, 'asked');
  await page.keyboard.press('Enter');
  await window.section('Transfers');
  await page.getByText('Sources and pieces').first().click();
  await window.text(/verified, from 1 source/).waitFor();
  await both(window, 'transfers');

  await window.section('Library');
  await choosePublished(window);
  await both(window, 'library');
  await window.section('Network');
  await page.getByRole('img', { name: /^The circle of keys/ }).waitFor();
  await both(window, 'network');

  await showPublishing(window, stage, site, both);

  await openByField(window, links[0]!);
  await window.content.locator('img').first().waitFor();
  await both(window, 'reader');
  await page.getByRole('link', { name: 'Settings', exact: true }).click();
  await window.heading('Appearance').waitFor();
  await both(window, 'settings');
  await page.evaluate(() => (location.hash = '#/about'));
  await window.heading('What is not').waitFor();
  await both(window, 'about');
  await page.evaluate(() => (location.hash = '#/help'));
  await window.content.getByRole('heading', { level: 1 }).waitFor();
  await both(window, 'help');

  await speak(c, 'de');
  await page.evaluate(() => (location.hash = '#/network'));
  await window.heading('Wie sie ausgingen').waitFor();
  await both(window, 'german');
  await speak(c, 'ar');
  await page.evaluate(() => (location.hash = '#/library'));
  await page.locator('html[dir="rtl"]').waitFor();
  await choosePublished(window);
  await both(window, 'arabic');
  await speak(c, 'en');
  await c.client.call('config.set', { name: 'welcomed', value: false });
  await window.heading('Which network').waitFor();
  await both(window, 'first-run');
  await c.client.call('config.set', { name: 'welcomed', value: true });
  await window.close();

  const narrow = await stage.open('c', { viewport: { width: 360, height: 700 } });
  await narrow.heading('This node').waitFor();
  await both(narrow, 'narrow');
  await narrow.close();

  // A reader that holds nothing of it itself, while the nodes that do are silent.
  await stage.start('d');
  const reader = await stage.open('d');
  await showOpening(reader, stage, minutesLink, both);
  await reader.close();
  process.stderr.write(`${Math.round(bytes / 1000)} KB in all\n`);
} finally {
  await stage.stop();
}
