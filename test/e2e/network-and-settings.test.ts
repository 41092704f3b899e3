/** The network as the node sees it, and settings that take effect at once and can be taken back. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startStage } from './stage.ts';
import type { Stage } from './stage.ts';

let stage: Stage;
before(async () => {
  stage = await startStage('c');
});
after(() => stage?.stop());

describe('network and settings', { timeout: 180_000 }, () => {
  it('shows the neighbours on the circle and in the table, the same', async () => {
    const window = await stage.open('c');
    const { page } = window;
    const { client } = stage.daemon('c');
    await window.section('Network');
    await page.getByRole('img', { name: /^The circle of keys, with this node and [2-9] neighbours/ }).waitFor();
    const { neighbours } = await client.call('network.get', null);
    const connected = neighbours.filter(({ state }) => state === 'connected');
    assert.ok(connected.length >= 2);
    const known = new Set(stage.practice.nodes.map(({ publicKey }) => publicKey));
    for (const { name, publicKey } of connected) {
      assert.ok(known.has(publicKey), `${publicKey} is a node of this network`);
      await page.getByRole('cell', { name }).waitFor();
      await page.locator('svg g title', { hasText: name }).waitFor({ state: 'attached' });
    }
    await window.heading('Kept for others').waitFor();
    await page.getByRole('img', { name: /^Traffic of the last hour/ }).waitFor();
    await window.inspect('network');
    await window.section('Transfers');
    await window.inspect('transfers, nothing runs');
    await window.close();
  });

  it('changes settings at once, and takes the last change back', async () => {
    const window = await stage.open('c');
    const { page } = window;
    const { client } = stage.daemon('c');
    const setting = async (name: string): Promise<unknown> => (await client.call('config.get', null))[name];
    await page.getByRole('link', { name: 'Settings', exact: true }).click();
    await window.inspect('settings');
    const root = page.locator('html');

    await page.getByLabel('Dark', { exact: true }).click();
    await page.locator('html[data-appearance="dark"]').waitFor();
    assert.equal(await root.evaluate(() => getComputedStyle(document.body).backgroundColor), 'rgb(15, 15, 18)');
    assert.equal(await setting('appearance'), 'dark');
    await window.button('Undo the last').click();
    await page.locator('html:not([data-appearance])').waitFor();
    assert.equal(await setting('appearance'), 'system');
    await window.text('The last change is undone.').waitFor();

    const size = (): Promise<string> => root.evaluate((element) => getComputedStyle(element).fontSize);
    assert.equal(await size(), '16px');
    await window.button('A+, larger text').click();
    await page.waitForFunction(() => getComputedStyle(document.documentElement).fontSize === '17.6px');
    assert.equal(await setting('text-percent'), 110);
    await window.button('Undo the last').click();
    await page.waitForFunction(() => getComputedStyle(document.documentElement).fontSize === '16px');

    const changed = new Promise<unknown>((resolve) => {
      const stop = client.on('settings', (settings) => {
        stop();
        resolve(settings['up-bytes-per-second']);
      });
    });
    const slider = page.getByRole('slider', { name: 'Going out' });
    assert.equal(await slider.getAttribute('aria-valuetext'), 'no limit');
    await slider.press('ArrowLeft');
    assert.equal(await changed, 100_000_000);
    await page.getByRole('slider', { name: 'Going out' }).and(page.locator('[aria-valuetext="100 MB/s"]')).waitFor();

    const links = page.getByLabel('Neighbours to keep');
    await links.fill('400');
    await links.press('Enter');
    await window.text('links is a whole number from 4 to 40').waitFor();
    assert.equal(await setting('links'), 16);
    await window.inspect('settings, a value refused');
    await links.fill('12');
    await links.press('Enter');
    await window.text('From 4 to 40.').waitFor();
    assert.equal(await setting('links'), 12);

    // Another window has it at once, without asking.
    const other = await stage.open('c');
    await page.getByLabel('Dark', { exact: true }).click();
    await other.page.locator('html[data-appearance="dark"]').waitFor();
    await other.close();
    await page.getByLabel('As the computer').click();
    await page.locator('html:not([data-appearance])').waitFor();
    window.assertQuiet('the end');
    await window.close();
  });
});
