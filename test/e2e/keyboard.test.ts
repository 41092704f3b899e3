/** Everything without a mouse: publish, open, read, and the sheet of keys. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { untilFocused } from '../support/page.ts';
import { startStage } from './stage.ts';
import type { Stage } from './stage.ts';

let stage: Stage;
let link: string;
before(async () => {
  stage = await startStage('a', 'c');
});
after(() => stage?.stop());

describe('by the keyboard alone', { timeout: 180_000 }, () => {
  it('publishes', async () => {
    const window = await stage.open('a');
    const { page } = window;
    const file = join(
      stage.write('paper', { 'Tides of the week.txt': 'Springs on Tuesday.\n' }),
      'Tides of the week.txt',
    );
    await page.keyboard.press('?');
    const sheet = page.getByRole('dialog', { name: 'Keys' });
    await sheet.waitFor();
    await window.inspect('the sheet of keys');
    await page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'hidden' });

    await page.keyboard.press('n');
    await window.heading('Nothing chosen yet').waitFor();
    const choosing = page.waitForEvent('filechooser');
    await window.tabTo('button', 'Choose a file');
    await page.keyboard.press('Enter');
    await (await choosing).setFiles(file);
    await page.getByLabel('Title, as readers will see it').waitFor();
    await window.tabTo('textbox', 'Title, as readers will see it');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('Tides, for everybody');
    // Until it is known what the file tells about its author, nothing can be published.
    await window.text('Nothing was found that tells about their author.').waitFor();
    await page.keyboard.press('Control+Enter');
    await window.heading('Fetched back through other paths').waitFor();
    assert.equal(await page.locator('h1').first().textContent(), 'Tides, for everybody');
    await window.tabTo('checkbox', 'I have kept it somewhere safe');
    await page.keyboard.press('Space');
    await window.heading('Its password, shown once').waitFor({ state: 'detached' });
    await window.tabTo('button', 'Copy the link');
    await page.keyboard.press('Enter');
    await window.text('The link is copied').waitFor();
    link = await window.clipboard();
    assert.match(link, /^broadside:[a-z2-7]{114}$/);
    window.assertQuiet('published');
    await window.close();
  });

  it('opens, looks about, and goes elsewhere', async () => {
    const window = await stage.open('c');
    const { page } = window;
    await page.keyboard.press('/');
    await page.keyboard.insertText(link);
    await page.keyboard.press('Enter');
    await window.content.getByText('Springs on Tuesday.').waitFor();
    await window.heading('About this publication').waitFor();
    await page.keyboard.press('i');
    await window.heading('About this publication').waitFor({ state: 'detached' });
    await page.keyboard.press('i');
    await window.heading('About this publication').waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('l');
    await page.getByRole('link', { name: /^Opened/ }).waitFor();
    await window.tabTo('link', /^Opened/);
    await page.keyboard.press('Enter');
    const row = page.getByRole('row', { name: /Tides, for everybody/ });
    await row.waitFor();
    await page.keyboard.press('j');
    await untilFocused(row);
    await page.keyboard.press('Enter');
    await window.content.getByText('Springs on Tuesday.').waitFor();
    await window.tabTo('button', 'Close Tides, for everybody');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Tides, for everybody' }).first().waitFor({ state: 'detached' });
    window.assertQuiet('the end');
    await window.close();
  });
});
