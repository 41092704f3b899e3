/**
 * What a node takes to start and to be there, as a daemon and as a short command: wall clock from the start of the process, processor time
 * of all its threads, memory and threads as Linux tells them. The start is warm: the compile cache has all modules.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { MIB } from '../../../shared/base/units.ts';
import { connectDaemon, startPractice } from '../../support/practice.ts';
import type { Practice } from '../../support/practice.ts';
import { joining, runCommand, startDaemon } from '../../support/spawn.ts';
import { secondsOf } from './processor-time.ts';
import { median } from './report.ts';
import type { Report } from './report.ts';

/** The daemon's neighbours are among them; a process each. */
const NODES = 12;
const STARTS = 5;
/** Of nobody asking for anything. A minute is what people know; ten seconds are what a benchmark has. */
const IDLE_MS = 10_000;

interface Start {
  readonly readyMs: number;
  readonly answeredMs: number;
  readonly linkedMs: number;
  readonly processorMs: number;
}

export async function measureNode(report: Report): Promise<void> {
  if (!existsSync('/proc/self/status')) return;
  const directory = mkdtempSync(join(tmpdir(), 'broadside-start-'));
  const practice = await startPractice(NODES);
  try {
    const starts: Start[] = [];
    // The first one makes the data directory and warms the compile cache.
    await startOnce(practice, join(directory, 'used'));
    for (let round = 0; round < STARTS; round += 1) starts.push(await startOnce(practice, join(directory, 'used')));
    const of = (choose: (start: Start) => number): number => median(starts.map(choose));
    const beside = (value: number) => ({ name: 'limit', value });
    report.add({ name: 'daemon: start to ready', value: of((each) => each.readyMs), unit: 'ms' });
    report.add({
      name: 'daemon: start to the first answer of a call',
      value: of((each) => each.answeredMs),
      unit: 'ms',
      beside: beside(1000),
      target: '<= 1 s',
    });
    report.add({
      name: 'daemon: start to the first neighbour',
      value: of((each) => each.linkedMs),
      unit: 'ms',
      beside: beside(2000),
      target: '<= 2 s',
    });
    report.add({ name: 'daemon: processor time of a start', value: of((each) => each.processorMs), unit: 'ms' });
    await measureIdle(report, practice);
    await measureCommand(report, practice);
  } finally {
    await practice.stop();
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function startOnce(practice: Practice, directory: string): Promise<Start> {
  const startedMs = performance.now();
  const since = (): number => performance.now() - startedMs;
  const daemon = await startDaemon(directory, [
    '--quiet',
    ...joining({ ...practice, ready: true, bootstrap: [practice.bootstrap] }),
  ]);
  const readyMs = since();
  const client = await connectDaemon(new URL(daemon.ready.url));
  try {
    let { links } = await client.call('status.get', null);
    const answeredMs = since();
    const processorMs = secondsOf(daemon.pid) * 1000;
    const { promise: linked, resolve } = Promise.withResolvers<void>();
    client.on('status', (status) => {
      ({ links } = status);
      if (links > 0) resolve();
    });
    if (links === 0) await linked;
    return { readyMs, answeredMs, linkedMs: since(), processorMs };
  } finally {
    client.close();
    await daemon.stop();
  }
}

async function measureIdle(report: Report, practice: Practice): Promise<void> {
  const daemon = await practice.startDaemon('idle');
  let { links } = await daemon.client.call('status.get', null);
  while (links < 4) {
    await pause(200);
    ({ links } = await daemon.client.call('status.get', null));
  }
  await pause(IDLE_MS);
  const seconds = secondsOf(daemon.pid);
  await pause(IDLE_MS);
  const busy = (secondsOf(daemon.pid) - seconds) / (IDLE_MS / 1000);
  ({ links } = await daemon.client.call('status.get', null));
  const name = `idle daemon, ${links} neighbours, after ${IDLE_MS / 1000} s`;
  const { residentMiB, threads } = stateOf(daemon.pid);
  const beside = { name: 'limit', value: 150 };
  report.add({ name: `${name}: resident`, value: residentMiB, unit: 'MiB', beside, target: '<= 150 MiB' });
  report.add({ name: `${name}: threads`, value: threads, unit: '' });
  const limit = { name: 'limit', value: 1 };
  report.add({ name: `${name}: of a core`, value: busy * 100, unit: '%', beside: limit, target: '<= 1 %' });
  const nodes = practice.nodes.map(({ pid }) => stateOf(pid));
  report.add({
    name: 'node of a practice network: resident',
    value: median(nodes.map((each) => each.residentMiB)),
    unit: 'MiB',
  });
  report.add({
    name: 'node of a practice network: threads',
    value: median(nodes.map((each) => each.threads)),
    unit: '',
  });
}

/** A command that asks the daemon one thing, from its start to its end. */
async function measureCommand(report: Report, practice: Practice): Promise<void> {
  const times: number[] = [];
  const directory = practice.on('idle').slice(0, 2);
  for (let round = 0; round <= STARTS; round += 1) {
    const startedMs = performance.now();
    const { code, stderr } = await runCommand(['status', ...directory, '--json']);
    if (code !== 0) throw new Error(`status failed: ${stderr}`);
    if (round > 0) times.push(performance.now() - startedMs);
  }
  report.add({ name: '`status` of a daemon that runs', value: median(times), unit: 'ms' });
}

function stateOf(pid: number): { residentMiB: number; threads: number } {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  const numberOf = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1]);
  return { residentMiB: (numberOf('VmRSS') * 1024) / MIB, threads: numberOf('Threads') };
}
