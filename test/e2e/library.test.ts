/** The library: what was published and what was opened, how it is doing, and off the list again. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { untilFocused } from '../support/page.ts';
import { jobEnd } from '../support/practice.ts';
import { publishPath, SITE, startStage } from './stage.ts';
import type { Stage } from './stage.ts';

let stage: Stage;
let link: string;
before(async () => {
  stage = await startStage('c');
  const { client } = stage.daemon('c');
  link = (await publishPath(stage.daemon('c'), stage.write('site', SITE), { title: 'The keeper’s log' })).link;
  await publishPath(stage.daemon('c'), stage.write('text', { 'a.txt': 'a text', 'b.txt': 'another' }), {
    title: 'Two texts',
  });
  const { job } = await client.call('open.start', { link });
  assert.equal((await jobEnd(client, job, 'open')).state, 'done');
});
after(() => stage?.stop());

describe('the library', { timeout: 180_000 }, () => {
  it('lists what was published; checking fills the dots; removing asks first', async () => {
    const window = await stage.open('c');
    const { page } = window;
    await window.section('Library');
    const grid = page.getByRole('grid', { name: 'Published' });
    await grid.waitFor();
    await grid.getByRole('row', { name: /Two texts/ }).waitFor();
    await grid.getByRole('row', { name: /The keeper’s log/ }).waitFor();
    assert.equal(await grid.getByRole('row').count(), 3);
    await grid.getByRole('row', { name: /The keeper’s log/ }).click();
    await page.getByRole('article').getByRole('heading', { name: 'The keeper’s log' }).waitFor();
    await window.button('Check now').click();
    await page
      .getByRole('article')
      .getByRole('img', { name: /^4 of 4 shares found/ })
      .waitFor();
    await page
      .getByRole('article')
      .getByText(/4 of 4 answered, now/)
      .waitFor();
    await page.getByRole('article').getByText('Can be read: 2 are enough').waitFor();
    await grid
      .getByRole('row', { name: /The keeper’s log/ })
      .getByText('4 of 4 answered')
      .waitFor();
    await window.inspect('the library');

    await window.button('Link').click();
    await window.text('The link is copied').waitFor();
    assert.equal(await window.clipboard(), link);
    await page.getByLabel('In this list').fill('two');
    await grid.getByRole('row', { name: /The keeper’s log/ }).waitFor({ state: 'detached' });
    await page.getByLabel('In this list').fill('no such title');
    await window.text('No title has “no such title” in it.').waitFor();
    await page.getByLabel('In this list').fill('');
    await grid.getByRole('row', { name: /The keeper’s log/ }).click();

    await window.button('Remove from list').click();
    const dialog = page.getByRole('dialog', { name: 'Remove it from the list?' });
    await dialog.waitFor();
    await window.inspect('asking before it is removed');
    await dialog.getByRole('button', { name: 'Keep it' }).click();
    await dialog.waitFor({ state: 'hidden' });
    assert.equal(await grid.getByRole('row').count(), 3);
    await window.button('Remove from list').click();
    await dialog.getByRole('button', { name: 'Remove from list' }).click();
    await grid.getByRole('row', { name: /The keeper’s log/ }).waitFor({ state: 'detached' });
    const entries = await stage.daemon('c').client.call('library.list', null);
    assert.deepEqual(entries.map(({ origin, title }) => `${origin} ${title}`).sort(), [
      'opened The keeper’s log',
      'published Two texts',
    ]);
    window.assertQuiet('removed');
    await window.close();
  });

  it('lists what was opened, opens it again by the keys, and is empty when it is removed', async () => {
    const window = await stage.open('c');
    const { page } = window;
    window.expect(/Blocked script execution/, /violates the following Content Security Policy directive/);
    await window.section('Library');
    await page.getByRole('link', { name: /^Opened/ }).click();
    const row = page.getByRole('grid', { name: 'Opened' }).getByRole('row', { name: /The keeper’s log/ });
    await row.waitFor();
    await window.inspect('the library, opened');
    await page.keyboard.press('j');
    await untilFocused(row);
    await page.keyboard.press('Enter');
    await window.content.getByRole('heading', { name: 'The lamp keeper’s log' }).waitFor();
    await page.goBack();
    await window.button('Remove from list').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove from list' }).click();
    await window.heading('Nothing opened yet').waitFor();
    await window.inspect('nothing opened');
    await window.close();
  });
});
