/** The page of results, from the figures of the runs that were made. The same figures give the same text. */
import { basename, join } from 'node:path';
import type { Figures } from '../report/present.ts';
import type { Table } from '../report/table.ts';
import { PLAN } from './plan.ts';
import type { PlannedRun } from './plan.ts';

/** Longer tables are for plots. */
const MOST_ROWS = 30;

/** What is kept of a run beside the page: no times, for they are the machine's. */
export interface KeptRun {
  readonly command: string;
  readonly figures: Omit<Figures, 'seconds'>;
  readonly notes: readonly string[];
  /** Left out in figures that were kept before there were any. */
  readonly tables?: readonly Table[];
  /** Files in the directory of the figures. */
  readonly plots: readonly string[];
}

/** `directory`: where the figures and plots lie, as seen from the page. */
export function pageOf(runs: ReadonlyMap<string, KeptRun>, directory: string): string {
  const planned = PLAN.filter(({ id, isLarge }) => runs.has(id) || isLarge !== true);
  const rows = planned.flatMap((run) => rowsOf(run, runs.get(run.id)));
  const others = [...runs].filter(([id]) => !PLAN.some((run) => run.id === id));
  const plots = [...runs.values()].flatMap((run) => run.plots);
  return [
    '# Routing and availability: the figures',
    '',
    'Written by `npm run sim -- all`; not to be edited. Everything runs in the simulator with the production core; the same seed gives',
    'the same figures on every machine. Times are simulated. Targets come from the design, published figures from the papers named.',
    'What is not met, or not comparable, is said; "so far" is met, but in a run smaller than the target asks for.',
    '',
    '| figure | published | Broadside | target | met | run |',
    '|---|---|---|---|---|---|',
    ...rows.map((row) => `| ${row.cells.join(' | ')} |`),
    '',
    '## What is not comparable',
    '',
    ...rows.flatMap(({ cells, apart }) => (apart === undefined ? [] : [`- ${cells[0]}: ${apart}`])),
    '',
    '## Runs',
    '',
    ...planned.map((run) => runLine(run.id, runs.get(run.id))),
    ...others.map(([id, run]) => runLine(id, run)),
    '',
    ...notesOf(planned, runs),
    ...others.flatMap(([id, run]) => [
      '',
      `### ${id}`,
      '',
      '```json',
      JSON.stringify(run.figures.metrics, undefined, 1),
      '```',
    ]),
    '## Plots',
    '',
    ...plots.flatMap((plot) => [`![${basename(plot, '.svg')}](${join(directory, plot)})`, '']),
  ].join('\n');
}

function rowsOf(
  planned: PlannedRun,
  run: KeptRun | undefined,
): { readonly cells: readonly string[]; readonly apart: string | undefined }[] {
  return planned.rows.map((row) => {
    const { figure, published, target, apart } = row;
    if (run === undefined) return { cells: [figure, published, 'not run', target, '', planned.id], apart };
    const { metrics } = run.figures;
    const verdict = row.verdict?.(metrics) ?? '';
    const met = verdict === 'no' ? '**no**' : verdict;
    return { cells: [figure, published, row.measured(metrics), target, met, planned.id], apart };
  });
}

function runLine(id: string, run: KeptRun | undefined): string {
  if (run === undefined) return `- ${id}: not run`;
  const { nodes, seed, events, traceHash } = run.figures;
  return `- ${id}: \`${run.command}\`; ${nodes.toLocaleString('en')} nodes, seed ${seed}, ${events.toLocaleString('en')} events, trace ${traceHash.slice(0, 16)}`;
}

function notesOf(planned: readonly PlannedRun[], runs: ReadonlyMap<string, KeptRun>): string[] {
  return planned.flatMap(({ id }) => {
    const run = runs.get(id);
    if (run === undefined) return [];
    const tables = (run.tables ?? []).filter(({ rows }) => rows.length <= MOST_ROWS);
    return [`### ${id}`, '', ...run.notes.map((note) => `- ${note}`), '', ...tables.flatMap(tableLines)];
  });
}

function tableLines({ title, columns, rows }: Table): string[] {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  return [`${title}:`, '', line(columns), line(columns.map(() => '---')), ...rows.map(line), ''];
}
