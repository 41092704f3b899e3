/** One figure of the page of results, and how it is read from the metrics of a run. */
import type { Figures } from '../report/present.ts';

export type Metrics = Figures['metrics'];

/** `so far`: nothing against it, but the run was smaller than the target asks for. */
export type Verdict = 'yes' | 'no' | 'so far';

/** One figure of the page. */
export interface Row {
  readonly figure: string;
  /** What others published; empty where nobody did. */
  readonly published: string;
  /** What is wanted here (docs: targets); empty where it is only measured. */
  readonly target: string;
  readonly measured: (metrics: Metrics) => string;
  /** Left out: nothing is wanted. */
  readonly verdict?: (metrics: Metrics) => Verdict;
  /** Why the published figure, or the target, is not the same thing. */
  readonly apart?: string;
}

export function metric(metrics: Metrics, name: string): number {
  const value = metrics[name];
  return typeof value === 'number' ? value : Number.NaN;
}

export function percent(share: number, decimals = 1): string {
  return `${(share * 100).toFixed(decimals)} %`;
}

export function metIf(holds: boolean, isWhole = true): Verdict {
  if (!holds) return 'no';
  return isWhole ? 'yes' : 'so far';
}
