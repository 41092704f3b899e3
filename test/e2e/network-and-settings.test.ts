/** The network as the node sees it, and settings that take effect at once and can be taken back. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { formatInvite, parseInvite } from '../../shared/base/invites.ts';
import { untilFocused, untilValue } from '../support/page.ts';
import { publishPath, startStage } from './stage.ts';
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

  it('says how its own requests and inserts ended, as the node counts them', async () => {
    const daemon = stage.daemon('c');
    const window = await stage.open('c');
    const { page } = window;
    await window.section('Network');
    await window.text('None yet. What you publish, open or check shows here').waitFor();
    assert.equal(await window.heading('How they ended').count(), 0);
    await window.inspect('network, nothing asked for yet');

    // While one looks: what is published shows without being asked for anew.
    await publishPath(daemon, stage.write('paper', { 'Tides.txt': 'Springs on Tuesday.\n' }), { k: 2, n: 4 });
    await window.heading('How they ended').waitFor();
    const { whole, lately, recent } = (await daemon.client.call('network.get', null)).requests;
    assert.ok(whole.total >= 4 && lately.total === whole.total && recent.length === whole.total);
    assert.ok((whole.outcomes.stored ?? 0) >= 4, 'the shares were stored');
    assert.ok(whole.success !== undefined && whole.hops !== undefined && whole.afterMs !== undefined);
    await window.text(`${whole.total} in the last 10 minutes`).waitFor();
    const cells = async (name: string): Promise<string[]> =>
      page
        .getByRole('row', { name: new RegExp(`^${name}\\b`) })
        .getByRole('cell')
        .allTextContents();
    assert.deepEqual(await cells('Stored'), Array(2).fill(String(whole.outcomes.stored)));
    assert.deepEqual(await cells('Hops, median'), Array(2).fill(String(whole.hops.median)));
    if (whole.success === 1) assert.deepEqual(await cells('Success'), ['100%', '100%']);
    await page
      .getByRole('img', { name: new RegExp(`^How long the last ${whole.total} requests and inserts`) })
      .waitFor();
    await page.getByRole('img', { name: /^How many were found or stored after how many hops: .*hops?: \d/ }).waitFor();
    await window.text('Success is what was found or stored').waitFor();
    await window.inspect('network, with requests');
    await window.close();
  });

  it('shows each link with its length, and one of them in detail, by the keyboard', async () => {
    const window = await stage.open('c');
    const { page } = window;
    await window.section('Network');
    await page.getByRole('img', { name: /^How many links there are of each length: / }).waitFor();
    const { neighbours } = await stage.daemon('c').client.call('network.get', null);
    const [first, second] = neighbours
      .filter(({ state }) => state === 'connected')
      .toSorted((a, b) => a.distance! - b.distance!);
    assert.ok(first && second);
    for (const { name, distance } of [first, second]) {
      const row = page.getByRole('row', { name: new RegExp(`^${name}`) });
      await row.getByRole('cell', { name: distance!.toFixed(3), exact: true }).waitFor();
    }
    await window.tabTo('button', new RegExp(`^${first.name}`));
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    const button = page.getByRole('button', { name: new RegExp(`^${second.name}`) });
    await page.getByRole('button', { name: new RegExp(`^${second.name}`), expanded: true }).waitFor();
    await window.text('Location').waitFor();
    await page.locator('svg text.length.chosen', { hasText: second.distance!.toFixed(2) }).waitFor();
    assert.equal(await page.locator('svg path.chosen').count(), 1);
    await window.inspect('network, a neighbour in detail');
    await page.keyboard.press('Home');
    await untilFocused(page.getByRole('button', { name: new RegExp(`^${first.name}`) }));
    await button.press('Space');
    await page.getByRole('button', { name: new RegExp(`^${second.name}`), expanded: false }).waitFor();
    await page.locator('svg path.chosen').waitFor({ state: 'detached' });
    await window.close();
  });

  it('gives an invite away, joins by one, and says what is wrong with others', async () => {
    const window = await stage.open('c');
    const { page } = window;
    await window.section('Network');
    await window.button('Make an invite').click();
    const text = await page.getByLabel('The invite', { exact: true }).inputValue();
    const parsed = parseInvite(text);
    assert.ok(parsed.ok && parsed.value.network === stage.practice.network);
    await page.getByRole('img', { name: 'The invite as a picture for cameras' }).waitFor();
    await window.text('whoever reads it learns that Broadside runs there').waitFor();
    await window.inspect('network, an invite');
    await window.button('Copy the invite').click();
    await window.text('The invite is copied.').waitFor();
    assert.equal(await window.clipboard(), text);
    await window.button('Put it away').click();
    await page.getByLabel('The invite', { exact: true }).waitFor({ state: 'detached' });

    const field = page.getByLabel('The invite that you were given');
    const join = async (invite: string): Promise<void> => {
      await field.fill(invite);
      await window.button('Join').click();
    };
    await join(text.slice(0, -2));
    await window.text('This invite is not right').waitFor();
    await window.text('some are missing').waitFor();
    assert.equal(await field.getAttribute('aria-invalid'), 'true');
    await window.inspect('network, a bad invite');
    await join(formatInvite({ ...parsed.value, network: 'another' }));
    await window.text('An invite to another network').waitFor();
    await join(text);
    const others = parsed.value.nodes.length - (await ownIn(parsed.value.nodes));
    await window.text(new RegExp(`^Asked ${others} nodes?; [2-9] links so far\\.$`)).waitFor();
    await untilValue(field, '');
    window.assertQuiet('joined');
    await window.close();
  });

  /** How many of the nodes are this one: it is not counted among those that were asked. */
  async function ownIn(nodes: readonly { readonly publicKey: Uint8Array }[]): Promise<number> {
    const { publicKey } = await stage.daemon('c').client.call('status.get', null);
    return nodes.filter((node) => Buffer.from(node.publicKey).toString('hex') === publicKey).length;
  }

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
    const twelve = new Promise<unknown>((resolve) => {
      const stop = client.on('settings', (settings) => {
        stop();
        resolve(settings['links']);
      });
    });
    await links.fill('12');
    await links.press('Enter');
    assert.equal(await twelve, 12);
    await window.text('From 4 to 40.').waitFor();

    // Another window has it at once, without asking.
    const other = await stage.open('c');
    await page.getByLabel('Dark', { exact: true }).click();
    await other.page.locator('html[data-appearance="dark"]').waitFor();
    await other.close();
    await page.getByRole('radiogroup', { name: 'Appearance' }).getByLabel('As the computer').click();
    await page.locator('html:not([data-appearance])').waitFor();
    window.assertQuiet('the end');
    await window.close();
  });
});
