/**
 * `npm run sim -- EXPERIMENT [options]`: runs one experiment in the simulator and shows what came out. With --json the
 * last line of standard output is the object that docs and checks read. Progress goes to standard error.
 */
import { join, resolve } from 'node:path';
import { parseFor, UsageError } from './arguments.ts';
import type { CommonArguments } from './arguments.ts';
import { contextOf } from './context.ts';
import type { Experiment } from './experiment.ts';
import { EXPERIMENTS } from './experiments/registry.ts';
import { runAll } from './figures/run-all.ts';
import { projectRoot } from '../support/project-root.ts';
import { figuresOf, textOf, writePlots } from './report/present.ts';

const USAGE = 2;
/** Ignored by git. */
const DEFAULT_OUT = join(projectRoot, 'out', 'sim');

function list(): string {
  const lines = EXPERIMENTS.flatMap((experiment) => [
    `${experiment.name.padEnd(14)} ${experiment.about}`,
    ...Object.entries(experiment.options).map(
      ([name, spec]) =>
        `${''.padEnd(14)}   --${name}${spec.kind === 'flag' ? '' : ` (${spec.default})`}: ${spec.about}`,
    ),
  ]);
  const all =
    'Every experiment takes --nodes N, --seed S, --json and --out DIR (for its plots).\nall [--out DIR] [--only RUN,RUN] [--large] [--page] makes the page of results.';
  return `${lines.join('\n')}\n\n${all}\n`;
}

async function runExperiment(experiment: Experiment, given: CommonArguments): Promise<boolean> {
  const { nodes, seed, json } = given;
  const context = contextOf(experiment, given);
  const { say } = context;
  const startedMs = performance.now();
  const startedCpu = process.cpuUsage();
  const outcome = await experiment.run(context);
  const seconds = (performance.now() - startedMs) / 1_000;
  const { user, system } = process.cpuUsage(startedCpu);
  const figures = figuresOf(experiment, outcome, { nodes, seed, seconds });
  const base = process.env['INIT_CWD'] ?? process.cwd();
  const paths = writePlots(experiment, outcome, given.out === undefined ? DEFAULT_OUT : resolve(base, given.out));
  for (const path of paths) say(`plot in ${path}`);
  process.stdout.write(
    textOf(figures, outcome, { cpuSeconds: (user + system) / 1e6, peakMib: process.resourceUsage().maxRSS / 1_024 }),
  );
  if (json) process.stdout.write(`${JSON.stringify(figures)}\n`);
  return outcome.isGood !== false;
}

async function main(): Promise<number> {
  const [name, ...args] = process.argv.slice(2);
  if (name === 'list') {
    process.stdout.write(list());
    return 0;
  }
  const names = EXPERIMENTS.map((experiment) => experiment.name);
  if (name === 'all') return (await runAll(args)) ? 0 : 1;
  const experiment = EXPERIMENTS.find((known) => known.name === name);
  if (experiment === undefined) {
    const what = name === undefined ? 'No experiment was named' : `There is no experiment "${name}"`;
    throw new UsageError(`${what}; there are: ${names.join(', ')}, and list, all.`);
  }
  return (await runExperiment(experiment, parseFor(experiment, args))) ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (thrown) {
  if (!(thrown instanceof UsageError)) throw thrown;
  process.stderr.write(`sim: ${thrown.message}\n`);
  process.exitCode = USAGE;
}
