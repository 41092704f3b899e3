/**
 * The event loop of a process that was started with `watchedEnvironment`: how late it is, how long its own turns are, and, with a
 * profile, what it did in the long ones. The part that watches is loaded before the program (`--import`) and knows nothing of it;
 * SIGUSR2 has it write what it saw since the last time.
 */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { LongTurns } from './long-turns.ts';
import type { Profile, Turn } from './long-turns.ts';

/** A timer of Node's that tells how late it is, each millisecond: the finest that it has. */
const RESOLUTION_MS = 1;
/** How often it is looked how much of the processor the thread has had. */
const LOOK_EVERY_MS = 4;
/** Turns shorter than this are not kept: half of what a target calls blocked. */
const KEPT_TURN_MS = 10;
const SAMPLE_EVERY_US = 500;
/** What lasts longer counts as this. */
const MOST_WORK_MS = 5_000;
const WRITE_TIMEOUT_MS = 60_000;
const POLL_MS = 20;
/** Linux: nanoseconds of the main thread on a processor, and in wait for one. Reading it takes 30 us (measured). */
const SCHEDULER = existsSync('/proc/self/schedstat') ? '/proc/self/schedstat' : undefined;

/** Milliseconds; delays are what a timer was late, turns what the thread computed without a look at its timers. */
export interface Loop {
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
  /** Without what the thread waited for a processor, so that other work on the machine does not lengthen it; with what it waited for a disk. */
  readonly longestTurn: number;
  /** Turns over 20 ms of that time. */
  readonly blockedTurns: number;
  /** What the thread computed between two looks at its timers, and the most of it: no waiting of any kind. */
  readonly work99: number;
  readonly longestWork: number;
  /** Of the time on the clock, that the thread had a processor. */
  readonly busyShare: number;
  /** What the long turns did, most time first; empty without a profile. */
  readonly blamed: readonly string[];
}

export function watchedEnvironment(path: string, isProfiled: boolean): NodeJS.ProcessEnv {
  return {
    ...process.env,
    NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --import ${pathToFileURL(import.meta.filename).href}`.trim(),
    LOOP_WATCH: JSON.stringify({ path, isProfiled }),
  };
}

/** What the process saw since it was asked last. */
export async function askLoop(pid: number, path: string): Promise<Loop> {
  rmSync(path, { force: true });
  process.kill(pid, 'SIGUSR2');
  const deadlineMs = performance.now() + WRITE_TIMEOUT_MS;
  while (!existsSync(path)) {
    if (performance.now() > deadlineMs) throw new Error('the process that is watched does not answer');
    await pause(POLL_MS);
  }
  return JSON.parse(readFileSync(path, 'utf8')) as Loop;
}

async function watch(path: string, isProfiled: boolean): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const session = new Session();
  session.connect();
  if (isProfiled) {
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_US });
    await session.post('Profiler.start');
  }
  let turns: Turn[] = [];
  let [longestTurn, longestWork] = [0, 0];
  const work = new Uint32Array(MOST_WORK_MS);
  let begun = standing();
  let last = begun;
  setInterval(() => {
    const now = standing();
    const tookMs = now.atMs - last.atMs - (now.waitedMs - last.waitedMs);
    longestTurn = Math.max(longestTurn, tookMs);
    const workMs = now.computedMs - last.computedMs;
    longestWork = Math.max(longestWork, workMs);
    work[Math.min(MOST_WORK_MS - 1, Math.floor(workMs))]! += 1;
    if (tookMs >= KEPT_TURN_MS) turns.push({ fromMs: last.atMs, toMs: now.atMs, tookMs });
    last = now;
  }, LOOK_EVERY_MS).unref();

  process.on('SIGUSR2', () => {
    void (async () => {
      const now = standing();
      const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
      const seen = {
        p50: late(delay.percentile(50)),
        p99: late(delay.percentile(99)),
        longest: late(delay.max),
        longestTurn,
        work99: percentileOf(work, 0.99),
        longestWork,
        blockedTurns: turns.filter(({ tookMs }) => tookMs > 20).length,
        busyShare: (now.computedMs - begun.computedMs) / (now.atMs - begun.atMs),
      };
      const blamed = isProfiled ? new LongTurns(await profile(session), turns).blamed() : [];
      // Elsewhere first: whoever waits for the file reads all of it.
      writeFileSync(`${path}.part`, JSON.stringify({ ...seen, blamed } satisfies Loop));
      // What telling this took is not the program's.
      delay.reset();
      [turns, longestTurn, longestWork] = [[], 0, 0];
      work.fill(0);
      begun = standing();
      last = begun;
      renameSync(`${path}.part`, path);
    })();
  });
}

async function profile(session: Session): Promise<Profile> {
  const { profile: taken } = await session.post('Profiler.stop');
  await session.post('Profiler.start');
  return taken;
}

/** In whole milliseconds, rounded up; `counts` by these. */
function percentileOf(counts: Uint32Array, part: number): number {
  let left = part * counts.reduce((sum, count) => sum + count, 0);
  return counts.findIndex((count) => (left -= count) <= 0) + 1;
}

interface Standing {
  readonly atMs: number;
  /** Of this thread: that it had a processor, and that it was ready and had none. */
  readonly computedMs: number;
  readonly waitedMs: number;
}

/** Where the system does not tell of waiting, all time without a processor counts as such, disks included. */
function standing(): Standing {
  const atMs = performance.now();
  if (SCHEDULER !== undefined) {
    const [computed = 0, waited = 0] = readFileSync(SCHEDULER, 'utf8').split(' ').map(Number);
    return { atMs, computedMs: computed / 1e6, waitedMs: waited / 1e6 };
  }
  const { user, system } = process.threadCpuUsage();
  const computedMs = (user + system) / 1_000;
  return { atMs, computedMs, waitedMs: atMs - computedMs };
}

const wanted = process.env['LOOP_WATCH'];
if (wanted !== undefined && isMainThread) {
  delete process.env['LOOP_WATCH'];
  const { path, isProfiled } = JSON.parse(wanted) as { path: string; isProfiled: boolean };
  await watch(path, isProfiled);
}
