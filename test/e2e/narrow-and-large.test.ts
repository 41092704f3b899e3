/** Every view in a window of 320 px, with text of 200 %, in light and dark: nothing sticks out, and all of it can be used. */
import { after, before, describe, it } from 'node:test';
import { join } from 'node:path';
import type { AppWindow } from '../support/page.ts';
import { openByField, publishPath, SITE, startStage } from './stage.ts';
import type { Stage } from './stage.ts';

let stage: Stage;
let link: string;
let published: string;
/** A title without a place to break, as file names are. */
const TITLE =
  'Report_of_the_harbour_board_on_the_dredging_of_the_north_channel_and_what_it_will_cost_2026_final_version';

before(async () => {
  stage = await startStage('c');
  const job = await publishPath(stage.daemon('c'), stage.write('site', SITE), {
    title: TITLE,
    k: 3,
    n: 10,
    class: 'updatable',
  });
  link = job.link;
  published = job.id;
});
after(() => stage?.stop());

/** Goes to every view in turn. */
async function everyView(window: AppWindow, look: (state: string) => Promise<void>): Promise<void> {
  const { page } = window;
  const go = (hash: string): Promise<void> =>
    page.evaluate((next) => {
      location.hash = next;
    }, hash);
  window.expect(/Blocked script execution/, /violates the following Content Security Policy directive/);
  await page.locator('h1', { hasText: TITLE }).waitFor();
  await look('home');
  await go(`#/publish/${published}`);
  await window.heading('The link').waitFor();
  await look('published');
  await go('#/publish');
  await window.heading('Nothing chosen yet').waitFor();
  await look('publish, nothing chosen');
  await window.drop(join(stage.write('paper', { [`${TITLE}.txt`]: 'text' }), `${TITLE}.txt`));
  await page.getByLabel('Title, as readers will see it').waitFor();
  await look('publish');
  await window.button('Start over').click();
  for (const [hash, heading] of [
    ['#/library/published', TITLE],
    ['#/transfers', 'Running'],
    ['#/network', /^Connected by/],
    ['#/settings', 'Settings'],
    ['#/search', 'How to ask'],
    ['#/more', 'More'],
  ] as const) {
    await go(hash);
    await page.locator('main').getByText(heading).first().waitFor();
    await look(hash.slice(2));
  }
  await openByField(window, link);
  await window.content.getByRole('heading', { name: 'The lamp keeper’s log' }).waitFor();
  await look('reader');
}

describe('narrow windows and large text', { timeout: 180_000 }, () => {
  it('320 px', async () => {
    const window = await stage.open('c', { viewport: { width: 320, height: 700 } });
    await everyView(window, async (state) => {
      await window.assertFits(`${state} at 320 px`);
      await window.inspect(`${state} at 320 px`, 'iframe');
    });
    await window.close();
  });

  it('320 px: the details of an entry are a page of their own', async () => {
    const window = await stage.open('c', { viewport: { width: 320, height: 700 } });
    await window.section('Library');
    await window.page.getByRole('row', { name: new RegExp(TITLE) }).click();
    await window.button('Back to the list').waitFor();
    await window.assertFits('details at 320 px');
    await window.inspect('details at 320 px');
    await window.button('Back to the list').click();
    await window.page.getByRole('row', { name: new RegExp(TITLE) }).waitFor();
    await window.close();
  });

  it('text of 200 %', async () => {
    await stage.daemon('c').client.call('config.set', { name: 'text-percent', value: 200 });
    for (const width of [1280, 640]) {
      const window = await stage.open('c', { viewport: { width, height: 800 } });
      await window.page.waitForFunction(() => getComputedStyle(document.documentElement).fontSize === '32px');
      await everyView(window, (state) => window.assertFits(`${state} with text of 200 % at ${width} px`));
      window.assertQuiet(`text of 200 % at ${width} px`);
      await window.close();
    }
    await stage.daemon('c').client.call('config.set', { name: 'text-percent', value: 100 });
  });
});
