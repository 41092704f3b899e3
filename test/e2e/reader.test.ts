/** The reader's tools on a real publication, and the preview before there is one: everything by the interface alone. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { untilFocused, untilSeen } from '../support/page.ts';
import { openByField, PICTURE, publishPath, startStage } from './stage.ts';
import type { Stage } from './stage.ts';

const PAGE = `<!doctype html><html lang="en"><title>The mole</title><link rel="stylesheet" href="style.css">
<h1>The mole</h1><p>The harbour lies behind the mole; the Har<b>bour</b> master lives on it.</p><img src="lamp.png" alt="The lamp">
<p><a href="second.html">The second page</a> <a href="missing.html">A page that is not there</a>
<a href="https://user@xn--mnchen-3ya.example/path?q=1">Out</a> <a href="mailto:a@b.example">Mail</a> <a href="OTHER">Another publication</a></p>
<script>document.title = 'ran'</script><img src="https://elsewhere.example/x.png" alt=""><form action="https://elsewhere.example/"></form></html>`;
const FILES = {
  'index.html': PAGE,
  'second.html': '<!doctype html><title>Second</title><p>No harbour here but this harbour.</p>',
  'style.css': 'p{font-size:20px}body{background:url(//elsewhere.example/y)}',
  'lamp.png': PICTURE,
};

let stage: Stage;
let link: string;
before(async () => {
  stage = await startStage('a');
  const other = stage.write('Another', { 'other.txt': 'Another text altogether.' });
  const { link: otherLink } = await publishPath(stage.daemon('a'), other);
  const folder = stage.write('The mole', { ...FILES, 'index.html': PAGE.replace('OTHER', otherLink) });
  ({ link } = await publishPath(stage.daemon('a'), folder));
});
after(() => stage?.stop());

describe('reading', { timeout: 180_000 }, () => {
  it('finds, zooms, shows the source, prints, saves, and asks before a link leads away', async () => {
    const window = await stage.open('a');
    const { page, content } = window;
    await openByField(window, link);
    await content.getByRole('heading', { name: 'The mole' }).waitFor();
    assert.equal(await content.locator('html').evaluate(() => document.title), 'The mole');
    await window.text('Left out of this page: 1 script, 1 picture from elsewhere and 1 form.').waitFor();

    await page.keyboard.press('Control+f');
    await page.getByLabel('Find on this page').fill('harbour');
    await page.keyboard.press('Enter');
    await page.getByText('1 of 2', { exact: true }).waitFor();
    const target = content.locator(':target');
    assert.equal(await target.textContent(), 'harbour');
    await content.locator('html').evaluate((element) => element.setAttribute('data-same', '1'));
    await page.keyboard.press('Enter');
    await page.getByText('2 of 2', { exact: true }).waitFor();
    await content.locator('#broadside-found-2:target').waitFor();
    assert.equal(await target.textContent(), 'Har');
    assert.equal(await content.locator('html').getAttribute('data-same'), '1', 'the page was not loaded anew');
    await page.keyboard.press('Shift+Enter');
    await page.getByText('1 of 2', { exact: true }).waitFor();
    await page.getByLabel('Find on this page').fill('nowhere to be found');
    await page.keyboard.press('Enter');
    await window.text('Nowhere on this page').waitFor();
    await window.inspect('the reader’s tools', 'iframe');
    await window.assertFits('the reader’s tools');

    const width = (): Promise<number> => content.locator('html').evaluate(() => document.documentElement.clientWidth);
    const untilWidth = (wanted: number): Promise<number> =>
      untilSeen(page, width, (now) => Math.abs(now - wanted) <= 1);
    const asIs = await width();
    for (let pressed = 0; pressed < 5; pressed += 1) await window.button('Larger').click();
    await page.getByText('200%', { exact: true }).waitFor();
    await untilWidth(asIs / 2);
    await page.getByText('200%', { exact: true }).click();
    await untilWidth(asIs);

    await page.getByLabel('Show the source').check();
    await content.locator('ol.lines').waitFor();
    await content.getByText('<script>document.title').waitFor();
    await page.getByLabel('Show the source').uncheck();
    await content.getByRole('heading', { name: 'The mole' }).waitFor();
    // Where the frame went by itself is where words are looked for.
    await content.getByRole('link', { name: 'The second page' }).click();
    await content.getByText('No harbour here').waitFor();
    await page.getByLabel('Find on this page').fill('harbour');
    await page.keyboard.press('Enter');
    await page.getByText('1 of 2', { exact: true }).waitFor();
    await content.getByText('No harbour here').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'index.html' }).click();
    await content.getByRole('heading', { name: 'The mole' }).waitFor();

    const printed = page.waitForEvent('frameattached');
    await window.button('Print').click();
    await printed;
    await page.waitForFunction(() => document.querySelector('iframe[src*="print.html"]') === null);

    await window.button('Save this file').click();
    const inert = page.waitForEvent('download');
    await window.button('Save a copy that runs and loads nothing').click();
    const saved = readFileSync(await (await inert).path(), 'utf8');
    assert.match(saved, /Content-Security-Policy/);
    assert.doesNotMatch(saved, /<script|elsewhere\.example|<form/);
    await window.button('Save this file').click();
    const exact = page.waitForEvent('download');
    await window.button('Save it exactly as published').click();
    assert.match(readFileSync(await (await exact).path(), 'utf8'), /<script>document\.title = 'ran'<\/script>/);

    await content.getByRole('link', { name: 'Out', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('This link leads out of Broadside').waitFor();
    assert.equal(await dialog.locator('strong').textContent(), 'xn--mnchen-3ya.example');
    assert.equal(await dialog.locator('.address').textContent(), 'https://xn--mnchen-3ya.example/path?q=1');
    await untilFocused(window.button('Cancel'));
    await window.inspect('before a link that leads away', 'iframe');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await content.getByRole('heading', { name: 'The mole' }).waitFor();
    await content.getByRole('link', { name: 'Mail' }).click();
    await dialog.getByText('mailto:a@b.example').waitFor();
    assert.equal(await dialog.getByRole('button', { name: 'Open it in a browser' }).count(), 0);
    await window.button('Cancel').click();

    await window.button('Check now').click();
    await window.text(/^Checked .*: 4 of 4 shares answered/).waitFor();
    await page.getByText('Who holds its shares').click();
    await page.getByText(/^Share 1/).waitFor();
    await window.inspect('about this publication', 'iframe');

    await content.getByRole('link', { name: 'Another publication' }).click();
    await content.getByRole('link', { name: 'other.txt' }).click();
    await content.getByText('Another text altogether.').waitFor();
    await window.close();
  });

  it('shows before publishing what readers will see, what is left out, and links that lead nowhere', async () => {
    const window = await stage.open('a');
    const { page, content } = window;
    await window.section('Publish');
    await window.drop(stage.write('To be looked at', { ...FILES }));
    await page.getByLabel('Title, as readers will see it').waitFor();
    await window.button('Preview').click();
    await window.heading('As readers will see it').waitFor();
    await content.getByRole('heading', { name: 'The mole' }).waitFor();
    await window.text('1 script, 1 picture from elsewhere and 1 form').waitFor();
    await page.getByText('missing.html', { exact: true }).waitFor();
    await window.inspect('the preview', 'iframe');
    await window.assertFits('the preview');
    await content.getByRole('link', { name: 'The second page' }).click();
    await content.getByText('No harbour here').waitFor();
    await window.button('Back to publishing').click();
    await page.getByLabel('Title, as readers will see it').waitFor();
    await window.close();
  });
});
