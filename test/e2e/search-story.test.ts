/**
 * Searching from the first word to ten thousand rows, by the keyboard, in the built interface on a stand-in for the node: what
 * moves only when it is asked to, what costs nothing more when it is stopped, and what is asked only after somebody agreed.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import type { SearchState } from '../../shared/ipc/search-model.ts';
import { axeFindings } from '../support/axe.ts';
import { DemoNode } from '../support/demo-contract.ts';
import { demoFile, demoResults, demoUser, manyResults, telling } from '../support/demo-results.ts';
import { demoStage, noDemoStage } from '../support/demo-stage.ts';
import { untilFocused, untilValue } from '../support/page.ts';
import { goTo } from './scene.ts';

const MANY = 10_000;
/** Room for a dozen rows, so that the last of them is drawn. */
const TALL = 1400;

const stage = demoStage();

const rowAt = (page: Page, place: number): Locator => page.locator(`[aria-posinset="${place}"]`);
const chosen = (page: Page): Promise<string> =>
  page.locator('[aria-posinset][aria-selected="true"]').evaluate((row) => row.getAttribute('aria-posinset') ?? '');
/** The one search that runs. */
const running = (): SearchState => [...stage.node.search.searches.values()].at(-1)!;

describe('searching', { skip: noDemoStage, timeout: 180_000 }, () => {
  it('keeps its rows calm while more come, sorts on request, and stops by a key', async () => {
    const demo = (stage.node = new DemoNode({ search: telling({}) }));
    const page = await stage.open({ height: TALL });
    await page.keyboard.press('/');
    await page.keyboard.type('harbour');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: '9 found' }).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.waitForFunction(() => document.activeElement?.getAttribute('aria-posinset') === '2');
    const before = await rowAt(page, 2).boundingBox();
    // A better one, and more sources of the second: rows stay, the new one comes at the end.
    const known = demo.search.results.get(running().id)!;
    const better = demoFile('Best harbour.pdf', { score: 1 });
    demo.search.tell(running(), [{ ...known[1]!, sources: 12 }, better]);
    await page.getByRole('heading', { name: '10 found' }).waitFor();
    await rowAt(page, 2).getByText('12 sources').waitFor();
    assert.deepEqual(await rowAt(page, 2).boundingBox(), before);
    await rowAt(page, 10).getByText('Best harbour').waitFor();
    // Best first, and what comes after that waits until it is asked for.
    await page.getByLabel('Order').selectOption('Best first');
    await rowAt(page, 1).getByText('Best harbour').waitFor();
    demo.search.tell(running(), [demoFile('Second best harbour.pdf', { score: 0.99 })]);
    const waiting = page.getByRole('button', { name: '1 more found: show it' });
    await waiting.waitFor();
    assert.doesNotMatch(await rowAt(page, 2).innerText(), /Second best/);
    await waiting.click();
    await rowAt(page, 2).getByText('Second best').waitFor();
    await page.keyboard.press('Escape');
    await page.getByText(/^Stopped: 12 of 19 hubs asked/).waitFor();
    await demo.calls.until('search.stop');
    stage.assertQuiet('the end');
  });

  it('goes by keys through ten thousand rows, of which only those in sight are drawn', async () => {
    stage.node = new DemoNode({
      search: telling({ state: 'done', end: 'enough', endedMs: Date.now() }, manyResults(MANY)),
    });
    const page = await stage.open();
    await goTo(page, 'harbour');
    await page.getByRole('heading', { name: '10,000 found' }).waitFor();
    await rowAt(page, 1).focus();
    await page.keyboard.press('End');
    await page.waitForFunction((last) => document.activeElement?.getAttribute('aria-posinset') === last, String(MANY));
    assert.equal(await rowAt(page, MANY).getAttribute('aria-setsize'), String(MANY));
    assert.ok((await page.locator('[aria-posinset]').count()) < 60);
    await page.keyboard.press('PageUp');
    await page.waitForFunction((last) => {
      const place = document.activeElement?.getAttribute('aria-posinset');
      return place !== null && place !== undefined && Number(place) < last;
    }, MANY);
    assert.ok(Number(await chosen(page)) < MANY);
    assert.ok(await page.locator(':focus').isVisible());
    await page.keyboard.press('Home');
    await page.waitForFunction(() => document.activeElement?.getAttribute('aria-posinset') === '1');
    await page.getByLabel('Documents, 8,000').uncheck();
    await page.getByRole('heading', { name: '2,000 of 10,000 found' }).waitFor();
    await page.getByRole('button', { name: 'Ask for these, too' }).waitFor({ state: 'detached' });
    // From the row that was filtered away the focus finds the list again.
    await page.keyboard.press('j');
    await page.waitForFunction(() => document.activeElement?.hasAttribute('aria-posinset') === true);
    stage.assertQuiet('the end');
  });

  it('takes the words out of an address, asks again what is beyond, and comes back by the history', async () => {
    stage.node = new DemoNode({ search: telling({}) });
    const page = await stage.open({ hash: '#/search?q=harbour%20kind%3Adirect' });
    await page.getByText('Still looking').waitFor();
    assert.doesNotMatch(await page.evaluate(() => location.hash), /q=|harbour/);
    await untilValue(page.getByLabel('Words or a link'), 'harbour kind:direct');
    await page.getByLabel('anonymous, 4').check();
    await untilValue(page.getByLabel('Words or a link'), 'harbour');
    await page.getByRole('button', { name: 'Ask for these, too' }).click();
    await page.getByText('The hubs were asked for less').waitFor({ state: 'detached' });
    assert.deepEqual(
      [...stage.node.search.searches.values()].map(({ query, state }) => [query, state]),
      [
        ['harbour kind:direct', 'stopped'],
        ['harbour', 'searching'],
      ],
    );
    await page.goBack();
    await page.getByText(/^Stopped: 12 of 19/).waitFor();
    await untilValue(page.getByLabel('Words or a link'), 'harbour');
    stage.assertQuiet('the end');
  });

  it('hides and takes back, wishes, and looks through what a user shares', async () => {
    const users = [demoUser('k4fq 5d2m', { label: 'Tidewatch' })];
    const demo = (stage.node = new DemoNode({
      search: { ...telling({ state: 'done', end: 'exhausted', hubsAsked: 19 }), users },
      loading: { shelves: { 'Tide tables.csv': 61_000 } },
    }));
    const page = await stage.open();
    await goTo(page, 'harbour');
    await page.getByRole('heading', { name: '9 found' }).waitFor();
    await rowAt(page, 2).focus();
    await page.keyboard.press('h');
    await page.getByText('is hidden.').waitFor();
    await rowAt(page, 2).getByText('Cost of dredging').waitFor();
    await untilFocused(rowAt(page, 2));
    await page.getByRole('button', { name: 'Undo' }).click();
    await rowAt(page, 2).getByText('scanned').waitFor();
    assert.deepEqual(demo.search.hidden, []);
    await page.keyboard.press('w');
    await page.getByText('It is a wish now').waitFor();
    assert.deepEqual(
      demo.search.wishes.map(({ query }) => query),
      ['harbour'],
    );
    await rowAt(page, 2).click();
    await page.getByRole('button', { name: 'Look through what Tidewatch shares' }).click();
    await page.getByText('both ends then see each other’s address.').waitFor();
    assert.ok(!demo.calls.includes('users.browse'), 'nobody is asked before it is agreed to');
    await page.getByRole('button', { name: 'Look through it' }).click();
    await page.getByRole('button', { name: 'All folders' }).click();
    await page.getByText('Tide tables.csv').waitFor();
    assert.deepEqual(await axeFindings(page), []);
    stage.assertQuiet('the end');
  });

  it('opens publications at once, and of what goes straight asks each time', async () => {
    const demo = (stage.node = new DemoNode({ search: telling({}, demoResults().slice(0, 2)) }));
    const page = await stage.open();
    await goTo(page, 'harbour');
    await rowAt(page, 2).focus();
    const dialog = page.getByRole('dialog', { name: 'Both ends will see each other’s address' });
    for (const _ of [1, 2]) {
      await page.keyboard.press('Enter');
      await dialog.getByText('the 9 who share it').waitFor();
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'hidden' });
    }
    assert.equal(demo.calls.includes('download.start'), false);
    assert.equal(demo.calls.includes('search.chose'), false);
    // Escape closed the dialog, and did not stop the search.
    assert.equal(running().state, 'searching');
    await page.keyboard.press('Enter');
    await dialog.getByLabel('Folder to put it into').fill('downloads');
    await page.keyboard.press('Enter');
    await dialog.getByText('Write the whole path').waitFor();
    await dialog.getByLabel('Folder to put it into').fill('/srv/downloads');
    await page.keyboard.press('Enter');
    await page.getByText('It is being fetched.').waitFor();
    await demo.calls.until('search.chose');
    assert.deepEqual(
      demo.calls.filter((name) => name === 'download.start' || name === 'search.chose'),
      ['download.start', 'search.chose'],
    );
    await rowAt(page, 1).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /Looking for its shares/ }).waitFor();
    // A link of a file from elsewhere is asked about, too.
    await goTo(page, demoFile('chart.pdf').link);
    await dialog.getByText('may have been made to learn yours').waitFor();
    stage.assertQuiet('the end');
  });
});
