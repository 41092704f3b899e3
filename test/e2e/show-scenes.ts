/**
 * Shows states of the interface, both themes and at 320 px, and looks for console errors, sideways scrolling and violations that axe
 * finds. Needs out/renderer and a Chromium.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import type { HeadlessServer } from '../../src-main/host/headless/server.ts';
import { axeFindings } from '../support/axe.ts';
import { findChromium, launchChromium } from '../support/chromium.ts';
import { DemoNode } from '../support/demo-contract.ts';
import { demoEntry } from '../support/demo-things.ts';
import { headless, PROJECT_ROOT } from '../support/headless.ts';
import { servedPublication } from '../support/served-publication.ts';
import type { Scene } from './scene.ts';

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

export const now = Date.now();
export const library = [
  demoEntry('Tide tables for small boats, 2026', { states: 'ffffffffff' }),
  demoEntry('Soundings of the north channel', { states: 'ffffmfmooo', edition: 2 }),
  demoEntry('Letters from the lightship', { states: 'ffffffffbo' }),
  demoEntry('Ferry times before the bridge', { states: 'ffoooooooo', class: 'fixed' }),
  demoEntry('A title so long that it goes on and on over more than one line, as the titles of old books do'),
  demoEntry('محاضر لجنة المرفأ، ١٩١١', { origin: 'opened', type: 'text/plain' }),
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

let server: HeadlessServer;

/** Where the one publication of the server is, once it runs. */
export const contentUrl = (): string => `http://${LABEL}.localhost:${server.port}/`;

export function showScenes(scenes: readonly Scene[]): void {
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

  for (const scene of scenes) {
    test(`interface: ${scene.name}`, { skip, timeout: 180_000 }, async () => {
      for (const { width, height, isWide } of SIZES) {
        demo = (scene.node ?? (() => new DemoNode({ library })))();
        const context = await browser.newContext({
          viewport: { width, height },
          colorScheme: 'light',
          locale: 'en-GB',
        });
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
}
