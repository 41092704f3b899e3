/**
 * Long lists in the built interface on a stand-in for the node: a library of ten thousand rows by the keyboard, of which only those in
 * sight are drawn, in wide and narrow windows, with large text and from right to left; and bookmarks.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import type { LibraryEntry } from '../../shared/ipc/model.ts';
import { axeFindings } from '../support/axe.ts';
import { demoBookmark } from '../support/demo-bookmarks.ts';
import { DemoNode } from '../support/demo-contract.ts';
import { demoStage, noDemoStage } from '../support/demo-stage.ts';
import { demoEntry, demoLink } from '../support/demo-things.ts';
import { untilFocused, untilSeen } from '../support/page.ts';

const MANY = 10_000;
const BOOKMARKS = 1_000;
/** More than fit into any window of these tests twice. */
const MOST_DRAWN = 80;
const stage = demoStage();

/** The newest first, as they are listed. */
const entries = Array.from({ length: MANY }, (_, index) =>
  demoEntry(`Minutes of the harbour, plate ${index + 1}`, {
    atMs: 1_750_000_000_000 - index * 60_000,
    states: index % 3 === 0 ? 'ffffffffff' : 'fffffffmoo',
  }),
);
const opened = [demoEntry('Tide tables', { origin: 'opened' })];

async function openLibrary(
  options: { width?: number; height?: number; settings?: Readonly<Record<string, string | number>> } = {},
): Promise<Page> {
  const { settings = {}, ...size } = options;
  stage.node = new DemoNode({ library: [...entries, ...opened], settings: { welcomed: true, ...settings } });
  const page = await stage.open({ ...size, hash: '#/library' });
  // Another language draws all of it anew, and what had the focus is gone.
  if (settings['language'] === 'ar') await page.getByRole('link', { name: 'الإعدادات' }).waitFor();
  await rowAt(page, 1).waitFor();
  return page;
}
/** By its place among all rows, which the heading does not count for. */
const rowAt = (page: Page, place: number): Locator => page.locator(`[role=row][aria-rowindex="${place + 1}"]`);
const drawn = (page: Page): Promise<number> => page.locator('[role=row]').count();
const isInSight = (row: Locator): Promise<boolean> =>
  row.evaluate((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    const main = element.closest('main')!.getBoundingClientRect();
    return top >= main.top - 1 && bottom <= Math.min(main.bottom, window.innerHeight) + 1;
  });
async function untilInSight(row: Locator): Promise<void> {
  assert.ok(
    await untilSeen(
      row.page(),
      () => isInSight(row),
      (now) => now,
    ),
  );
}

describe('long lists', { skip: noDemoStage, timeout: 180_000 }, () => {
  it('a library of ten thousand: every key, the filter, and a row that keeps the focus', async () => {
    const page = await openLibrary();
    const grid = page.getByRole('grid', { name: 'Published' });
    assert.equal(await grid.getAttribute('aria-rowcount'), String(MANY + 1));
    await rowAt(page, 1)
      .getByRole('img', { name: /10 of 10/ })
      .waitFor();
    await rowAt(page, 1).focus();
    await page.keyboard.press('ArrowDown');
    await untilFocused(rowAt(page, 2));
    await page
      .getByRole('article')
      .getByRole('heading', { name: 'Minutes of the harbour, plate 2', exact: true })
      .waitFor();
    await page.keyboard.press('End');
    await untilFocused(rowAt(page, MANY));
    await untilInSight(rowAt(page, MANY));
    assert.ok((await drawn(page)) < MOST_DRAWN, `${await drawn(page)} rows`);
    await page
      .getByRole('article')
      .getByRole('heading', { name: `plate ${MANY}` })
      .waitFor();
    assert.ok(await isInSight(page.getByRole('article').getByRole('heading', { name: `plate ${MANY}` })), 'beside it');
    assert.deepEqual(await axeFindings(page), []);
    await page.keyboard.press('PageUp');
    const place = (): Promise<number> =>
      page.evaluate(() => Number(document.activeElement?.getAttribute('aria-rowindex') ?? 0) - 1);
    const before = await untilSeen(page, place, (now) => now > 0 && now < MANY);
    assert.ok(before > MANY - 40, 'a page, and no more');
    await page.keyboard.press('PageDown');
    await untilFocused(rowAt(page, MANY));
    await page.keyboard.press('Home');
    await untilFocused(rowAt(page, 1));
    await untilInSight(page.getByRole('columnheader', { name: 'Title' }));
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await untilFocused(rowAt(page, 3));
    await page.keyboard.press('k');
    await untilFocused(rowAt(page, 2));

    // Scrolled away from, and told anew by the node, it keeps the focus and its place.
    await page.locator('main').evaluate((main) => main.scrollTo({ top: 100_000 }));
    await untilSeen(
      page,
      () => rowAt(page, 1).count(),
      (count) => count === 0,
    );
    stage.node.library = stage.node.library.map((entry): LibraryEntry =>
      entry.link === entries[1]!.link ? { ...entry, edition: 7 } : entry,
    );
    stage.node.emit('library', null);
    await rowAt(page, 2).getByText('edition 7').waitFor({ state: 'attached' });
    await untilFocused(rowAt(page, 2));
    await page.keyboard.press('ArrowDown');
    await untilFocused(rowAt(page, 3));
    await untilInSight(rowAt(page, 3));

    await page.getByLabel('In this list').fill('plate 999');
    await untilSeen(
      page,
      () => grid.getAttribute('aria-rowcount'),
      (count) => count === '12',
    );
    await page.keyboard.press('Tab');
    await page.keyboard.press('Escape');
    await page.getByLabel('In this list').fill('');
    await page.locator('main').evaluate((main) => main.scrollTo({ top: 100_000 }));
    await page.getByRole('link', { name: /^Opened/ }).click();
    await page
      .getByRole('grid', { name: 'Opened' })
      .getByRole('row', { name: /Tide tables/ })
      .waitFor();
    await page.getByRole('link', { name: /^Published/ }).click();
    await untilInSight(rowAt(page, 1));
    await page.locator('main').evaluate((main) => main.scrollTo({ top: 100_000 }));
    await page.getByRole('link', { name: /^Bookmarks/ }).click();
    await page.getByRole('heading', { name: 'No bookmarks yet' }).waitFor();
    stage.assertQuiet('the end');
  });

  for (const [name, options] of [
    ['at 320 px', { width: 320, height: 640 }],
    ['with text of 200 %', { settings: { 'text-percent': 200 } }],
    ['from right to left', { settings: { language: 'ar' } }],
    ['in a very low window, which scrolls as a whole', { width: 900, height: 420 }],
  ] as const) {
    it(`goes to both ends ${name}, and no further to the side`, async () => {
      const page = await openLibrary(options);
      await rowAt(page, 1).focus();
      await page.keyboard.press('End');
      await untilFocused(rowAt(page, MANY));
      assert.ok((await drawn(page)) < MOST_DRAWN);
      const sideways = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(sideways <= 0, `${sideways} px`);
      await page.keyboard.press('Home');
      await untilFocused(rowAt(page, 1));
      stage.assertQuiet(name);
    });
  }

  it('in a narrow window the details are a page, from which one comes back to the row', async () => {
    const page = await openLibrary({ width: 360, height: 740 });
    await rowAt(page, 1).focus();
    await page.keyboard.press('End');
    await untilFocused(rowAt(page, MANY));
    await page.keyboard.press(' ');
    await page
      .getByRole('article')
      .getByRole('heading', { name: `plate ${MANY}` })
      .waitFor();
    await untilInSight(page.getByRole('button', { name: 'Back to the list' }));
    await page.getByRole('button', { name: 'Back to the list' }).click();
    await untilFocused(rowAt(page, MANY));
    await untilInSight(rowAt(page, MANY));
    stage.assertQuiet('back');
  });

  it('bookmarks are drawn where they are looked at, and gone through by Tab', async () => {
    const list = Array.from({ length: BOOKMARKS }, (_, index) =>
      demoBookmark(demoLink(`bookmark ${index}`), `Chart of the bay, sheet ${index + 1}`),
    );
    stage.node = new DemoNode({ settings: { welcomed: true }, bookmarks: { list } });
    const page = await stage.open({ hash: '#/library/bookmarks' });
    const item = (place: number): Locator => page.locator(`[role=listitem][aria-posinset="${place}"]`);
    await item(1).waitFor();
    assert.equal(await item(1).getAttribute('aria-setsize'), String(BOOKMARKS));
    assert.ok((await page.locator('[aria-posinset]').count()) < MOST_DRAWN);
    await item(1).getByRole('button').first().focus();
    // Three in each row, one after the other, also where rows were not drawn before.
    for (let pressed = 0; pressed < 3 * 20; pressed += 1) await page.keyboard.press('Tab');
    await untilFocused(item(21).getByRole('button').first());
    assert.deepEqual(await axeFindings(page), []);
    await page.getByLabel('In this list').fill('sheet 1000');
    await item(1).getByText('sheet 1000').waitFor();
    stage.assertQuiet('bookmarks');
  });
});
