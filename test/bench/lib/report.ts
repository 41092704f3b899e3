/** What a benchmark prints: a figure beside its limit or its peer, measured in the same run, and the ratio of the two. */

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The limit or the peer: what it is, and its own figure in the same unit. */
  readonly beside?: { readonly name: string; readonly value: number };
  /** What targets.md asks for, in words. */
  readonly target?: string;
}

export class Report {
  readonly #name: string;
  readonly #seed: number | undefined;
  readonly #figures: Figure[] = [];

  /** `seed`: of what the run makes up, where that comes from one that was not given to it. */
  constructor(name: string, seed?: number) {
    [this.#name, this.#seed] = [name, seed];
  }

  add(figure: Figure): void {
    this.#figures.push(figure);
  }

  /** A table for people, or with --json one object on the last line, which test/targets reads. */
  print(): void {
    if (process.argv.includes('--json')) {
      const figures = this.#figures.map((figure) => ({ ...figure, ratio: ratioOf(figure) }));
      const from = this.#seed === undefined ? {} : { seed: this.#seed };
      process.stdout.write(`${JSON.stringify({ bench: this.#name, node: process.version, ...from, figures })}\n`);
      return;
    }
    const rows = this.#figures.map((figure) => [
      figure.name,
      `${rounded(figure.value)} ${figure.unit}`,
      figure.beside === undefined ? '' : `${figure.beside.name}: ${rounded(figure.beside.value)} ${figure.unit}`,
      ratioOf(figure)?.toFixed(2) ?? '',
      figure.target ?? '',
    ]);
    const table = [['figure', 'measured', 'beside it', 'ratio', 'target'], ...rows];
    const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
    for (const row of table) {
      process.stdout.write(
        `${row
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join('  ')
          .trimEnd()}\n`,
      );
    }
  }
}

function ratioOf(figure: Figure): number | undefined {
  return figure.beside === undefined || figure.beside.value === 0 ? undefined : figure.value / figure.beside.value;
}

export function rounded(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** `part` 0 ... 1. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

/** Median microseconds of one call, over `rounds` rounds of `calls` calls each, after a warm-up. */
export function microseconds(action: () => unknown, calls = 500, rounds = 7): number {
  for (let call = 0; call < calls / 5; call += 1) action();
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const startedMs = performance.now();
    for (let call = 0; call < calls; call += 1) action();
    times.push(((performance.now() - startedMs) * 1000) / calls);
  }
  return median(times);
}
