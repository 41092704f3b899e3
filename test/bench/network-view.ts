/**
 * What it costs to look: processor time of the daemon and of the browser while one of twenty idle neighbours is watched, with
 * a full log of requests, in a window on Network, on Home, and with no window. Linux only: it reads /proc.
 * Run: npm run bench -- network-view [--seconds 30] [--json]
 */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { MIB } from '../../shared/base/units.ts';
import { MAX_LOGGED } from '../../src-main/services/node/request-log.ts';
import { publishPath, untilLinked } from '../e2e/stage.ts';
import { launchBrowser, openWindow } from '../support/page.ts';
import { residentBytes } from '../soak/lib/resident-memory.ts';
import { startPractice } from '../support/practice.ts';
import type { Daemon } from '../support/practice.ts';
import { projectRoot } from '../support/project-root.ts';
import { secondsOf } from './lib/processor-time.ts';
import { Report } from './lib/report.ts';

const NEIGHBOURS = 20;
/** As many links as the practice network settles at; the daemon wants no more than its setting. */
const LINKS = 16;
/** What opening a view, or the end of a publication, sets going has ended by then. */
const SETTLE_MS = 10_000;

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '30' }, json: { type: 'boolean' } },
});
const watchedMs = Number(values.seconds) * 1_000;
if (!(watchedMs >= 1_000)) {
  process.stderr.write('--seconds is 1 or more.\n');
  process.exit(2);
}

const say = (text: string): void => void process.stderr.write(`${text}\n`);

async function browserSeconds(browser: Browser): Promise<Map<string, number>> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = (await session.send('SystemInfo.getProcessInfo')) as {
    processInfo: { type: string; id: number }[];
  };
  await session.detach();
  const seconds = new Map<string, number>();
  for (const { type, id } of processInfo) seconds.set(type, (seconds.get(type) ?? 0) + secondsOf(id));
  return seconds;
}

/** Of messages, by all links, both ways. */
async function carriedBytes({ client }: Daemon): Promise<number> {
  const { traffic } = await client.call('status.get', null);
  return traffic.inBytes + traffic.outBytes;
}

const { ensureBuilt } = await import(join(projectRoot, 'build/bootstrap/built.mjs'));
await ensureBuilt(projectRoot, 'interface');
const report = new Report('network-view');
const practice = await startPractice(NEIGHBOURS);
const browser = await launchBrowser();
try {
  const daemon = await practice.startDaemon('watched');
  await untilLinked(daemon.client, LINKS);
  const path = join(practice.directory, 'filler.bin');
  writeFileSync(path, randomBytes(MAX_LOGGED * 32_752));
  await publishPath(daemon, path, { k: 3, n: 10 });
  const { requests, history, neighbours } = await daemon.client.call('network.get', null);
  say(`${neighbours.length} neighbours, ${requests.recent.length} requests, ${history.length} samples of traffic`);
  await pass(SETTLE_MS);

  for (const view of ['no window', 'home', 'network'] as const) {
    // A second connection, which a test holds, listens to nothing: the daemon tells its status only to the window.
    const window = view === 'no window' ? undefined : await openWindow(browser, daemon.url);
    await window?.section(view === 'home' ? 'Home' : 'Network');
    await pass(SETTLE_MS);
    const [daemonBefore, browserBefore, startedMs] = [
      secondsOf(daemon.pid),
      await browserSeconds(browser),
      performance.now(),
    ];
    const bytesBefore = await carriedBytes(daemon);
    await pass(watchedMs);
    const seconds = (performance.now() - startedMs) / 1000;
    const share = (used: number): number => (100 * used) / seconds;
    const browserAfter = await browserSeconds(browser);
    const ofDaemon = share(secondsOf(daemon.pid) - daemonBefore);
    const target = view === 'no window' ? '<= 1 %' : '<= 3 %';
    report.add({ name: `${view}: daemon`, value: ofDaemon, unit: '% of a core', target });
    const traffic = (await carriedBytes(daemon)) - bytesBefore;
    report.add({ name: `${view}: traffic, both ways`, value: traffic / 1_000 / seconds, unit: 'KB/s', target: '<= 2' });
    const resident = (residentBytes(daemon.pid) ?? Number.NaN) / MIB;
    report.add({ name: `${view}: memory of the daemon`, value: resident, unit: 'MiB', target: '<= 150' });
    for (const [type, after] of browserAfter) {
      if (view === 'no window') continue;
      const value = share(after - (browserBefore.get(type) ?? 0));
      report.add({
        name: `${view}: browser, ${type}`,
        value,
        unit: '% of a core',
        ...(type === 'renderer' && { target }),
      });
    }
    await window?.close();
  }
} finally {
  await browser.close();
  await practice.stop();
}
report.print();
