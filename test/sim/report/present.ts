/** Gives out what an experiment found: tables, notes, plots as files, and the line of JSON that the interface promises. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Experiment, ExperimentOutcome } from '../experiment.ts';
import { renderSvg } from './svg.ts';
import { renderTable } from './table.ts';

export interface Figures {
  readonly experiment: string;
  readonly nodes: number;
  readonly seed: number;
  readonly traceHash: string;
  readonly seconds: number;
  readonly events: number;
  readonly metrics: Readonly<Record<string, unknown>>;
}

export function figuresOf(
  experiment: Experiment,
  outcome: ExperimentOutcome,
  given: { readonly nodes: number; readonly seed: number; readonly seconds: number },
): Figures {
  const { nodes, seed, seconds } = given;
  const { runs, metrics } = outcome;
  return {
    experiment: experiment.name,
    nodes,
    seed,
    traceHash: combined(runs.map((run) => run.traceHash)),
    seconds: Number(seconds.toFixed(2)),
    events: runs.reduce((sum, run) => sum + run.events, 0),
    metrics,
  };
}

/** One network's own hash, or a hash of all of them in order. */
function combined(hashes: readonly string[]): string {
  const [only] = hashes;
  if (only !== undefined && hashes.length === 1) return only;
  return createHash('sha256').update(hashes.join('\n')).digest('hex');
}

/** What the run cost this machine; not part of the figures, which are the same everywhere. */
export interface Cost {
  /** Of all threads: on a machine that has other things to do it says more than the time on the clock. */
  readonly cpuSeconds: number;
  readonly peakMib: number;
}

export function textOf(figures: Figures, outcome: ExperimentOutcome, cost: Cost): string {
  const { experiment, nodes, seed, traceHash, seconds, events } = figures;
  const head = `${experiment}: ${nodes.toLocaleString('en')} nodes, seed ${seed}`;
  const perSecond = Math.round(events / Math.max(cost.cpuSeconds, 0.01)).toLocaleString('en');
  const took = `${seconds} s, ${cost.cpuSeconds.toFixed(1)} s of processor`;
  const tail = `${events.toLocaleString('en')} events in ${took} (${perSecond} events a second of processor), ${Math.round(cost.peakMib)} MiB at most, trace ${traceHash.slice(0, 16)}`;
  return [head, '', ...outcome.tables.map(renderTable), ...outcome.notes, tail, ''].join('\n');
}

/** Writes one SVG a plot and returns their paths, relative to the working directory. */
export function writePlots(experiment: Experiment, outcome: ExperimentOutcome, directory: string): string[] {
  if (outcome.plots.length === 0) return [];
  mkdirSync(directory, { recursive: true });
  return outcome.plots.map((plot) => {
    const name = plot.name === experiment.name ? plot.name : `${experiment.name}-${plot.name}`;
    const path = join(directory, `${name}.svg`);
    writeFileSync(path, renderSvg(plot));
    return relative(process.cwd(), path);
  });
}
