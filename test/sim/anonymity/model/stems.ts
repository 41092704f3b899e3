/** The stem's draws as a function of node, epoch and link, so that none has to be remembered. */
import type { Graph } from './graph.ts';
import type { StemRule } from '../topology.ts';

/** What is drawn: a successor for the node itself or for a link (its number), a phase, an end for all or for a link. */
const OWN = -1;
const PHASE = -2;
const ENDS = 2 ** 24;
/** So that one in two and a half can be asked for. */
const FINE = 1_024;

export class Stems {
  readonly #graph: Graph;
  readonly #rule: StemRule;
  readonly #seed: number;

  constructor(graph: Graph, rule: StemRule, seed: number) {
    this.#graph = graph;
    this.#rule = rule;
    this.#seed = seed;
  }

  /** From the origin to where the stem ends, both included. Colluders keep to the rule, so as not to be noticed. */
  walk(origin: number, atMs: number): number[] {
    const path = [origin, this.#successor(origin, OWN, atMs)];
    const been = new Set(path);
    for (;;) {
      const at = path.at(-1)!;
      const from = path.at(-2)!;
      if (this.ends(at, from, atMs)) return path;
      const next = this.#successor(at, from, atMs);
      path.push(next);
      // A stem that comes by a node again ends there.
      if (been.has(next)) return path;
      been.add(next);
    }
  }

  /** Whether the node ends stems that come from `from`. */
  ends(node: number, from: number, atMs: number): boolean {
    const { keeps, endsPer, endsOneIn } = this.#rule;
    const epoch = keeps === 'all' ? 0 : this.#epochOf(node, atMs);
    return this.#draw(node, epoch, ENDS + (endsPer === 'link' ? from + 1 : 0), endsOneIn * FINE) < FINE;
  }

  #successor(node: number, from: number, atMs: number): number {
    const lasts = this.#rule.keeps === 'all' || (this.#rule.keeps === 'own' && from === OWN);
    const all = this.#graph.topology.successors[node]!;
    const others = all.filter((successor) => successor !== from);
    const among = others.length > 0 ? others : all;
    return among[this.#draw(node, lasts ? 0 : this.#epochOf(node, atMs), from, among.length)]!;
  }

  /** Each node's epochs begin at a time of its own. */
  #epochOf(node: number, atMs: number): number {
    const phaseMs = this.#draw(node, 0, PHASE, 2 ** 20) * (this.#rule.epochMs / 2 ** 20);
    return 1 + Math.floor((atMs + phaseMs) / this.#rule.epochMs);
  }

  #draw(node: number, epoch: number, what: number, below: number): number {
    let mixed = this.#seed >>> 0;
    for (const word of [node, epoch, what]) {
      mixed = Math.imul(mixed ^ word, 0x9e3779b1);
      mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b);
      mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
      mixed ^= mixed >>> 16;
    }
    return Math.floor(((mixed >>> 0) / 2 ** 32) * below);
  }
}
