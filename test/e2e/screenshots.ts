/**
 * `node test/e2e/screenshots.ts` takes the pictures of README.md and the documents from the running app, into
 * docs/screenshots: 1280 x 800, the narrow one 320 x 700. Nothing in them is arranged but what was published and that a few
 * nodes pause, so that publishing and opening last long enough to be seen waiting. With names (`network network-dark`), only
 * those are written.
 */
import assert from 'node:assert/strict';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { makeSamples } from '../../src-main/host/cli/samples/samples.ts';
import type { AppWindow } from '../support/page.ts';
import { jobEnd } from '../support/practice.ts';
import { projectRoot } from '../support/project-root.ts';
import { choosePublished, showOpening, showPublishing } from './picture-steps.ts';
import { openByField, publishPath, startStage } from './stage.ts';

const target = join(projectRoot, 'docs', 'screenshots');
mkdirSync(target, { recursive: true });

const wanted = process.argv.slice(2);

async function take(window: AppWindow, name: string): Promise<void> {
  if (wanted.length > 0 && !wanted.includes(name)) return;
  const path = join(target, `${name}.png`);
  // Fonts that are still on their way would be missing from the picture.
  await window.page.evaluate(async () => document.fonts.ready);
  await window.page.screenshot({ path, scale: 'css', animations: 'disabled', caret: 'hide' });
  process.stderr.write(`${name}.png, ${Math.round(statSync(path).size / 1000)} KB\n`);
}

const stage = await startStage('a', 'c');
try {
  const [minutes, site, pdf, readingList, letter] = makeSamples(join(stage.practice.directory, 'samples')).map(
    ({ path }) => path,
  );
  assert.ok(minutes && site && pdf && readingList && letter);
  const a = stage.daemon('a');
  const c = stage.daemon('c');
  const links: string[] = [];
  for (const path of [site, letter, readingList])
    links.push((await publishPath(c, path, { k: 3, n: 10, class: 'updatable' })).link);
  for (const link of links.slice(0, 2))
    await jobEnd(c.client, (await c.client.call('check.start', { link })).job, 'check');
  const minutesLink = (await publishPath(a, minutes, { k: 3, n: 10 })).link;
  const pdfLink = (await publishPath(a, pdf, { k: 6, n: 10 })).link;
  for (const link of [minutesLink, links[0]!])
    await jobEnd(c.client, (await c.client.call('open.start', { link })).job, 'open');

  const window = await stage.open('c');
  const { page } = window;
  await window.heading('This node').waitFor();
  await take(window, 'home');
  await window.colours('dark');
  await take(window, 'home-dark');
  await window.section('Network');
  await page.getByRole('img', { name: /^The circle of keys/ }).waitFor();
  await take(window, 'network-dark');
  await window.colours('light');
  await take(window, 'network');
  await window.heading('How they ended').scrollIntoViewIfNeeded();
  await take(window, 'network-requests');
  await window.section('Library');
  await choosePublished(window);
  await take(window, 'library');

  await showPublishing(window, stage, site, take);

  // A reader that holds nothing of it itself.
  await stage.start('d');
  const reader = await stage.open('d');
  await showOpening(reader, stage, pdfLink, take);
  await reader.content.locator('.page[data-drawn="yes"]').first().waitFor();
  await take(reader, 'reader-pdf');
  await reader.close();

  await openByField(window, links[0]!);
  await window.content.locator('img').first().waitFor();
  await take(window, 'reader');
  await page.getByRole('link', { name: 'Settings', exact: true }).click();
  await window.heading('Appearance').waitFor();
  await take(window, 'settings');
  await window.close();

  const narrow = await stage.open('c', { viewport: { width: 320, height: 700 } });
  await narrow.heading('This node').waitFor();
  await take(narrow, 'narrow');
  await narrow.page.evaluate(() => (location.hash = '#/network'));
  await narrow.page.getByRole('img', { name: /^The circle of keys/ }).waitFor();
  await take(narrow, 'network-narrow');
  await narrow.close();
} finally {
  await stage.stop();
}
