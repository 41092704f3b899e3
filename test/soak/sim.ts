/**
 * The simulator under faults: one small network a seed, its faults drawn from the seed, all checkers on; then it has to
 * heal. The seeds are spread over as many processes as there are cores.
 * Run: npm run soak -- sim [--seeds 1000] [--seed 1] [--json]
 *
 * Ends with 1 when a checker complained, and says of the first seed how to see it again.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Report } from '../bench/lib/report.ts';
import type { SeedReport } from './lib/sim-worker.ts';

const SAY_EVERY_MS = 10_000;
const INTERRUPTED = 130;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean' },
  },
});
const [count, first] = [Number(values.seeds), Number(values.seed)];
if (!Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(first) || first < 0) {
  process.stderr.write('--seeds takes a whole number, 1 or more; --seed the first of them, 0 or more.\n');
  process.exit(2);
}

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const startedMs = performance.now();
const reports: SeedReport[] = [];
const workers = new Set<ChildProcess>();
let next = first;
let saidMs = startedMs;

function stopAll(): void {
  for (const worker of workers) worker.kill();
}
process.on('SIGINT', () => {
  stopAll();
  say(`Interrupted after ${reports.length} of ${count} seeds.`);
  summary();
  process.exit(INTERRUPTED);
});
process.on('SIGTERM', () => {
  stopAll();
  process.exit(INTERRUPTED);
});

function take(report: SeedReport): void {
  reports.push(report);
  if (report.violations.length > 0) say(`seed ${report.seed}: ${report.violations[0]}`);
  if (performance.now() - saidMs < SAY_EVERY_MS) return;
  saidMs = performance.now();
  say(
    `${reports.length} of ${count} seeds, ${reports.filter(({ violations }) => violations.length > 0).length} with complaints`,
  );
}

/** Gives a process one seed after the other until there are none left. */
function work(): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = fork(join(import.meta.dirname, 'lib/sim-worker.ts'), {
      execArgv: ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=64'],
    });
    workers.add(worker);
    let seed = Number.NaN;
    const give = (): void => {
      if (next >= first + count) {
        worker.disconnect();
        return;
      }
      seed = next;
      next += 1;
      worker.send(seed);
    };
    worker.on('message', (report: SeedReport) => {
      take(report);
      give();
    });
    worker.on('error', reject);
    worker.on('exit', (code) => {
      workers.delete(worker);
      if (code === 0) resolve();
      else reject(new Error(`the process that ran seed ${seed} ended with ${code}`));
    });
    give();
  });
}

function summary(): SeedReport | undefined {
  const failed = reports.filter(({ violations }) => violations.length > 0).sort((a, b) => a.seed - b.seed);
  const total = (of: (each: SeedReport) => number): number => reports.reduce((sum, each) => sum + of(each), 0);
  const report = new Report('soak sim');
  report.add({ name: 'seeds', value: reports.length, unit: 'seeds' });
  report.add({ name: 'seeds with complaints', value: failed.length, unit: 'seeds', target: '0' });
  report.add({ name: 'complaints', value: total(({ violations }) => violations.length), unit: 'in all' });
  const found = total(({ foundDuring }) => foundDuring) / Math.max(1, reports.length);
  report.add({ name: 'found while faults last, mean', value: 100 * found, unit: '%' });
  const events = total((each) => each.events);
  report.add({ name: 'events', value: events, unit: 'in all' });
  const seconds = (performance.now() - startedMs) / 1_000;
  report.add({ name: 'events by the clock, all processes', value: events / seconds, unit: '/s' });
  report.print();
  const [worst] = failed;
  if (worst !== undefined) {
    say(
      `The first seed that fails is ${worst.seed}; to see it again: npm run sim -- soak --seeds 1 --seed ${worst.seed}`,
    );
    for (const violation of worst.violations.slice(0, 5)) say(`  ${violation}`);
  }
  return worst;
}

await Promise.all(Array.from({ length: Math.min(count, availableParallelism()) }, work));
process.exitCode = summary() === undefined ? 0 : 1;
