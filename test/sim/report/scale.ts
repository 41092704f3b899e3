/** From values to places on an axis, linear or logarithmic, with ticks at round numbers. */
import type { Axis } from './plot.ts';

export interface Scale {
  /** 0 at the beginning of the axis, 1 at its end; undefined for what has no place (zero on a logarithmic axis). */
  place(value: number): number | undefined;
  readonly ticks: readonly number[];
}

/** About so many ticks on a linear axis. */
const WANTED_TICKS = 6;

export function scaleOf(axis: Axis, values: readonly number[]): Scale {
  return axis.scale === 'log' ? logScale(axis, values) : linearScale(axis, values);
}

function linearScale(axis: Axis, values: readonly number[]): Scale {
  const finite = values.filter(Number.isFinite);
  const low = axis.min ?? Math.min(0, ...finite);
  const most = axis.max ?? Math.max(...finite, low);
  const step = roundStep((most - low) / WANTED_TICKS || 1);
  const high = axis.max ?? (Math.ceil(most / step - 1e-9) * step || step);
  const ticks: number[] = [];
  // Counted in steps, so that 0.1 + 0.2 does not show.
  for (let count = Math.ceil(low / step - 1e-9); count * step <= high + step * 1e-9; count += 1)
    ticks.push(Number((count * step).toPrecision(12)));
  return { place: (value) => (value - low) / (high - low || 1), ticks };
}

function logScale(axis: Axis, values: readonly number[]): Scale {
  const positive = values.filter((value) => Number.isFinite(value) && value > 0);
  const least = axis.min ?? (positive.length === 0 ? 1 : Math.min(...positive));
  const most = axis.max ?? (positive.length === 0 ? 10 : Math.max(...positive));
  let low = Math.floor(Math.log10(least) + 1e-9);
  let high = Math.ceil(Math.log10(most) - 1e-9);
  if (high === low) [low, high] = [low - (axis.min === undefined ? 0 : 1), high + 1];
  const [from, to] = [
    axis.min === undefined ? low : Math.log10(least),
    axis.max === undefined ? high : Math.log10(most),
  ];
  const ticks: number[] = [];
  const digits = high - low <= 2 ? [1, 2, 5] : [1];
  for (let power = low; power <= high; power += 1) {
    for (const digit of digits) {
      const tick = Number(`${digit}e${power}`);
      if (Math.log10(tick) >= from - 1e-9 && Math.log10(tick) <= to + 1e-9) ticks.push(tick);
    }
  }
  const place = (value: number): number | undefined =>
    value > 0 ? (Math.log10(value) - from) / (to - from) : undefined;
  return { place, ticks };
}

/** 1, 2 or 5 times a power of ten, not below `least`. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  for (const digit of [1, 2, 5]) if (digit * power >= least * (1 - 1e-9)) return digit * power;
  return 10 * power;
}

export function tickText(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(4))}M`;
  if (size >= 10_000) return `${Number((value / 1e3).toPrecision(4))}k`;
  return String(Number(value.toPrecision(6)));
}
