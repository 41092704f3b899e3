/** Where the marks of the last requests stand in their pictures. */
import type { LoggedOutcome, LoggedRequest } from '../../../shared/ipc/model.ts';

export interface Box {
  readonly width: number;
  readonly height: number;
}

export interface Scale {
  /** Powers of ten, in milliseconds, from below the quickest to below the slowest. */
  readonly linesMs: readonly number[];
  readonly fromMs: number;
  readonly toMs: number;
}

/** One drawn in the sign of the look: ink for what came, a bar for what was placed, an outline for what is absent, red and square for what failed. */
export type MarkKind = 'found' | 'stored' | 'missing' | 'failed';

const KINDS: Readonly<Partial<Record<LoggedOutcome, MarkKind>>> = {
  found: 'found',
  stored: 'stored',
  'not-found': 'missing',
  busy: 'failed',
  'no-route': 'failed',
  full: 'failed',
  timeout: 'failed',
};

/** What was here, or was withdrawn, says nothing of the network: it has no mark. */
export function markKind(outcome: LoggedOutcome): MarkKind | undefined {
  return KINDS[outcome];
}

export function drawn(requests: readonly LoggedRequest[]): LoggedRequest[] {
  return requests.filter(({ outcome }) => markKind(outcome) !== undefined);
}

export function scaleOf(requests: readonly LoggedRequest[]): Scale {
  const times = requests.map(({ afterMs }) => Math.max(1, afterMs));
  const low = Math.floor(Math.log10(Math.min(...times, 1e9)));
  const fromMs = 10 ** low;
  // Room above the slowest for its mark; a whole decade at least, so that what is alike looks alike.
  const toMs = Math.max(10 * fromMs, 1.2 * Math.max(...times, 1));
  const linesMs = Array.from({ length: Math.floor(Math.log10(toMs)) - low + 1 }, (_, index) => 10 ** (low + index));
  return { linesMs, fromMs, toMs };
}

/** 0 at the quick end of the scale, 1 at the slow one. */
export function heightOf(afterMs: number, { fromMs, toMs }: Scale): number {
  return Math.log10(Math.max(1, afterMs) / fromMs) / Math.log10(toMs / fromMs);
}

/** SVG path of the marks of one kind, each a stroke too short to see: its cap is the mark, round however the picture is stretched. */
export function marks(requests: readonly LoggedRequest[], kind: MarkKind, scale: Scale, box: Box): string {
  const first = requests[0]?.atMs ?? 0;
  const span = Math.max(1, (requests.at(-1)?.atMs ?? 0) - first);
  // The longest ago and the newest stand a mark's breadth inside.
  const inset = 0.015;
  const bar = kind === 'stored' ? 7 : 0;
  return requests
    .filter(({ outcome }) => markKind(outcome) === kind)
    .map(({ atMs, afterMs }) => {
      const x = box.width * (inset + (1 - 2 * inset) * (requests.length === 1 ? 0.5 : (atMs - first) / span));
      const y = box.height * (1 - heightOf(afterMs, scale)) - bar / 2;
      return `M${x.toFixed(1)} ${y.toFixed(1)}v${bar}`;
    })
    .join('');
}

export interface HopCount {
  readonly hops: number;
  readonly count: number;
}

/** How many were found or stored after one hop, two hops and so on, without a gap. */
export function countHops(requests: readonly LoggedRequest[]): HopCount[] {
  const hops = requests.flatMap((request) => request.hops ?? []);
  if (hops.length === 0) return [];
  const least = Math.min(1, ...hops);
  return Array.from({ length: Math.max(...hops) - least + 1 }, (_, index) => ({
    hops: least + index,
    count: hops.filter((other) => other === least + index).length,
  }));
}
