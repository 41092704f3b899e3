/**
 * `npm run sim -- all [--out DIR] [--only ID,ID] [--large] [--page]`: makes every run of the plan, and every experiment that the plan
 * does not know with its defaults; writes figures and plots to DIR and the page beside it. With --only the others' figures
 * stay as they are, so that one run can be made anew; with --page nothing is run and the page alone is written.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parseFor, UsageError } from '../arguments.ts';
import { contextOf } from '../context.ts';
import { EXPERIMENTS } from '../experiments/registry.ts';
import { figuresOf, writePlots } from '../report/present.ts';
import { projectRoot } from '../../support/project-root.ts';
import { writePage as writeTargetsPage } from '../../targets/page-file.ts';
import { pageOf } from './page.ts';
import type { KeptRun } from './page.ts';
import { PLAN } from './plan.ts';
import type { PlannedRun } from './plan.ts';

const DEFAULT_OUT = join(projectRoot, 'docs', 'results', 'sim');
const PAGE = 'routing.md';

export async function runAll(args: readonly string[]): Promise<boolean> {
  const { out, only, isLarge } = parsed(args);
  const runs = allRuns();
  const unknown = only?.find((id) => !runs.some((run) => run.id === id));
  if (unknown !== undefined)
    throw new UsageError(`There is no run "${unknown}"; there are: ${runs.map(({ id }) => id).join(', ')}.`);
  mkdirSync(out, { recursive: true });
  let isGood = true;
  for (const run of runs) {
    const isWanted = only === undefined ? isLarge || run.isLarge !== true : only.includes(run.id);
    if (isWanted) isGood = (await make(run, out)) && isGood;
  }
  writePage(out, runs);
  return isGood;
}

function parsed(args: readonly string[]): {
  readonly out: string;
  readonly only: readonly string[] | undefined;
  readonly isLarge: boolean;
} {
  const options = {
    out: { type: 'string' },
    only: { type: 'string' },
    large: { type: 'boolean' },
    page: { type: 'boolean' },
  } as const;
  try {
    const { values } = parseArgs({ args: [...args], options, allowPositionals: false });
    const base = process.env['INIT_CWD'] ?? process.cwd();
    const out = values.out === undefined ? DEFAULT_OUT : resolve(base, values.out);
    return { out, only: values.page === true ? [] : values.only?.split(','), isLarge: values.large === true };
  } catch (thrown) {
    const what = thrown instanceof Error ? thrown.message.split('. ')[0] : String(thrown);
    throw new UsageError(`${what}. all takes --out, --only, --large, --page.`, { cause: thrown });
  }
}

function allRuns(): PlannedRun[] {
  const others = EXPERIMENTS.filter(({ name }) => !PLAN.some(({ experiment }) => experiment === name));
  return [...PLAN, ...others.map(({ name }) => ({ id: name, experiment: name, args: [], rows: [] }))];
}

async function make(run: PlannedRun, out: string): Promise<boolean> {
  const experiment = EXPERIMENTS.find(({ name }) => name === run.experiment);
  if (experiment === undefined) throw new Error(`the plan names an experiment that is not there: ${run.experiment}`);
  const given = parseFor(experiment, run.args);
  const outcome = await experiment.run(contextOf(experiment, given, run.id));
  const { nodes, seed } = given;
  const { seconds: _, ...figures } = figuresOf(experiment, outcome, { nodes, seed, seconds: 0 });
  const plots = writePlots(experiment, outcome, out).map((path) => basename(path));
  const seedWords = run.args.includes('--seed') ? [] : ['--seed', String(seed)];
  const command = ['npm run sim --', run.experiment, ...run.args, ...seedWords].join(' ');
  const kept: KeptRun = { command, figures, notes: outcome.notes, tables: outcome.tables, plots };
  writeFileSync(join(out, `${run.id}.json`), `${JSON.stringify(kept, undefined, 2)}\n`);
  return outcome.isGood !== false;
}

function writePage(out: string, runs: readonly PlannedRun[]): void {
  const kept = new Map<string, KeptRun>();
  for (const { id } of runs) {
    const path = join(out, `${id}.json`);
    if (existsSync(path)) kept.set(id, JSON.parse(readFileSync(path, 'utf8')) as KeptRun);
  }
  const path = join(dirname(out), PAGE);
  writeFileSync(path, pageOf(kept, basename(out)));
  process.stdout.write(`figures of ${kept.size} runs in ${path}\n`);
  // The page of targets has some of the same figures.
  if (out === DEFAULT_OUT) writeTargetsPage();
}
