/**
 * Which links a node should have: both nearest neighbours on either side, so that greedy routing gets everywhere, and
 * others with lengths about 1/d, that is spread evenly over the logarithm of the distance, which makes it take a
 * logarithmic number of hops (Kleinberg 2000; Symphony, Manku et al. 2003).
 */
import { NEAR_LINKS_OF_SIDE } from '../limits.ts';
import type { LinkId, Random } from '../ports.ts';
import type { Location } from '../routing/location.ts';

/** A link as seen from this node: how far round the circle, and which way. */
export interface LinkLength {
  readonly link: LinkId;
  /** -0.5 ... 0.5, clockwise positive. */
  readonly offset: number;
  /** Answers that came by it lately. */
  readonly useful: number;
  /** Not given up for its length now: it is new, or already leaving. */
  readonly isExempt: boolean;
}

/** Places tried for one link: of these that farthest from all others, by the logarithm, is taken. */
const CANDIDATES = 4;
/** Shortest long link while the near ones are not known: as in a network of a thousand. */
const SHORTEST = 1 / 2_048;
const LN_HALF = Math.log(0.5);

export function offsetOf(own: Location, place: Location): number {
  const raw = place - own;
  if (raw > 0.5) return raw - 1;
  return raw < -0.5 ? raw + 1 : raw;
}

/** Links of one side, nearest first. */
function side(lengths: readonly LinkLength[], clockwise: boolean): LinkLength[] {
  return lengths
    .filter(({ offset }) => offset >= 0 === clockwise)
    .sort((a, b) => Math.abs(a.offset) - Math.abs(b.offset));
}

/** Distance of the last of the near links on the side where `offset` lies; 0.5 while there are fewer. */
export function nearEdge(lengths: readonly LinkLength[], offset: number): number {
  const near = side(lengths, offset >= 0)[NEAR_LINKS_OF_SIDE - 1];
  return near === undefined ? 0.5 : Math.abs(near.offset);
}

/** The link that is missed least: the one whose neighbours by length leave the smallest gap, useful ones counting more. */
export function mostRedundant(lengths: readonly LinkLength[]): LinkId | undefined {
  const meanUseful = lengths.reduce((sum, { useful }) => sum + useful, 0) / Math.max(1, lengths.length);
  let worst: LinkId | undefined;
  let leastCost = Number.POSITIVE_INFINITY;
  for (const clockwise of [true, false]) {
    const links = side(lengths, clockwise);
    for (let index = NEAR_LINKS_OF_SIDE; index < links.length; index += 1) {
      const link = links[index]!;
      if (link.isExempt) continue;
      const inner = Math.log(Math.abs(links[index - 1]!.offset) + Number.MIN_VALUE);
      const outer = index + 1 < links.length ? Math.log(Math.abs(links[index + 1]!.offset)) : LN_HALF;
      const worth = meanUseful === 0 ? 1 : 0.5 + Math.min(1.5, link.useful / meanUseful);
      const cost = (outer - inner) * worth;
      if (cost < leastCost) {
        leastCost = cost;
        worst = link.link;
      }
    }
  }
  return worst;
}

/** Distance, by the logarithm, from `offset` to the nearest link on its side. */
function spacing(lengths: readonly LinkLength[], offset: number): number {
  const at = Math.log(Math.abs(offset) + Number.MIN_VALUE);
  let least = Number.POSITIVE_INFINITY;
  for (const other of lengths) {
    if (other.offset >= 0 !== offset >= 0) continue;
    least = Math.min(least, Math.abs(Math.log(Math.abs(other.offset) + Number.MIN_VALUE) - at));
  }
  return least;
}

/** A place for one more long link: drawn with density 1/d, away from those there are. */
export function wantedPlace(own: Location, lengths: readonly LinkLength[], random: Random): Location {
  let best = 0;
  let bestSpacing = -1;
  for (let candidate = 0; candidate < CANDIDATES; candidate += 1) {
    const sign = random.below(2) === 0 ? 1 : -1;
    const edge = nearEdge(lengths, sign);
    const low = Math.log(edge < 0.5 ? edge : SHORTEST);
    const offset = sign * Math.exp(low + (LN_HALF - low) * (random.below(2 ** 32) / 2 ** 32));
    const away = spacing(lengths, offset);
    if (away > bestSpacing) {
      best = offset;
      bestSpacing = away;
    }
  }
  return (own + best + 1) % 1;
}

/** Whether a link there would fill a gap: at least half the mean spacing away from the others of its side. */
export function fillsGap(lengths: readonly LinkLength[], offset: number): boolean {
  const links = side(lengths, offset >= 0);
  if (links.length <= NEAR_LINKS_OF_SIDE) return true;
  const span = LN_HALF - Math.log(Math.abs(links[NEAR_LINKS_OF_SIDE - 1]!.offset) + Number.MIN_VALUE);
  return spacing(links, offset) > span / (links.length - NEAR_LINKS_OF_SIDE + 1) / 2;
}
