/**
 * Messages of one origin through the network without nodes: along the stem, greedily, and the answers back, with what
 * colluders on the way see of them.
 */
import type { RouteBook } from '../routes.ts';
import type { Adversary } from '../topology.ts';
import type { Activity, AnswerSighting, Sighting } from '../trace.ts';
import { uniform } from './graph.ts';
import type { Graph, Uniform } from './graph.ts';
import { Stems } from './stems.ts';

export interface TrafficOptions {
  readonly adversary: Adversary;
  readonly routes: RouteBook;
  readonly seed: number;
  /** Share of hops that take the second best way, because the best was busy. */
  readonly detours: number;
  /** Messages under way at once. */
  readonly window: number;
  /**
   * Undefined: an answer lets the next message go at once. Else messages go by a clock of their own, drawn about this
   * mean time between them, whenever the window has room.
   */
  readonly paceMs: number | undefined;
}

export interface Burst {
  readonly activity: Activity;
  readonly stemHops: readonly number[];
  readonly greedyHops: readonly number[];
  readonly firstHop: number;
  readonly endMs: number;
}

/** Waiting in a node before a message goes on, about this mean, exponential. Guess. */
const WAIT_MS = 2;
/** The sink's write, and the copies. */
const STORE_MS = 60;

export class Traffic {
  readonly #options: TrafficOptions;
  readonly #graph: Graph;
  readonly stems: Stems | undefined;
  readonly #draw: Uniform;
  #lastId = 0;

  constructor(graph: Graph, options: TrafficOptions) {
    this.#graph = graph;
    this.#options = options;
    const { stem } = options.adversary;
    this.stems = stem === undefined ? undefined : new Stems(graph, stem, options.seed);
    this.#draw = uniform(options.seed ^ 0x5eed);
  }

  burst(origin: number, messages: Int32Array, startMs: number): Burst {
    const { window, paceMs } = this.#options;
    const sightings: Sighting[] = [];
    const answers: AnswerSighting[] = [];
    const stemHops: number[] = [];
    const greedyHops: number[] = [];
    const free = new Float64Array(window).fill(startMs);
    let nextMs = startMs;
    let firstHop = -1;
    let endMs = startMs;
    for (const [message, place] of messages.entries()) {
      const slot = free.indexOf(free.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY));
      const atMs = Math.max(nextMs, free[slot]!);
      if (paceMs !== undefined) nextMs = atMs - paceMs * Math.log(1 - this.#draw());
      const path = this.#path(origin, place, atMs);
      if (message === 0) firstHop = path.nodes[1] ?? -1;
      free[slot] = this.#send(path, message, atMs, sightings, answers);
      endMs = Math.max(endMs, free[slot]!);
      stemHops.push(path.stem);
      greedyHops.push(path.nodes.length - 1 - path.stem);
    }
    const byTime = (a: { readonly atMs: number }, b: { readonly atMs: number }): number => a.atMs - b.atMs;
    const activity = { messages, sightings: sightings.sort(byTime), answers: answers.sort(byTime) };
    return { activity, stemHops, greedyHops, firstHop, endMs };
  }

  /** `stem`: how many of the hops are the stem's. */
  #path(origin: number, place: number, atMs: number): { nodes: number[]; stem: number } {
    const nodes = this.stems?.walk(origin, atMs) ?? [origin];
    const stem = nodes.length - 1;
    const { next } = this.#options.routes.table(place);
    const been = new Set<number>();
    for (let at = nodes.at(-1)!; nodes.length - 1 - stem < this.#options.adversary.maxHtl;) {
      been.add(at);
      const to = this.#draw() < this.#options.detours ? this.#detour(at) : next[at]!;
      if (to < 0 || been.has(to)) break;
      nodes.push(to);
      at = to;
    }
    return { nodes, stem };
  }

  #detour(node: number): number {
    const neighbours = this.#graph.topology.neighbours[node]!;
    return neighbours[Math.floor(this.#draw() * neighbours.length)]!;
  }

  /** Returns when the answer is back at the origin. */
  #send(
    { nodes, stem }: { readonly nodes: readonly number[]; readonly stem: number },
    message: number,
    startMs: number,
    sightings: Sighting[],
    answers: AnswerSighting[],
  ): number {
    const { colluding, maxHtl } = this.#options.adversary;
    const { latencyMs } = this.#graph.topology;
    const greedyId = `g${(this.#lastId += 1)}`;
    let atMs = startMs;
    let htl = maxHtl;
    for (let hop = 1; hop < nodes.length; hop += 1) {
      const [from, node] = [nodes[hop - 1]!, nodes[hop]!];
      atMs += latencyMs(from, node) + this.#wait();
      const onStem = hop <= stem;
      if (colluding[node] === 1) {
        const id = onStem ? `s${(this.#lastId += 1)}` : greedyId;
        sightings.push({ atMs, colluder: node, from, message, id, stem: onStem, htl: onStem ? undefined : htl });
      }
      if (!onStem && (htl < maxHtl || fallsAtTop(node, from))) htl = Math.max(1, htl - 1);
    }
    atMs += STORE_MS * (0.5 + this.#draw());
    for (let hop = nodes.length - 1; hop > 0; hop -= 1) {
      const [to, node] = [nodes[hop - 1]!, nodes[hop]!];
      if (colluding[node] === 1) answers.push({ atMs, colluder: node, to, message });
      atMs += latencyMs(to, node) + this.#wait();
    }
    return atMs;
  }

  #wait(): number {
    return -WAIT_MS * Math.log(1 - this.#draw());
  }
}

/** One draw for each link and direction, for good. */
function fallsAtTop(node: number, from: number): boolean {
  const mixed = Math.imul((node * 0x10001) ^ from, 0x9e3779b1);
  return ((mixed ^ (mixed >>> 15)) & 1) === 0;
}
