/**
 * Who is how likely the origin, given clues, by Bayes' rule over all possible stems: the whole of what the clues tell to
 * somebody who knows the links, the rule and its probability. Any other estimator from the same clues can only do worse,
 * as far as the model of the routes holds.
 *
 * held[x]: chance of the clue when an honest node x is given a stem. It ends it with chance 1/endsOneIn, else hands it to
 * one of its successors. An origin always hands on, so chance[o] is the mean of held over its successors.
 */
import { sumOfEnds } from './clues.ts';
import type { Clue, EndClue } from './clues.ts';
import type { Adversary, StemRule } from './topology.ts';

/** Of the likeliest explanation of a clue: chance that something else happened (a time-out, a new link). */
const OTHERWISE = 1e-6;
/** Longer stems are too rare to weigh. */
const LONGEST = 60;
/** What a longer stem adds to the chance of the likeliest node is not worth a step. */
const NEGLIGIBLE = 1e-5;

/** Probabilities over all nodes, 0 for colluders, the prior even. */
export function posterior(clues: readonly Clue[], adversary: Adversary): Float64Array {
  const { stem, colluding } = adversary;
  const size = colluding.length;
  const logs = new Float64Array(size);
  if (stem === undefined) {
    for (const clue of clues) if (clue.kind === 'end') addLogs(logs, fromEnd(clue));
  } else if (stem.keeps === 'own') {
    logs.set(guarded(clues, adversary, stem));
  } else {
    for (const clue of stem.keeps === 'all' ? once(clues) : clues) addLogs(logs, fresh(clue, adversary, stem));
  }
  for (let node = 0; node < size; node += 1) if (colluding[node] === 1) logs[node] = Number.NEGATIVE_INFINITY;
  return normalized(logs);
}

/** Chance of the clue for each node as the origin, up to a factor. */
function fresh(clue: Clue, adversary: Adversary, stem: StemRule): Float64Array {
  const held = heldChances(clue, adversary, stem);
  const chances = new Float64Array(held.length);
  for (let node = 0; node < held.length; node += 1) {
    const successors = adversary.topology.successors[node]!;
    for (const successor of successors) chances[node]! += chanceVia(clue, node, successor, held, adversary);
    chances[node]! /= Math.max(1, successors.length);
  }
  return chances;
}

function chanceVia(clue: Clue, node: number, successor: number, held: Float64Array, adversary: Adversary): number {
  if (adversary.colluding[successor] === 0) return held[successor]!;
  return clue.kind === 'stem' && clue.from === node && clue.colluder === successor ? 1 : 0;
}

/** With a guard all clues came by the same first successor: their product, then the mean over it. */
function guarded(clues: readonly Clue[], adversary: Adversary, stem: StemRule): Float64Array {
  const each = clues.map((clue) => scaled(heldChances(clue, adversary, stem)));
  const size = adversary.colluding.length;
  const logs = new Float64Array(size);
  for (let node = 0; node < size; node += 1) {
    const successors = adversary.topology.successors[node]!;
    const perSuccessor = Array.from(successors, (successor) =>
      clues.reduce((sum, clue, index) => {
        const { values, factor } = each[index]!;
        const via = chanceVia(clue, node, successor, values, adversary);
        const chance = adversary.colluding[successor] === 1 ? via / factor : via;
        return sum + Math.log(chance + OTHERWISE);
      }, 0),
    );
    logs[node] = logMean(perSuccessor);
  }
  return logs;
}

function heldChances(clue: Clue, adversary: Adversary, stem: StemRule): Float64Array {
  const { topology, colluding } = adversary;
  const size = colluding.length;
  const ends = endChances(clue, adversary, stem);
  const first = new Float64Array(size);
  if (clue.kind === 'stem') {
    const { from } = clue;
    if (colluding[from] === 0) first[from] = (1 - ends[from]!) / Math.max(1, topology.successors[from]!.length);
  } else {
    for (const [node, likelihood] of fromEnd(clue).entries()) first[node] = ends[node]! * likelihood;
  }
  const { starts, targets } = honestSuccessors(adversary);
  const passes = ends.map((chance, node) => (1 - chance) / Math.max(1, topology.successors[node]!.length));
  let held = first;
  let next = new Float64Array(size);
  for (let step = 0; step < LONGEST; step += 1) {
    let change = 0;
    for (let node = 0; node < size; node += 1) {
      let sum = 0;
      for (let at = starts[node]!; at < starts[node + 1]!; at += 1) sum += held[targets[at]!]!;
      const value = first[node]! + passes[node]! * sum;
      change = Math.max(change, value - held[node]!);
      next[node] = value;
    }
    [held, next] = [next, held === first ? new Float64Array(size) : held];
    if (change < NEGLIGIBLE) break;
  }
  return held;
}

/** Lists of honest nodes' honest successors, one after the other; of colluders none. */
interface Flat {
  readonly starts: Int32Array;
  readonly targets: Int32Array;
}

const flattened = new WeakMap<Adversary, Flat>();

function honestSuccessors(adversary: Adversary): Flat {
  const known = flattened.get(adversary);
  if (known !== undefined) return known;
  const { topology, colluding } = adversary;
  const starts = new Int32Array(colluding.length + 1);
  const targets: number[] = [];
  for (const [node, successors] of topology.successors.entries()) {
    if (colluding[node] === 0)
      for (const successor of successors) if (colluding[successor] === 0) targets.push(successor);
    starts[node + 1] = targets.length;
  }
  const flat = { starts, targets: Int32Array.from(targets) };
  flattened.set(adversary, flat);
  return flat;
}

/** Chance that a node ends a stem: the rule's, or what the colluders have found out. */
function endChances(clue: Clue, adversary: Adversary, stem: StemRule): Float64Array {
  const { knownEnds, colluding } = adversary;
  return Float64Array.from(colluding, (_, node) => {
    if (knownEnds === undefined) return 1 / stem.endsOneIn;
    return knownEnds(node, clue.atMs) ? 1 - OTHERWISE : OTHERWISE;
  });
}

/** The same stem twice tells nothing new; the ends of one stem are one end. */
function once(clues: readonly Clue[]): Clue[] {
  const stems = new Map<string, Clue>();
  let end: EndClue | undefined;
  for (const clue of clues) {
    if (clue.kind === 'stem') stems.set(`${clue.from}>${clue.colluder}`, clue);
    else end = end === undefined ? clue : sumOfEnds(end, clue);
  }
  return end === undefined ? [...stems.values()] : [...stems.values(), end];
}

function fromEnd(clue: EndClue): Float64Array {
  const most = clue.logLikelihood.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return clue.logLikelihood.map((value) => Math.exp(value - most));
}

function scaled(values: Float64Array): { values: Float64Array; factor: number } {
  const most = values.reduce((a, b) => Math.max(a, b), 0);
  const factor = most === 0 ? 1 : most;
  return { values: values.map((value) => value / factor), factor };
}

function addLogs(logs: Float64Array, chances: Float64Array): void {
  const { values } = scaled(chances);
  for (let node = 0; node < logs.length; node += 1) logs[node]! += Math.log(values[node]! + OTHERWISE);
}

function logMean(logs: readonly number[]): number {
  if (logs.length === 0) return Number.NEGATIVE_INFINITY;
  const most = Math.max(...logs);
  return most + Math.log(logs.reduce((sum, value) => sum + Math.exp(value - most), 0) / logs.length);
}

function normalized(logs: Float64Array): Float64Array {
  const most = logs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const weights = logs.map((value) => Math.exp(value - most));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}
