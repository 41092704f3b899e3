/** One row of the page of targets: what is asked, and which figures of which runs answer it. */
import type { Metrics } from '../sim/figures/row.ts';
import type { RunId } from './runs.ts';

export const TABLES = [
  'Direct transfers',
  'Publications',
  'Routing',
  'Search',
  'Desktop and node',
  'Sturdiness',
  'Speed inside',
] as const;

export interface Row {
  /** Letters, digits and hyphens; remarks name it. */
  readonly id: string;
  readonly table: (typeof TABLES)[number];
  readonly what: string;
  /** In words. */
  readonly target: string;
  /** Empty: nothing measures it, and the page says so. */
  readonly measures: readonly Measure[];
}

export type Measure = ReportMeasure | SimMeasure | TestMeasure;

/** A figure that `npm run bench` or `npm run soak` prints. */
export interface ReportMeasure {
  readonly run: RunId;
  /** Its name in the report. */
  readonly figure: string | RegExp;
  /** Where figures of one name stand beside several things: the one that is meant. */
  readonly beside?: string;
  readonly bound?: Bound;
  /** What the run does not show of the target, though the bound holds. */
  readonly isPart?: boolean;
}

/** What `npm run sim -- all` keeps: a row of its own page, or metrics that stand in none. */
export type SimMeasure = {
  /** Of test/sim/figures/plan.ts, or an experiment. */
  readonly sim: string;
  readonly isPart?: boolean;
} & (
  | {
      /** How the row's name begins there. */
      readonly figure: string;
    }
  | {
      readonly label: string;
      readonly value: (metrics: Metrics) => string;
      readonly holds?: (metrics: Metrics) => boolean;
    }
);

/** Something that holds or does not, and is tested each time: no figure. */
export interface TestMeasure {
  readonly test: string;
  readonly label: string;
}

export interface Bound {
  /** Of the figure itself, or of its ratio to what stands beside it. */
  readonly of: 'value' | 'ratio';
  readonly least?: number;
  readonly most?: number;
}

export const atLeast = (least: number): Bound => ({ of: 'value', least });
export const atMost = (most: number): Bound => ({ of: 'value', most });
export const ratioAtLeast = (least: number): Bound => ({ of: 'ratio', least });

export function holds(bound: Bound, value: number): boolean {
  return value >= (bound.least ?? -Infinity) && value <= (bound.most ?? Infinity);
}
