/** What a plot shows; report/svg.ts draws it. */

export interface Series {
  readonly name: string;
  readonly kind: 'line' | 'bars' | 'points';
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Dashed: published figures, limits and the like beside what was measured. */
  readonly isDashed?: boolean;
}

export interface Axis {
  readonly label: string;
  readonly scale: 'linear' | 'log';
  /** Left out: from the values. */
  readonly min?: number;
  readonly max?: number;
}

export interface Plot {
  /** Part of the file's name: letters, digits, hyphens. */
  readonly name: string;
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}
