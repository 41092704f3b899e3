/**
 * Runs a fault scenario: once to count its writes, then once for each of them, with a full disk from there on and with that one
 * broken; from the opening of the writer, and in the midst of its work. After each: what it said, that what was there is whole,
 * that it goes on where there is room, and that nothing is left on the disk that a run without faults does not leave.
 */
import assert from 'node:assert/strict';
import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BroadsideError } from '../../shared/base/errors.ts';
import type { FaultKind, FaultPlan, Faults } from './fault-plan.ts';
import type { FaultScenario, FaultSession } from './fault-scenario.ts';

/** `start`: the writer is opened on the failing disk; `work`: it is open already, and goes on when there is room. */
export type FaultPhase = 'start' | 'work';

export interface FaultCount {
  readonly scenario: string;
  readonly phase: FaultPhase;
  readonly kind: FaultKind;
  /** Writes that there are, and those that were let fail. */
  readonly writes: number;
  readonly tried: number;
  /** Of these: said so, or went on as if nothing were. */
  readonly told: number;
  readonly passed: number;
}

export interface FaultRunOptions {
  /** Tries at most so many of the writes, evenly spread; all when absent. */
  readonly most?: number;
  readonly onProblem: (where: string, problem: unknown) => void;
}

export const PHASES: readonly FaultPhase[] = ['start', 'work'];
export const KINDS: readonly FaultKind[] = ['full', 'broken'];

/** `root`: below which the faults are; emptied before and after. */
export async function runScenario(
  scenario: FaultScenario,
  faults: Faults,
  root: string,
  options: FaultRunOptions,
): Promise<FaultCount[]> {
  const template = join(root, 'template');
  const directory = join(root, 'run');
  await mkdir(template, { recursive: true });
  await scenario.prepare(template);
  const fresh = async (): Promise<void> => {
    await rm(directory, { recursive: true, force: true });
    await cp(template, directory, { recursive: true, preserveTimestamps: true });
  };
  const counts: FaultCount[] = [];
  for (const phase of PHASES) {
    for (const kind of KINDS) {
      await fresh();
      const { seen } = await attempt(scenario, faults, directory, phase, { kind, at: 0 });
      const names = await namesIn(directory);
      let [tried, told] = [0, 0];
      for (const at of chosen(seen, options.most)) {
        await fresh();
        tried += 1;
        const where = `${scenario.name}, ${phase}, ${kind}, write ${at} of ${seen}`;
        try {
          if (await check(scenario, faults, directory, phase, { kind, at })) told += 1;
          assert.deepEqual(await namesIn(directory), names, 'files that are left');
        } catch (thrown) {
          options.onProblem(where, thrown);
        }
      }
      counts.push({ scenario: scenario.name, phase, kind, writes: seen, tried, told, passed: tried - told });
    }
  }
  await rm(root, { recursive: true, force: true });
  return counts;
}

function chosen(count: number, most = count): number[] {
  const step = Math.max(1, count / most);
  return Array.from({ length: Math.min(count, most) }, (_, index) => 1 + Math.floor(index * step));
}

interface Attempt {
  readonly thrown: unknown;
  readonly seen: number;
  readonly failed: number;
  /** Open still, where it was open before. */
  readonly session: FaultSession | undefined;
}

async function attempt(
  scenario: FaultScenario,
  faults: Faults,
  directory: string,
  phase: FaultPhase,
  plan: FaultPlan,
): Promise<Attempt> {
  let thrown: unknown;
  if (phase === 'work') {
    const session = await scenario.open(directory);
    faults.arm(plan);
    try {
      await session.act();
    } catch (caught) {
      thrown = caught;
    }
    const counted = faults.disarm();
    if (plan.at === 0) await session.close();
    return { thrown, session, ...counted };
  }
  faults.arm(plan);
  let session: FaultSession | undefined;
  try {
    session = await scenario.open(directory);
    await session.act();
  } catch (caught) {
    thrown = caught;
  }
  await session?.close().catch((caught: unknown) => {
    thrown ??= caught;
  });
  return { thrown, session: undefined, ...faults.disarm() };
}

/** Whether it said that something failed. */
async function check(
  scenario: FaultScenario,
  faults: Faults,
  directory: string,
  phase: FaultPhase,
  plan: FaultPlan,
): Promise<boolean> {
  const { thrown, failed, session } = await attempt(scenario, faults, directory, phase, plan);
  // Threads write when they are ready: now and then there is a write less than was counted.
  const isTold = thrown !== undefined;
  if (failed === 0) assert.equal(isTold, false, `nothing failed, and it said: ${String(thrown)}`);
  if (isTold) assertTold(thrown, plan.kind, scenario.isNative);
  const open = session ?? (await scenario.open(directory));
  try {
    await open.intact();
    if (!isTold && scenario.isQuiet !== true) await open.done();
    await open.act();
    await open.done();
  } finally {
    await open.close();
  }
  const again = await scenario.open(directory);
  try {
    await again.intact();
    await again.done();
  } finally {
    await again.close();
  }
  return isTold;
}

/**
 * A person is told what happened, by a code that programs know. SQLite says of a log that it cannot make only that it cannot be opened,
 * and of the log's index, whatever is wrong, that there is no room for it.
 */
function assertTold(thrown: unknown, kind: FaultKind, isNative: boolean): void {
  if (thrown instanceof assert.AssertionError) throw thrown;
  const what = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  assert.ok(thrown instanceof BroadsideError, `not an error of ours: ${what}`);
  if (isNative && /cannot be opened; check the rights of its folder, and the room on its disk/.test(thrown.message))
    return;
  if (kind === 'full') assert.equal(thrown.code, 'no-space', thrown.message);
  else if (isNative && thrown.code === 'no-space') return;
  // What Node makes of a directory that cannot be made on the way to another.
  else assert.match(thrown.message, /i\/o error|EIO|, mkdir/i, `it does not say what the disk said: ${thrown.code}`);
}

/** Of the directory and all below it; those of SQLite's log come and go with its connections. */
async function namesIn(directory: string): Promise<string[]> {
  const names = await readdir(directory, { recursive: true });
  return names.filter((name) => !/-(?:wal|shm)$/.test(name)).toSorted();
}
