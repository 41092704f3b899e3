/**
 * Hostile peers, live: a real node in a practice network of real processes, attacked in one way after the other at full speed, while honest
 * people get publications and search with it and through it.
 * Run: npm run soak -- hostile [--kind TEXT] [--seconds 10] [--seed NUMBER] [--into FILE] [--minutes NUMBER] [--json] [--page]; `--kind list`
 * names all kinds, else those whose name has TEXT in it. `--into` adds to the outcomes of a file and passes over kinds that it has, so that a run
 * can be made in pieces, each with a network of its own; with `--minutes` no kind begins later. `--page` writes docs/results/hostile.md.
 *
 * Ends with 1 when a kind broke a bound below. How late the event loop comes is a matter of the machine too; how much of that was the node's
 * own work is not, and is what the bound is for.
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { percentile, Report } from '../bench/lib/report.ts';
import { hostileKinds } from '../hostile/peer-kinds.ts';
import type { HostileKind } from '../hostile/peer-kinds.ts';
import { HostileScene } from '../hostile/peer-scene.ts';
import type { KindOutcome } from '../hostile/peer-scene.ts';
import { aliveMib, hostilePage, leftMib, problemsOf } from './lib/hostile-page.ts';
import { KeptOutcomes } from './lib/kept-outcomes.ts';

const NODES = 6;
const PUBLICATIONS = 12;
/**
 * Longer, where the machine is so busy that the attacker has not come to break a rule yet that the statistics tell of; together with the time
 * itself less than a minute, after which the node ends measuring (services/node/strain.ts).
 */
const PATIENCE_MS = 40_000;
const PAGE = join(import.meta.dirname, '..', '..', 'docs', 'results', 'hostile.md');

const { values } = parseArgs({
  options: {
    kind: { type: 'string' },
    seconds: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    into: { type: 'string' },
    minutes: { type: 'string', default: 'Infinity' },
    json: { type: 'boolean', default: false },
    page: { type: 'boolean', default: false },
  },
});
const [seconds, seed, minutes] = [Number(values.seconds), Number(values.seed), Number(values.minutes)];
if (!(seconds > 0) || !(minutes > 0) || !Number.isInteger(seed) || seed < 0) {
  process.stderr.write('--seconds and --minutes are above 0, --seed a whole number from 0.\n');
  process.exit(2);
}
const all = hostileKinds(seed);
if (values.kind === 'list') {
  process.stdout.write(`${all.map(({ name }) => name).join('\n')}\n`);
  process.exit(0);
}
const asked = all.filter(({ name }) => values.kind === undefined || name.includes(values.kind));
if (asked.length === 0) {
  process.stderr.write(`There is no kind with "${values.kind}" in its name; --kind list names them.\n`);
  process.exit(2);
}

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
const machine = `${availableParallelism()} cores of ${cpus()[0]?.model ?? 'an unknown kind'}, Node ${process.version}`;
const kept = new KeptOutcomes(values.into, { seed, seconds, machine });
const untilMs = performance.now() + minutes * 60_000;
const missing = asked.filter(({ name }) => kept.of(name) === undefined);
if (missing.length > 0) await attack(missing);
/** In the order of the kinds, whenever they were run. */
const outcomes = asked.flatMap((kind) => {
  const outcome = kept.of(kind.name);
  return outcome === undefined ? [] : [{ kind, outcome, problems: problemsOf(kind, outcome) }];
});
const command = `npm run soak -- hostile --seconds ${seconds} --seed ${seed} --page`;
if (values.page && outcomes.length > 0)
  writeFileSync(PAGE, hostilePage({ outcomes, kinds: all.length, seconds, seed, machine, command }));
print();
process.exitCode = outcomes.length < asked.length || outcomes.some(({ problems }) => problems.length > 0) ? 1 : 0;

async function attack(kinds: readonly HostileKind[]): Promise<void> {
  const scene = await HostileScene.start({ nodes: NODES, publications: PUBLICATIONS, seed });
  try {
    for (const kind of kinds) {
      if (stop.signal.aborted || performance.now() > untilMs) break;
      const outcome = { ...(await scene.run(kind, seconds, PATIENCE_MS)), load: loadavg()[0]! };
      kept.add(outcome);
      const problems = problemsOf(kind, outcome);
      const { honest, busy, late, memory } = outcome;
      say(
        `${kind.name}: ${honest.got} of ${honest.gets} got, ${honest.found} of ${honest.searches} found, own work ${busy.p99.toFixed(0)} ms at p99 (late ${late.p99.toFixed(0)}), ${memory.peakMib.toFixed(0)} MiB, alive ${aliveMib(memory.aliveAfter).toFixed(1)}${problems.length === 0 ? '' : `; ${problems.join('; ')}`}`,
      );
    }
  } finally {
    await scene.stop();
  }
}

function print(): void {
  const report = new Report('soak hostile', seed);
  const most = (of: (outcome: KindOutcome) => number): number =>
    Math.max(...outcomes.map(({ outcome }) => of(outcome)));
  const sum = (of: (outcome: KindOutcome) => number): number =>
    outcomes.reduce((total, { outcome }) => total + of(outcome), 0);
  const [gets, searches] = [sum(({ honest }) => honest.gets), sum(({ honest }) => honest.searches)];
  report.add({ name: 'kinds of hostile peers', value: outcomes.length, unit: 'kinds' });
  report.add({
    name: 'kinds that broke a bound',
    value: outcomes.filter(({ problems }) => problems.length > 0).length,
    unit: 'kinds',
    target: '0',
  });
  report.add({
    name: 'honest gets that succeeded',
    value: (100 * sum(({ honest }) => honest.got)) / gets,
    unit: `% of ${gets}`,
    target: '>= 95 %',
  });
  report.add({
    name: 'honest searches that found',
    value: (100 * sum(({ honest }) => honest.found)) / searches,
    unit: `% of ${searches}`,
    target: '>= 95 %',
  });
  report.add({
    name: 'event loop, own work at p99: most of any kind',
    value: most(({ busy }) => busy.p99),
    unit: 'ms',
    target: '<= 50 ms',
  });
  report.add({
    name: 'event loop, own work at p99: median of the kinds',
    value: percentile(
      outcomes.map(({ outcome }) => outcome.busy.p99),
      0.5,
    ),
    unit: 'ms',
  });
  report.add({
    name: 'event loop, late at p99: most of any kind',
    value: most(({ late }) => late.p99),
    unit: 'ms',
    target: '<= 50 ms on a machine with a free core',
  });
  report.add({
    name: 'memory: most above what it had before',
    value: most(({ memory }) => memory.peakMib - memory.beforeMib),
    unit: 'MiB',
    target: 'flat',
  });
  report.add({
    name: 'memory: growth in the second half, most',
    value: most(({ memory }) => memory.growthMib),
    unit: 'MiB',
    target: 'flat',
  });
  report.add({
    name: 'memory: alive after a collection, most that one kind left behind',
    value: most(({ memory }) => leftMib(memory)),
    unit: 'MiB',
    target: 'flat',
  });
  report.print();
}
