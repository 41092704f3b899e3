/** The page of targets, from what was kept of the runs. The same figures give the same text. */
import { PLAN } from '../sim/figures/plan.ts';
import type { KeptRun as SimRun } from '../sim/figures/page.ts';
import { rounded } from '../bench/lib/report.ts';
import type { KeptFigure, KeptRun } from './kept-run.ts';
import type { Remarks } from './remarks.ts';
import { holds, TABLES } from './row.ts';
import type { Bound, Measure, ReportMeasure, Row, SimMeasure } from './row.ts';
import { ROWS } from './rows.ts';
import { sizeOf, commandOf, RUN_IDS } from './runs.ts';
import type { RunId } from './runs.ts';

export interface Kept {
  readonly runs: ReadonlyMap<RunId, KeptRun>;
  readonly simRuns: ReadonlyMap<string, SimRun>;
  readonly remarks: Remarks;
}

/** `partly`: what was measured holds, and is less than the target asks for. */
type Verdict = 'met' | 'partly' | 'SHORT' | '' | 'not measured' | 'tested';

/** A figure, what it stands beside, what that says of the target, and of which run. */
interface Line {
  readonly measured: string;
  readonly beside: string;
  readonly ratio: string;
  readonly verdict: Verdict;
  readonly run: string;
}

export function pageOf(kept: Kept): string {
  const linesOf = new Map(ROWS.map((row) => [row, row.measures.flatMap((measure) => linesFor(measure, kept))]));
  const all = [...linesOf.values()].flat();
  const count = (verdict: Verdict): number => all.filter((line) => line.verdict === verdict).length;
  const rowsShort = ROWS.filter((row) => verdictOf(linesOf.get(row)!) === 'SHORT').length;
  return [
    '# Targets: what was asked, and what was measured',
    '',
    'Made by `npm run bench -- all` and `npm run soak -- all` from the JSON in [targets/](targets) and [sim/](sim), and not to be edited; a row',
    'is measured anew with `--only RUN`. What is said about a row below its table is written by hand, in',
    '[targets/remarks.md](targets/remarks.md). Each figure stands beside its limit or peer of the same run; the last column names the run, whose',
    'command, seed, machine and day are [at the end](#runs). “partly” is a figure that holds, and shows less than the target asks for: a',
    'smaller run (quick), or one of its conditions. “tested” is a test of `npm test` that fails when it does not hold, without a figure.',
    '',
    `${ROWS.length} rows, of which ${rowsShort} fall short in something; ${all.length} figures: ${count('met')} met, ${count('partly')} partly, ${count('SHORT')} short, ${count('not measured')} not measured.`,
    '',
    ...TABLES.flatMap((table) => tableOf(table, linesOf, kept)),
    ...runsOf(kept),
  ].join('\n');
}

function tableOf(table: Row['table'], linesOf: ReadonlyMap<Row, readonly Line[]>, { remarks }: Kept): string[] {
  const rows = ROWS.filter((row) => row.table === table);
  return [
    `## ${table}`,
    '',
    '| row | target | measured | limit or peer, same run | ratio | | run |',
    '|---|---|---|---|---|---|---|',
    ...rows.flatMap((row) => rowLines(row, linesOf.get(row)!)),
    '',
    ...rows.flatMap((row) => {
      const remark = remarks.get(row.id);
      if (remark !== undefined) return [`**${row.what}** (\`${row.id}\`). ${remark}`, ''];
      if (verdictOf(linesOf.get(row)!) !== 'SHORT') return [];
      return [`**${row.what}** (\`${row.id}\`). Nothing is known of the cause yet, and nothing was tried.`, ''];
    }),
  ];
}

function rowLines(row: Row, lines: readonly Line[]): string[] {
  const cells = (line: Line): string[] => [
    line.measured,
    line.beside,
    line.ratio,
    line.verdict === 'SHORT' ? '**short**' : line.verdict,
    line.run,
  ];
  const none: Line = { measured: 'nothing measures it', beside: '', ratio: '', verdict: 'not measured', run: '' };
  // What was never run says so once for each run.
  const told = [...new Map(lines.map((line) => [cells(line).join('|'), line])).values()];
  return (told.length === 0 ? [none] : told).map((line, index) => {
    const head = index === 0 ? [row.what, row.target] : ['', ''];
    return `| ${[...head, ...cells(line)].map(escaped).join(' | ')} |`;
  });
}

function verdictOf(lines: readonly Line[]): Verdict {
  return lines.find(({ verdict }) => verdict === 'SHORT')?.verdict ?? lines[0]?.verdict ?? 'not measured';
}

function linesFor(measure: Measure, kept: Kept): Line[] {
  if ('test' in measure)
    return [{ measured: measure.label, beside: '', ratio: '', verdict: 'tested', run: `\`${measure.test}\`` }];
  return 'sim' in measure ? [simLine(measure, kept.simRuns)] : reportLines(measure, kept.runs.get(measure.run));
}

function reportLines(measure: ReportMeasure, run: KeptRun | undefined): Line[] {
  const figures = run === undefined ? [] : figuresOf(measure, run);
  if (run === undefined || figures.length === 0) {
    const wanted = typeof measure.figure === 'string' ? measure.figure : '';
    const measured = [wanted, run === undefined ? 'never run' : 'not among its figures'].filter(Boolean).join(': ');
    return [{ measured, beside: '', ratio: '', verdict: 'not measured', run: measure.run }];
  }
  return figures.map((figure) => {
    const { beside } = figure;
    const isPart = run.isQuick || measure.isPart === true;
    return {
      measured: `${figure.name}: ${valueOf(figure.value, figure.unit)}`,
      beside: beside === undefined ? '' : `${beside.name}: ${valueOf(beside.value, figure.unit)}`,
      ratio: typeof figure.ratio === 'number' ? figure.ratio.toFixed(2) : '',
      verdict: verdictFor(measure.bound, figure, isPart),
      run: run.isQuick ? `${measure.run}, quick` : measure.run,
    };
  });
}

/** Those that a measure means, of what was kept. */
export function figuresOf({ figure, beside }: ReportMeasure, run: KeptRun): KeptFigure[] {
  return run.figures.filter(
    (each) =>
      (typeof figure === 'string' ? each.name === figure : figure.test(each.name)) &&
      (beside === undefined || each.beside?.name === beside),
  );
}

function verdictFor(bound: Bound | undefined, figure: KeptFigure, isPart: boolean): Verdict {
  if (bound === undefined) return '';
  const value = bound.of === 'value' ? figure.value : figure.ratio;
  if (typeof value !== 'number') return 'not measured';
  if (!holds(bound, value)) return 'SHORT';
  return isPart ? 'partly' : 'met';
}

function simLine(measure: SimMeasure, simRuns: ReadonlyMap<string, SimRun>): Line {
  const run = simRuns.get(measure.sim);
  const name = `sim ${measure.sim}`;
  const row = 'figure' in measure ? simRowOf(measure.sim, measure.figure) : undefined;
  const label = 'label' in measure ? measure.label : (row?.figure ?? '');
  if (run === undefined)
    return { measured: `${label}: never run`, beside: '', ratio: '', verdict: 'not measured', run: name };
  const { metrics } = run.figures;
  const isPart = measure.isPart === true;
  const judged = 'label' in measure ? measure.holds?.(metrics) : undefined;
  const told = row?.verdict?.(metrics);
  const isMet = judged ?? (told === undefined ? undefined : told !== 'no');
  const value = 'label' in measure ? measure.value(metrics) : row!.measured(metrics);
  const verdict = isMet === undefined ? '' : !isMet ? 'SHORT' : isPart || told === 'so far' ? 'partly' : 'met';
  const beside = row?.published ?? '';
  return { measured: `${label}: ${value}`, beside, ratio: '', verdict, run: name };
}

/** A row of the simulator's page; throws when there is none. */
export function simRowOf(run: string, begins: string) {
  const row = PLAN.find(({ id }) => id === run)?.rows.find(({ figure }) => figure.startsWith(begins));
  if (row === undefined) throw new Error(`the run ${run} of the simulator has no row "${begins}"`);
  return row;
}

function runsOf({ runs, simRuns }: Kept): string[] {
  const used = [...new Set(ROWS.flatMap((row) => row.measures.flatMap((each) => ('sim' in each ? [each.sim] : []))))];
  return [
    '## Runs',
    '',
    '| run | command | seed | day | took | machine | load before, after | ended |',
    '|---|---|---|---|---|---|---|---|',
    ...RUN_IDS.filter((id) => id !== 'sim-all').map((id) => runLine(id, runs.get(id))),
    '',
    'Of the simulator: the same figures on every machine, from the seed alone. `npm run sim -- all --only RUN` makes one anew.',
    '',
    '| run | command | nodes | seed | events |',
    '|---|---|---|---|---|',
    ...used.map((id) => {
      const run = simRuns.get(id);
      if (run === undefined) return `| ${id} | \`npm run sim -- all --large --only ${id}\` | never run | | |`;
      const { nodes, seed, events } = run.figures;
      return `| ${id} | \`${run.command}\` | ${nodes.toLocaleString('en')} | ${seed} | ${events.toLocaleString('en')} |`;
    }),
    '',
  ];
}

function runLine(id: RunId, run: KeptRun | undefined): string {
  const cells = ((): string[] => {
    if (run === undefined) return [`\`${commandOf(id, sizeOf(id, false).args)}\``, '', 'never', '', '', '', ''];
    const { machine, failed, exitCode } = run;
    const place = `${machine.cores} cores (${machine.processor}), ${machine.memoryGib} GiB, Node ${machine.node}, ${machine.system}`;
    const ended = [
      exitCode === 0 ? 'well' : `with ${exitCode}`,
      ...(failed === undefined ? [] : [`failed on ${failed.date}: ${failed.problem}`]),
    ].join('; ');
    const seed = /--seed (\d+)/.exec(run.command)?.[1] ?? String(run.seed ?? '');
    const took = `${rounded(run.seconds / 60)} min`;
    return [`\`${run.command}\``, seed, run.date, took, place, machine.load.join(', '), ended];
  })();
  return `| ${[id, ...cells].map(escaped).join(' | ')} |`;
}

function valueOf(value: number | null, unit: string): string {
  return value === null ? 'nothing' : `${shown(value)} ${unit}`.trim();
}

function shown(value: number): string {
  return Math.abs(value) >= 1_000
    ? Math.round(value).toLocaleString('en')
    : Number.isInteger(value)
      ? String(value)
      : rounded(value);
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
