/** What an experiment is: a file in experiments/ that exports one of these and stands in experiments/registry.ts. */
import type { Network } from './engine/network.ts';
import type { Plot } from './report/plot.ts';
import type { Table } from './report/table.ts';

export interface OptionSpec {
  readonly kind: 'number' | 'flag' | 'text';
  /** One line for the help; begins in lower case. */
  readonly about: string;
  readonly default: number | boolean | string;
  readonly min?: number;
  readonly max?: number;
  /** Numbers only: whole ones. */
  readonly isWhole?: boolean;
  /** Text only: what may be said. */
  readonly choices?: readonly string[];
}

export interface ExperimentContext {
  readonly nodes: number;
  readonly seed: number;
  /** Values of the experiment's own options, checked against their specs. */
  readonly number: (name: string) => number;
  readonly flag: (name: string) => boolean;
  readonly text: (name: string) => string;
  /** A line of progress on standard error. */
  readonly say: (text: string) => void;
}

export interface ExperimentOutcome {
  /** One entry a network that ran, in order: what the trace hash and the number of events are made of. */
  readonly runs: readonly Run[];
  /** What the interface promises by name; the same for the same seed. */
  readonly metrics: Readonly<Record<string, unknown>>;
  readonly tables: readonly Table[];
  readonly plots: readonly Plot[];
  /** What a reader has to know to judge the figures: the topology above all. */
  readonly notes: readonly string[];
  /** False when the experiment found what must not be (a checker complained): exit code 1. */
  readonly isGood?: boolean;
}

export interface Run {
  readonly traceHash: string;
  readonly events: number;
}

export interface Experiment {
  readonly name: string;
  /** One line for `sim -- list`. */
  readonly about: string;
  /** Nodes when --nodes is left out. */
  readonly nodes: number;
  readonly options: Readonly<Record<string, OptionSpec>>;
  run(context: ExperimentContext): ExperimentOutcome | Promise<ExperimentOutcome>;
}

export function runOf(network: Network): Run {
  return { traceHash: network.trace.digest(), events: network.events };
}
