import type { Location } from '../../core/routing/location.ts';
import { distance } from '../../core/routing/location.ts';

/** Part of the kept records that the span holds: all of them would be told by a single stray one. */
const MOST = 0.9;

/**
 * Half-width of the arc round `location` that holds nine of ten of the records kept here, 0 ... 0.5; undefined when nothing
 * is kept. `spread` has the records in equal parts of the circle, from place 0 on.
 */
export function keptSpan(spread: readonly number[], location: Location): number | undefined {
  const total = spread.reduce((sum, records) => sum + records, 0);
  if (total === 0) return undefined;
  const parts = spread
    .map((records, part) => ({ records, away: distance((part + 0.5) / spread.length, location) }))
    .sort((a, b) => a.away - b.away);
  let held = 0;
  for (const { records, away } of parts) {
    held += records;
    if (held >= MOST * total) return Math.min(0.5, away + 0.5 / spread.length);
  }
  return 0.5;
}
