/**
 * Network asks the node only while it is looked at, and draws only what changed: on the daemon's real server, in a real
 * browser whose clock is the test's.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { DemoNode } from '../support/demo-contract.ts';
import { demoStage, noDemoStage } from '../support/demo-stage.ts';
import { demoNetwork } from '../support/demo-things.ts';

/** As the view has it. */
const REFRESH_MS = 2000;

let looks = 0;
let onLook = (): void => {};
const stage = demoStage();

/** Lets the page's time go on until it has asked once more. */
async function nextLook(page: Page): Promise<void> {
  const looked = new Promise<void>((resolve) => (onLook = resolve));
  await page.clock.runFor(REFRESH_MS);
  await looked;
}

async function openNetwork(): Promise<Page> {
  looks = 0;
  const view = demoNetwork();
  stage.node = new DemoNode({
    // Nobody who is connecting, and so no second that counts on.
    network: { ...view, neighbours: view.neighbours.filter(({ state }) => state === 'connected') },
    onLook: () => {
      looks += 1;
      onLook();
    },
  });
  const page = await stage.browser.newPage({ locale: 'en-GB' });
  await page.clock.install({ time: new Date() });
  await page.goto(stage.server.url);
  await page.getByRole('link', { name: 'Network', exact: true }).first().click();
  await page.getByRole('img', { name: /^The circle of keys/ }).waitFor();
  await page.getByRole('img', { name: /^How long the last/ }).waitFor();
  await page.evaluate(async () => document.fonts.ready);
  return page;
}

/** Every change of the page from now on, as "path.plain d" or "text of td". */
async function watchChanges(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const changes: string[] = [];
    Object.assign(globalThis, { changes });
    new MutationObserver((records) => {
      for (const { target, type, attributeName } of records) {
        const element = target instanceof Element ? target : target.parentElement;
        const named = `${element?.tagName.toLowerCase()}.${element?.getAttribute('class')?.replace(/\s.*/, '') ?? ''}`;
        changes.push(`${named} ${type === 'attributes' ? attributeName : type}`);
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
  });
  return () => page.evaluate(() => (globalThis as unknown as { changes: string[] }).changes.splice(0));
}

test(
  'what stays the same is not drawn again, and what changed is drawn alone',
  { skip: noDemoStage, timeout: 120_000 },
  async () => {
    const page = await openNetwork();
    try {
      // The answer of one look is in the page when the next one is asked for.
      await nextLook(page);
      await nextLook(page);
      const changes = await watchChanges(page);
      for (let round = 0; round < 5; round += 1) await nextLook(page);
      assert.deepEqual(await changes(), [], 'five answers that said the same');

      const [first, ...others] = stage.node.network.neighbours;
      stage.node.network = { ...stage.node.network, neighbours: [{ ...first!, busy: true }, ...others] };
      await nextLook(page);
      await page.getByRole('button', { name: `${first!.name} busy` }).waitFor();
      const drawn = await changes();
      assert.ok(drawn.length > 0);
      assert.deepEqual(
        drawn.filter((change) => /^(?:path|text)\./.test(change)),
        [],
        'no link and no figure of the circle, and none of the charts, was drawn anew',
      );
      assert.ok(drawn.length < 20, `one mark on the circle and one row: ${drawn.join(', ')}`);
    } finally {
      await page.close();
    }
  },
);

test(
  'nobody is asked while the window is hidden or shows something else',
  { skip: noDemoStage, timeout: 120_000 },
  async () => {
    const page = await openNetwork();
    try {
      await nextLook(page);
      const show = (hidden: boolean): Promise<void> =>
        page.evaluate((value) => {
          Object.defineProperty(document, 'hidden', { value, configurable: true });
          document.dispatchEvent(new Event('visibilitychange'));
        }, hidden);
      await show(true);
      // What was under way when it was hidden may still set a timer; when that fires, nobody is asked.
      await page.clock.runFor(10 * REFRESH_MS);
      const before = looks;
      await page.clock.runFor(30 * REFRESH_MS);
      assert.equal(looks, before);
      const looked = new Promise<void>((resolve) => (onLook = resolve));
      await show(false);
      await looked;
      assert.equal(looks, before + 1, 'seen again, it is asked at once');
      await nextLook(page);

      await page.getByRole('link', { name: 'Transfers', exact: true }).first().click();
      await page.getByRole('heading', { name: 'Shared from here' }).waitFor();
      const left = looks;
      await page.clock.runFor(30 * REFRESH_MS);
      await page.getByRole('heading', { name: 'Shared from here' }).waitFor();
      assert.equal(looks, left);
    } finally {
      await page.close();
    }
  },
);
