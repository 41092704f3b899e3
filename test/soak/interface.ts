/**
 * The interface for an hour while everything that it is told of changes ten times a second: forty downloads, of which some end and others
 * begin, the node's status, a search that goes on finding, shared folders; the view changes now and then. What is measured is the
 * heap of its scripts after garbage was collected, the elements of its document, and its listeners. Real Chromium, a stand-in for
 * the node. Run: npm run soak -- interface [--minutes 60] [--json]
 *
 * Ends with 1 when the page complained. The first half is left out of growth: caches and compiled code find their size in it.
 */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { CDPSession } from 'playwright-core';
import { MIB } from '../../shared/base/units.ts';
import type { DownloadJob } from '../../shared/ipc/model.ts';
import type { SearchState } from '../../shared/ipc/search-model.ts';
import { median, Report, rounded } from '../bench/lib/report.ts';
import { DemoNode } from '../support/demo-contract.ts';
import { demoFile } from '../support/demo-results.ts';
import { demoDownloadJob, demoLink, demoStatus } from '../support/demo-things.ts';
import { headless } from '../support/headless.ts';
import { launchBrowser, PAGE_TIMEOUT_MS } from '../support/page.ts';
import { projectRoot } from '../support/project-root.ts';

/** Two and a half times what the node tells at most (shared/ipc/contract.ts). */
const EVERY_MS = 100;
const DOWNLOADS = 40;
/** One of them ends and another begins. */
const RENEWED_EVERY = 5;
/** Results of the search, old ones changed in turn. */
const RESULTS = 500;
/** Each step of a view on the way; a search stays under way in the background. */
const VIEWS = ['Home', 'Transfers', 'Library', 'Network', 'Search', 'Settings'] as const;
const VIEW_EVERY_MS = 10_000;
const MEASURED_EVERY_MS = 15_000;
const SIZE_BYTES = 700 * MIB;

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '60' }, json: { type: 'boolean' } },
});
const minutes = Number(values.minutes);
if (!(minutes >= 1)) {
  process.stderr.write('--minutes is 1 or more.\n');
  process.exit(2);
}

interface Sample {
  readonly heapMib: number;
  readonly nodes: number;
  readonly listeners: number;
}

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const { ensureBuilt } = await import(join(projectRoot, 'build/bootstrap/built.mjs'));
await ensureBuilt(projectRoot, 'interface');

let searching: SearchState | undefined;
const demo = new DemoNode({ search: { onSearch: (state) => (searching = state) } });
const downloads: DownloadJob[] = [];
for (let number = 0; number < DOWNLOADS; number += 1) begin();

let told = 0;
const complaints: string[] = [];
const samples: Sample[] = [];
const server = await headless({ contract: demo, rendererDirectory: join(projectRoot, 'out', 'renderer') });
const browser = await launchBrowser();
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
  page.setDefaultTimeout(PAGE_TIMEOUT_MS);
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(server.url);
  await page.getByLabel('Words or a link').fill('harbour');
  await page.keyboard.press('Enter');
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  await session.send('HeapProfiler.enable');
  const startedMs = performance.now();
  const endMs = startedMs + minutes * 60_000;
  const timer = setInterval(tell, EVERY_MS);
  let [nextViewMs, nextSampleMs, view] = [startedMs + VIEW_EVERY_MS, startedMs + MEASURED_EVERY_MS, 0];
  while (performance.now() < endMs) {
    await pause(Math.max(0, Math.min(nextViewMs, nextSampleMs) - performance.now()));
    if (performance.now() >= nextViewMs) {
      nextViewMs += VIEW_EVERY_MS;
      const name = VIEWS[(view += 1) % VIEWS.length]!;
      await page.getByRole('link', { name, exact: true }).locator('visible=true').first().click();
    }
    if (performance.now() >= nextSampleMs) {
      nextSampleMs += MEASURED_EVERY_MS;
      samples.push(await measured(session));
      const { heapMib, nodes, listeners } = samples.at(-1)!;
      const minute = rounded((performance.now() - startedMs) / 60_000);
      say(`${minute} min: ${rounded(heapMib)} MiB, ${nodes} nodes, ${listeners} listeners, ${told} events told`);
    }
  }
  clearInterval(timer);
} finally {
  await browser.close();
  await server.stop();
}
print();
for (const complaint of complaints.slice(0, 5)) say(`the page complained: ${complaint}`);
process.exitCode = complaints.length === 0 ? 0 : 1;

function begin(): void {
  const number = downloads.length;
  const job = demoDownloadJob(demoLink(`film ${number}`), { title: `Film ${number}.mkv`, sizeBytes: SIZE_BYTES });
  downloads.push(job);
  demo.put(job);
}

/** One round of news. */
function tell(): void {
  told += 1;
  const running = downloads.slice(-DOWNLOADS);
  for (const job of running) {
    const now = demo.jobs.get(job.id) as DownloadJob | undefined;
    if (now === undefined) continue;
    demo.put({ ...now, stage: 'loading', bytesDone: (now.bytesDone + MIB) % SIZE_BYTES });
  }
  if (told % RENEWED_EVERY === 0) {
    const [oldest] = running;
    demo.jobs.delete(oldest!.id);
    demo.emit('jobGone', { job: oldest!.id });
    begin();
  }
  demo.status = demoStatus({ links: 10 + (told % 10) });
  demo.emit('status', demo.status);
  if (searching !== undefined) {
    const results = Array.from({ length: 10 }, (_, turn) =>
      demoFile(`Minutes of the harbour, plate ${(told * 10 + turn) % RESULTS}.pdf`, { sources: 1 + (told % 4) }),
    );
    demo.search.tell(searching, results);
  }
}

async function measured(session: CDPSession): Promise<Sample> {
  await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  const of = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
  return { heapMib: of('JSHeapUsedSize') / MIB, nodes: of('Nodes'), listeners: of('JSEventListeners') };
}

function print(): void {
  const report = new Report('soak interface');
  const quarter = Math.floor(samples.length / 4);
  /** Median of the last quarter, above that of the third. */
  const growth = (of: (sample: Sample) => number): number =>
    median(samples.slice(3 * quarter).map(of)) - median(samples.slice(2 * quarter, 3 * quarter).map(of));
  report.add({ name: 'minutes', value: minutes, unit: 'min' });
  report.add({ name: 'rounds of news', value: told, unit: 'times' });
  report.add({ name: 'heap after collection, at the beginning', value: samples[0]!.heapMib, unit: 'MiB' });
  report.add({ name: 'heap after collection, at the end', value: samples.at(-1)!.heapMib, unit: 'MiB' });
  const heap = growth(({ heapMib }) => heapMib);
  report.add({ name: 'heap after collection: growth in the second half', value: heap, unit: 'MiB', target: 'flat' });
  const nodes = growth((sample) => sample.nodes);
  report.add({ name: 'nodes of the document: growth in the second half', value: nodes, unit: '', target: 'flat' });
  const listeners = growth((sample) => sample.listeners);
  report.add({ name: 'listeners: growth in the second half', value: listeners, unit: '', target: 'flat' });
  report.add({ name: 'complaints of the page', value: complaints.length, unit: '', target: '0' });
  report.print();
}
