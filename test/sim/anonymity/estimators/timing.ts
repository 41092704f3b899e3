/**
 * Timing: an answer that reaches its origin makes the next message leave, so between the answer that a colluder gives back
 * and the message that follows it lies the round trip to the origin (Hopper, Vasserman, Chan-Tin 2010, "How Much
 * Anonymity does Network Latency Leak?"). The lag shows as a peak among all differences of time. Each stem that could
 * have led there has a round trip of its own, known to who knows the latencies of the links; the likelihood of the lag
 * weighs the stems of the Bayesian estimator. Differences between colluders on one path tell nothing of what was before.
 */
import { likeliest } from '../clues.ts';
import type { Clue } from '../clues.ts';
import { predecessors } from '../topology.ts';
import type { Adversary, StemRule, Topology } from '../topology.ts';
import { earliestByMessage, NO_GUESS } from '../trace.ts';
import type { Activity } from '../trace.ts';
import { believe } from './bayes.ts';
import { likeliestNode } from './estimator.ts';
import type { Estimator } from './estimator.ts';

/** Spread of a measured lag about the usual round trip, each hop's waiting in it. Guess. */
const SPREAD_MS = 6;
const BIN_MS = 4;
const LONGEST_LAG_MS = 1_200;
/** A peak has to stand so many standard deviations above the mean of all bins. */
const PEAK_DEVIATIONS = 5;
/** Fewer answers make no peak. */
const FEWEST_ANSWERS = 20;
/** Longer stems than this many relays before the one that is known are not tried. */
const LONGEST_WALK = 4;
/** Chance that the lag is of something else. */
const UNRELATED = 1e-3;

const reversed = new WeakMap<Topology, number[][]>();

export const timing: Estimator = {
  name: 'timing',
  guess(puzzle, adversary, routes) {
    const belief = believe(puzzle, adversary, routes);
    if (belief === undefined) return NO_GUESS;
    const weights = belief.probabilities.slice();
    for (const [index, activity] of puzzle.activities.entries()) {
      const factors = lagFactors(activity, belief.clues[index]![0], adversary);
      if (factors !== undefined) for (let node = 0; node < weights.length; node += 1) weights[node]! *= factors[node]!;
    }
    const sum = weights.reduce((a, b) => a + b, 0);
    return likeliestNode(sum === 0 ? weights : weights.map((weight) => weight / sum));
  },
};

/** For each node, how much likelier the lag makes it as the origin; undefined where no lag shows. */
function lagFactors(activity: Activity, clue: Clue | undefined, adversary: Adversary): Float64Array | undefined {
  if (clue === undefined) return undefined;
  const known = clue.kind === 'stem' ? clue.from : likeliest(clue);
  const colluder = clue.kind === 'stem' ? clue.colluder : busiestColluder(activity, known);
  if (colluder === undefined) return undefined;
  const lagMs = lagOf(activity, colluder, known);
  if (lagMs === undefined) return undefined;
  const { topology, stem } = adversary;
  const walked = new Float64Array(topology.locations.length);
  const matched = new Float64Array(topology.locations.length);
  const visit = (node: number, oneWayMs: number, weight: number, hops: number): void => {
    const off = (lagMs - 2 * oneWayMs) / (SPREAD_MS * Math.sqrt(hops));
    walked[node]! += weight;
    matched[node]! += weight * (Math.exp((-off * off) / 2) + UNRELATED);
    if (stem === undefined || hops > LONGEST_WALK) return;
    for (const before of predecessorsOf(topology)[node]!) {
      if (adversary.colluding[before] === 1) continue;
      const next = weight * goesOn(stem) * (1 / Math.max(1, topology.successors[before]!.length));
      visit(before, oneWayMs + topology.latencyMs(before, node), next, hops + 1);
    }
  };
  visit(known, topology.latencyMs(known, colluder), 1, 1);
  return matched.map((value, node) => (walked[node] === 0 ? UNRELATED : value / walked[node]!));
}

function goesOn(stem: StemRule): number {
  return Math.max(1 - 1 / stem.endsOneIn, UNRELATED);
}

function predecessorsOf(topology: Topology): number[][] {
  const known = reversed.get(topology) ?? predecessors(topology);
  reversed.set(topology, known);
  return known;
}

/** The colluder that got the most messages of the set from this node. */
function busiestColluder(activity: Activity, from: number): number | undefined {
  const counts = new Map<number, number>();
  for (const sighting of earliestByMessage(activity)) {
    if (sighting?.from === from) counts.set(sighting.colluder, (counts.get(sighting.colluder) ?? 0) + 1);
  }
  let best: number | undefined;
  for (const [colluder, seen] of counts) if (best === undefined || seen > counts.get(best)!) best = colluder;
  return best;
}

/** The lag between answers given to a neighbour and messages that come from it: the highest peak of the differences. */
function lagOf(activity: Activity, colluder: number, neighbour: number): number | undefined {
  const answers = activity.answers.filter((answer) => answer.colluder === colluder && answer.to === neighbour);
  const messages = activity.sightings.filter(
    (sighting) => sighting.colluder === colluder && sighting.from === neighbour,
  );
  if (answers.length < FEWEST_ANSWERS) return undefined;
  const bins = new Float64Array(LONGEST_LAG_MS / BIN_MS);
  let oldest = 0;
  for (const { atMs } of messages) {
    while (oldest < answers.length && answers[oldest]!.atMs < atMs - LONGEST_LAG_MS) oldest += 1;
    for (let index = oldest; index < answers.length && answers[index]!.atMs <= atMs; index += 1) {
      const bin = Math.floor((atMs - answers[index]!.atMs) / BIN_MS);
      if (bin < bins.length) bins[bin]! += 1;
    }
  }
  return peakOf(bins);
}

function peakOf(bins: Float64Array): number | undefined {
  // Waiting spreads a lag over a few bins: their sum is looked at.
  const sums = bins.map((value, bin) => value + (bins[bin - 1] ?? 0) + (bins[bin + 1] ?? 0));
  const mean = sums.reduce((a, b) => a + b, 0) / sums.length;
  const deviation = Math.sqrt(sums.reduce((sum, value) => sum + (value - mean) ** 2, 0) / sums.length);
  const peak = sums.indexOf(sums.reduce((a, b) => Math.max(a, b), 0));
  if (deviation === 0 || sums[peak]! < mean + PEAK_DEVIATIONS * deviation) return undefined;
  return (peak + 0.5) * BIN_MS;
}
