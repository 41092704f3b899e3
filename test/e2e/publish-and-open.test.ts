/** A site is published in one window and read in another after its publisher is gone. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { encode } from 'uqr';
import { jobEnd } from '../support/practice.ts';
import { openByField, SITE, startStage } from './stage.ts';
import type { Stage } from './stage.ts';

let stage: Stage;
let folder: string;
let link: string;
before(async () => {
  stage = await startStage('a');
  folder = stage.write('The lamp keeper', SITE);
});
after(() => stage?.stop());

describe('publish on one machine, open it on another', { timeout: 180_000 }, () => {
  it('publishes a dropped folder: what is in it, for how long, the stages, the password once, the link', async () => {
    const { client } = stage.daemon('a');
    const window = await stage.open('a');
    const { page } = window;
    await window.inspect('home, nothing yet');
    await window.section('Publish');
    await window.inspect('publish, nothing chosen');

    await window.drop(folder);
    const title = page.getByLabel('Title, as readers will see it');
    await title.waitFor();
    assert.equal(await title.inputValue(), 'The lamp keeper’s log');
    for (const name of ['index.html', 'nights/first.html', 'pictures/lamp.png', 'script.js', 'style.css']) {
      await page.locator('main').getByText(name, { exact: true }).waitFor();
    }
    await window.text('5 files, ').waitFor();
    await window.text('Readers begin here').waitFor();
    await window.text('1 thing is left out').waitFor();
    await window.text(/\.DS_Store: written by the system for itself/).waitFor();
    const shares = page.getByLabel('Nodes that each hold a share');
    await shares.fill('5');
    await shares.press('Tab');
    const enough = page.getByLabel('Shares that are enough');
    await enough.fill('2');
    await enough.press('Tab');
    await window.text('Up to 3 of the 5 may vanish').waitFor();
    await title.fill('The lamp keeper’s log, whole');
    // They are looked into on a thread of the node, and nothing is published before that has ended: the key would only say so.
    await window.text('Nothing was found that tells about their author.').waitFor();
    await window.inspect('publish, a site chosen');

    // Slow enough to be looked at on its way.
    await client.call('config.set', { name: 'up-bytes-per-second', value: 32_768 });
    await page.keyboard.press('Control+Enter');
    await window
      .heading('Fetched back')
      .waitFor()
      .catch(async (cause: unknown) => {
        const jobs = await client.call('jobs.list', null);
        throw new Error(`${JSON.stringify(jobs)}; the window shows: ${await page.locator('body').innerText()}`, {
          cause,
        });
      });
    for (const stageName of ['Read and encrypted', 'Sent to the network', 'Shares placed'])
      await window.heading(stageName).waitFor();
    await window.inspect('being published');
    await client.call('config.set', { name: 'up-bytes-per-second', value: 0 });
    await window.heading('Fetched back through other paths').waitFor();
    const [job] = await client.call('jobs.list', null);
    assert.ok(job?.kind === 'publish');
    const ended = await jobEnd(client, job.id, 'publish');
    assert.equal(ended.title, 'The lamp keeper’s log, whole');
    assert.equal(`${ended.k} of ${ended.n}`, '2 of 5');
    link = ended.link!;
    await page
      .locator('section', { has: window.heading('Fetched back through other paths') })
      .getByText('5 of 5')
      .waitFor();
    await window.inspect('published, with its password');

    const words = ended.password!;
    assert.ok(words.split(' ').length >= 7);
    const shown = page.getByText(words, { exact: true });
    await shown.waitFor();
    await window.button('Hide the password').click();
    await shown.waitFor({ state: 'detached' });
    assert.equal(
      await page
        .locator('body')
        .innerText()
        .then((text) => text.includes(words)),
      false,
    );
    await window.button('Show the password').click();
    await shown.waitFor();
    await page.getByRole('region', { name: 'Its password, shown once' }).getByRole('button', { name: 'Copy' }).click();
    await window.text('The password is copied').waitFor();
    assert.equal(await window.clipboard(), words);
    await page.getByLabel('I have kept it somewhere safe').click();
    await window.heading('Its password, shown once').waitFor({ state: 'detached' });
    assert.equal((await page.content()).includes(words), false);
    const after = await client.call('jobs.get', { job: job.id });
    assert.ok(after.kind === 'publish' && after.password === undefined);

    await window.button('Copy the link').click();
    await window.text('The link is copied').waitFor();
    assert.equal(await window.clipboard(), link);
    const picture = page.getByRole('img', { name: 'The link as a picture for cameras' });
    const expected = encode(link.toUpperCase(), { border: 0, ecc: 'M' });
    const drawn = await picture.locator('path').getAttribute('d');
    const squares = new Set((drawn ?? '').match(/M\d+ \d+/g));
    const wanted = expected.data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}`] : [])));
    assert.deepEqual([...squares].sort(), wanted.sort());
    await window.inspect('published, the password kept');
    await window.close();
  });

  it('opens by its link when its publisher is gone: reasons, then the content, verified and harmless', async () => {
    await stage.daemon('a').kill();
    await stage.start('c');
    const window = await stage.open('c');
    const { page } = window;
    // What a browser says of a script that it did not run is what is wanted here.
    window.expect(/Blocked script execution/, /violates the following Content Security Policy directive/);
    await page.evaluate((text) => navigator.clipboard.writeText(text), `  ${link.replace(/(?<=:.*)(.{4})/g, '$1 ')}\n`);
    await window.field.focus();
    await page.keyboard.press('Control+V');
    const goOn = stage.pause(stage.practice.nodes.length);
    await page.keyboard.press('Enter');
    await window.heading('Looking for its shares').waitFor();
    await window.text('Not verified yet').waitFor();
    await window.text('0 of the 2 that are needed have come.').waitFor();
    await window.text(/Shares? [\d, and]+ (is|are) being waited for/).waitFor();
    goOn();

    const { content } = window;
    await content.getByRole('heading', { name: 'The lamp keeper’s log' }).waitFor();
    await window.text('Verified').waitFor();
    await window.text(/[2-5] of 5 shares answered/).waitFor();
    const picture = content.locator('#lamp');
    await picture.evaluate(async (image: HTMLImageElement) => image.decode());
    assert.deepEqual(
      await picture.evaluate((image: HTMLImageElement) => [image.naturalWidth, image.naturalHeight]),
      [64, 48],
    );
    assert.equal(
      await content.locator('h1').evaluate((element) => getComputedStyle(element).color),
      'rgb(12, 34, 156)',
    );
    assert.equal(await content.locator('html').getAttribute('data-ran'), null);
    await window.inspect('reader', 'iframe');

    const saving = page.waitForEvent('download');
    await window.button('Save this file').click();
    await window.button('Save it exactly as published').click();
    const saved = await saving;
    assert.equal(saved.suggestedFilename(), 'index.html');
    assert.deepEqual(readFileSync(await saved.path()), readFileSync(join(folder, 'index.html')));

    await content.getByRole('link', { name: 'The first night' }).click();
    await content.getByRole('heading', { name: 'The first night' }).waitFor();
    // The panel and the save button follow the link that was followed inside of the frame.
    const marked = page.locator('[aria-current="true"]', { hasText: /night/ });
    await marked.waitFor();
    const savingPage = page.waitForEvent('download');
    await window.button('Save this file').click();
    await window.button('Save it exactly as published').click();
    assert.equal((await savingPage).suggestedFilename(), 'first.html');
    // Choosing the file that was chosen before brings the frame back to it.
    await page.getByRole('button', { name: /^index\.html/ }).click();
    await content.locator('#lamp').waitFor();
    await content.getByRole('link', { name: 'The first night' }).click();
    await content.getByRole('heading', { name: 'The first night' }).waitFor();
    assert.equal(
      await content.locator('h1').evaluate((element) => getComputedStyle(element).color),
      'rgb(12, 34, 156)',
    );
    await content.getByRole('link', { name: 'Back' }).click();
    await content.locator('#lamp').waitFor();

    const about = window.button('About this publication');
    await window.heading('About this publication').waitFor();
    await about.click();
    await window.heading('About this publication').waitFor({ state: 'detached' });
    await about.click();
    await window.heading('About this publication').waitFor();
    await page.getByRole('button', { name: /^pictures\/lamp\.png/ }).click();
    await content.locator('img').waitFor();
    const savingPicture = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Save this file' }).click();
    const picturePath = await (await savingPicture).path();
    assert.deepEqual(readFileSync(picturePath), readFileSync(join(folder, 'pictures', 'lamp.png')));
    window.assertQuiet('the end');
    await window.close();
  });

  it('opens again from its tab without asking the network anew', async () => {
    const window = await stage.open('c');
    window.expect(/Blocked script execution/, /violates the following Content Security Policy directive/);
    await openByField(window, link);
    await window.content.getByRole('heading', { name: 'The lamp keeper’s log' }).waitFor();
    const jobs = await stage.daemon('c').client.call('jobs.list', null);
    assert.equal(jobs.filter(({ kind }) => kind === 'open').length, 1);
    window.assertQuiet('the end');
    await window.close();
  });
});
