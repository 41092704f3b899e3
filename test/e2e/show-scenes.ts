/**
 * Shows states of the interface, both themes and at 320 px, and looks for console errors, sideways scrolling and violations that axe
 * finds. Needs out/renderer and a Chromium.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { axeFindings } from '../support/axe.ts';
import { DemoNode } from '../support/demo-contract.ts';
import { demoStage, noDemoStage } from '../support/demo-stage.ts';
import { demoEntry } from '../support/demo-things.ts';
import { servedPublication } from '../support/served-publication.ts';
import type { Scene } from './scene.ts';

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

const stage = demoStage({
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

/** Where the one publication of the server is, once it runs. */
export const contentUrl = (): string => `http://${LABEL}.localhost:${stage.server.port}/`;

export function showScenes(scenes: readonly Scene[]): void {
  for (const scene of scenes) {
    test(`interface: ${scene.name}`, { skip: noDemoStage, timeout: 180_000 }, async () => {
      for (const { width, height, isWide } of SIZES) {
        const where = `${scene.name}, ${width} px`;
        stage.node = (scene.node ?? (() => new DemoNode({ library })))();
        const hash = typeof scene.hash === 'function' ? scene.hash(stage.node) : scene.hash;
        const page = await stage.open({ width, height, hash });
        await scene.act?.(page);
        await page
          .getByText(scene.shows)
          .or(page.getByPlaceholder(scene.shows))
          .filter({ visible: true })
          .first()
          .waitFor();
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
        stage.assertQuiet(where);
      }
    });
  }
}
