/** Order statistics and the like, over numbers that were measured. */

/** The smallest value that at least `share` (0 ... 1) of the values do not exceed (nearest rank); NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function mean(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return values.length === 0 ? Number.NaN : sum / values.length;
}

/** Rounded to so many decimals, so that tables and JSON stay readable. */
export function rounded(value: number, decimals = 4): number {
  return Number(value.toFixed(decimals));
}

/** Load of the busiest `share` of the values, in multiples of the mean load; NaN of nothing. */
export function busiestShare(loads: readonly number[], share: number): number {
  const sorted = [...loads].sort((a, b) => b - a);
  const count = Math.max(1, Math.round(sorted.length * share));
  return mean(sorted.slice(0, count)) / mean(loads);
}

/** How many values fall on each whole number from 0 to the largest. */
export function histogram(values: readonly number[]): number[] {
  let largest = -1;
  for (const value of values) if (value > largest) largest = value;
  const counts = Array.from({ length: largest + 1 }, () => 0);
  for (const value of values) counts[value] = counts[value]! + 1;
  return counts;
}
