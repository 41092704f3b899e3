/**
 * The node: what it takes to start, and to be there while nobody asks for anything (lib/node-start.ts). The interface: script of the first
 * load, and how long it takes from a key or a click in a list of 10,000 results to the paint that answers it, by the browser's own Event
 * Timing (in steps of 8 ms), in the built interface on a stand-in for the node.
 * Run: npm run bench -- desktop [--json] [--node]; with --node the node alone, which needs no browser.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { launchChromium } from '../support/chromium.ts';
import { DemoNode } from '../support/demo-contract.ts';
import { manyResults, telling } from '../support/demo-results.ts';
import { headless } from '../support/headless.ts';
import { projectRoot } from '../support/project-root.ts';
import { lastEventMs, watchEvents } from './lib/event-times.ts';
import { measureNode } from './lib/node-start.ts';
import { median, Report } from './lib/report.ts';

const ROWS = 10_000;
const ROUNDS = 12;
const TARGET_MS = 100;
const TARGET_BYTES = 200_000;

const { ensureBuilt } = await import(join(projectRoot, 'build/bootstrap/built.mjs'));
await ensureBuilt(projectRoot, 'interface');
const report = new Report('desktop');
await measureNode(report);
if (process.argv.includes('--node')) {
  report.print();
  process.exit();
}
const renderer = join(projectRoot, 'out', 'renderer');
const demo = new DemoNode({
  search: telling({ state: 'done', end: 'enough', endedMs: Date.now() }, manyResults(ROWS)),
});
const server = await headless({ contract: demo, rendererDirectory: renderer });
const browser = await launchChromium();
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
  await page.goto(server.url);
  await reportScripts(page);
  await page.getByLabel('Words or a link').fill('harbour');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: '10,000 found' }).waitFor();
  await page.locator('[aria-posinset="1"]').focus();
  await watchEvents(page);
  const session = await page.context().newCDPSession(page);
  // Time of the page's own thread, which other work on the machine does not lengthen.
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const busySeconds = async (): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
  };
  const order = page.getByLabel('Order');
  const pictures = page.getByLabel(/^Pictures/);
  const actions: readonly (readonly [name: string, act: (round: number) => Promise<unknown>])[] = [
    ['arrow to the next row', () => page.keyboard.press('ArrowDown')],
    ['a page down', () => page.keyboard.press('PageDown')],
    ['to the last row or the first', (round) => page.keyboard.press(round % 2 === 0 ? 'End' : 'Home')],
    ['a facet on or off', () => pictures.click()],
    ['another order', (round) => order.press(round % 2 === 0 ? 'ArrowDown' : 'ArrowUp')],
  ];
  for (const [name, act] of actions) {
    await page.locator('[aria-posinset][tabindex="0"]').focus();
    const times: number[] = [];
    const busyBefore = await busySeconds();
    for (let round = 0; round < ROUNDS; round += 1) {
      await act(round);
      times.push(await lastEventMs(page));
    }
    const busyMs = ((await busySeconds()) - busyBefore) * 1000;
    report.add({ name: `${name}: the page’s thread, mean`, value: busyMs / ROUNDS, unit: 'ms' });
    const beside = { name: 'limit', value: TARGET_MS };
    report.add({ name: `${name}: median`, value: median(times), unit: 'ms', beside, target: '<= 100 ms' });
    report.add({
      name: `${name}: worst of ${ROUNDS}`,
      value: Math.max(...times),
      unit: 'ms',
      beside,
      target: '<= 100 ms',
    });
  }
} finally {
  await browser.close();
  await server.stop();
}
report.print();

/** What the first page asked for until it had its view; the views that it fetches later, when it has nothing to do, are told apart. */
async function reportScripts(page: Page): Promise<void> {
  const names = await page.waitForFunction(() => {
    const files = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
    const first = files.find(({ name }) => /\/home-[^/]*\.js$/.test(name));
    if (first === undefined || first.responseEnd === 0) return null;
    return files
      .filter(({ name, startTime }) => name.endsWith('.js') && startTime <= first.responseEnd)
      .map(({ name }) => name.slice(name.lastIndexOf('/') + 1));
  });
  const scripts = (await names.jsonValue())!.map((name) => readFileSync(join(renderer, 'assets', name)));
  const all = readdirSync(join(renderer, 'assets'))
    .filter((name) => name.endsWith('.js'))
    .map((name) => readFileSync(join(renderer, 'assets', name)));
  for (const [name, compress] of [
    ['gzip', (bytes: Buffer) => gzipSync(bytes, { level: 9 })],
    ['brotli', (bytes: Buffer) => brotliCompressSync(bytes)],
  ] as const) {
    const kilobytes = (of: readonly Buffer[]): number =>
      of.reduce((sum, bytes) => sum + compress(bytes).length, 0) / 1000;
    const beside = { name: 'limit', value: TARGET_BYTES / 1000 };
    report.add({
      name: `script of the first load, ${name}`,
      value: kilobytes(scripts),
      unit: 'KB',
      beside,
      target: '<= 200 KB',
    });
    report.add({ name: `all script, three languages, ${name}`, value: kilobytes(all), unit: 'KB' });
  }
}
