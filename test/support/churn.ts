/**
 * A practice network of real processes under work, whose nodes are killed at random and come back, and what must hold in it:
 * an answer or an error comes in time, bytes are right or there are none, memory and tables stay within their bounds, and once
 * the killing stops everything that was acknowledged can be read from everywhere again.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { MIB } from '../../shared/base/units.ts';
import { MAX_LINKS } from '../../src-main/core/limits.ts';
import type { Random } from '../../src-main/core/ports.ts';
import { residentBytes } from '../soak/lib/resident-memory.ts';
import { Work } from './churn-work.ts';
import type { Acknowledged, Deed } from './churn-work.ts';
import { startProcessNetwork } from './process-network.ts';
import type { ProcessNetwork, ProcessNode } from './process-network.ts';
import { seededRandom } from './seeded-random.ts';

export interface ChurnOptions {
  readonly nodes: number;
  /** For how long nodes are killed. */
  readonly seconds: number;
  readonly seed: number;
  /** Mean time from one kill to the next. */
  readonly killEveryMs: number;
  /** Nodes that are down at the same time, at most. */
  readonly mostDown: number;
  /** How many do something at the same time. */
  readonly workers: number;
  /** In the end each publication is read from so many nodes. */
  readonly sampledNodes: number;
  /** Publications at most. */
  readonly mostPublications: number;
  readonly say: (text: string) => void;
}

export interface ChurnOutcome {
  /** Empty when everything held. */
  readonly violations: readonly string[];
  readonly deeds: readonly Deed[];
  readonly publications: number;
  readonly kills: number;
  /** Milliseconds from the start of a node that was killed to its first link. */
  readonly linkedAgainMs: readonly number[];
  readonly mostMemoryMib: number;
  readonly mostLinks: number;
  /** From the end of the killing until every sampled node had read everything. */
  readonly recoveryMs: number;
}

/** Links that every node has when it starts, and again after the killing. */
const LEAST_LINKS = 3;
/** A node that came back has a link again within this; it is a guess at what a person would wait for. */
const LINKED_AGAIN_BOUND_MS = 30_000;
/** After the killing: until a publication that could not be read at first is read. */
const RECOVERY_BOUND_MS = 120_000;
/** A daemon at rest holds about 130 MiB; what is above is for work: `npm run soak -- spine` has the target of 200. */
const MEMORY_BOUND_MIB = 400;
/** What a node answers about itself comes within this, whatever else it does. */
const STATUS_BOUND_MS = 20_000;
const LOOK_EVERY_MS = 5_000;
/** Of the killed, how long they stay down: between these. */
const LEAST_DOWN_MS = 1_000;
const MOST_DOWN_MS = 15_000;

export async function runChurn(options: ChurnOptions): Promise<ChurnOutcome> {
  const { nodes, say } = options;
  say(`starting ${nodes} nodes`);
  const network = await startProcessNetwork(nodes, Math.min(LEAST_LINKS, nodes - 1));
  try {
    return await new Churn(options, network).run();
  } finally {
    await network.stop();
  }
}

class Churn {
  readonly #options: ChurnOptions;
  readonly #network: ProcessNetwork;
  readonly #random: Random;
  readonly #work: Work;
  readonly #violations: string[] = [];
  readonly #linkedAgainMs: number[] = [];
  readonly #ended = new AbortController();
  #kills = 0;
  #mostMemoryMib = 0;
  #mostLinks = 0;

  constructor(options: ChurnOptions, network: ProcessNetwork) {
    this.#options = options;
    this.#network = network;
    this.#random = seededRandom(options.seed);
    this.#work = new Work(network, seededRandom(options.seed + 1));
  }

  async run(): Promise<ChurnOutcome> {
    const { say, seconds, workers } = this.#options;
    // Something to read from the beginning.
    await Promise.all([0, 1, 2, 3].map(() => this.#work.publish(this.#anyRunning())));
    say(`killing for ${seconds} s`);
    setTimeout(() => this.#ended.abort(), seconds * 1_000);
    await Promise.all([
      this.#kill(),
      this.#watch(),
      ...Array.from({ length: workers }, (_, worker) => this.#workOn(worker)),
    ]);
    for (const { action, node, outcome, ms } of this.#work.deeds) {
      if (outcome === 'late' || outcome === 'wrong bytes' || outcome === 'unexpected') {
        this.#violations.push(`${action} from ${node}: ${outcome} after ${inSeconds(ms)} s`);
      }
    }
    const endedMs = performance.now();
    say(`the killing has stopped: ${this.#work.acknowledged.length} publications are read from everywhere`);
    await this.#recover();
    return {
      violations: this.#violations,
      deeds: this.#work.deeds,
      publications: this.#work.acknowledged.length,
      kills: this.#kills,
      linkedAgainMs: this.#linkedAgainMs,
      mostMemoryMib: this.#mostMemoryMib,
      mostLinks: this.#mostLinks,
      recoveryMs: performance.now() - endedMs,
    };
  }

  /** Kills, and brings back, until the end; resolves when all are back. */
  async #kill(): Promise<void> {
    const { killEveryMs, mostDown } = this.#options;
    const comingBack = new Set<Promise<void>>();
    while (await this.#waited(1 + this.#random.below(2 * killEveryMs))) {
      if (comingBack.size >= mostDown) continue;
      const node = this.#anyRunning();
      const downMs = LEAST_DOWN_MS + this.#random.below(MOST_DOWN_MS - LEAST_DOWN_MS);
      this.#kills += 1;
      await node.kill();
      const back = this.#bringBack(node, downMs).finally(() => comingBack.delete(back));
      comingBack.add(back);
    }
    await Promise.all(comingBack);
  }

  async #bringBack(node: ProcessNode, downMs: number): Promise<void> {
    await pause(downMs);
    try {
      await node.start();
      this.#linkedAgainMs.push(await node.untilLinks(1, LINKED_AGAIN_BOUND_MS));
    } catch (thrown) {
      this.#violations.push(`${node.name} did not come back: ${String(thrown)}`);
    }
  }

  async #workOn(worker: number): Promise<void> {
    const { mostPublications } = this.#options;
    while (!this.#ended.signal.aborted) {
      const chance = this.#random.below(100);
      const node = this.#anyRunning();
      const publication = this.#anyPublication();
      if (chance < 25 && this.#work.acknowledged.length < mostPublications) await this.#work.publish(node);
      else if (publication === undefined) await this.#work.publish(node);
      else if (chance < 75) await this.#work.get(node, publication);
      else if (chance < 95) await this.#work.check(node, publication);
      else await this.#work.getByCommand(`reader-${worker}`, publication);
    }
  }

  /** Looks at every node now and then: that it answers, what it holds, and that its tables are within their bounds. */
  async #watch(): Promise<void> {
    while (await this.#waited(LOOK_EVERY_MS)) {
      await Promise.all(this.#network.nodes.filter(({ isRunning }) => isRunning).map((node) => this.#lookAt(node)));
    }
  }

  async #lookAt(node: ProcessNode): Promise<void> {
    const mib = (residentBytes(node.pid) ?? 0) / MIB;
    this.#mostMemoryMib = Math.max(this.#mostMemoryMib, mib);
    if (mib > MEMORY_BOUND_MIB) this.#violations.push(`${node.name} holds ${mib.toFixed(0)} MiB`);
    const late = new AbortController();
    const status = await Promise.race([
      node.status().catch(() => undefined),
      node.gone.then(() => undefined),
      pause(STATUS_BOUND_MS, 'late' as const, { signal: late.signal }).catch(() => undefined),
    ]);
    late.abort();
    if (status === 'late') this.#violations.push(`${node.name} did not answer about itself in ${STATUS_BOUND_MS} ms`);
    if (status === 'late' || status === undefined) return;
    const { links, store } = status;
    this.#mostLinks = Math.max(this.#mostLinks, links);
    if (links > MAX_LINKS) this.#violations.push(`${node.name} has ${links} links`);
    if (store.usedBytes > store.quotaBytes) this.#violations.push(`${node.name} keeps ${store.usedBytes} bytes`);
  }

  async #recover(): Promise<void> {
    const { nodes } = this.#network;
    const { sampledNodes, say } = this.#options;
    const deadlineMs = performance.now() + RECOVERY_BOUND_MS;
    await Promise.all(
      nodes.map((node) =>
        node.untilLinks(Math.min(LEAST_LINKS, nodes.length - 1), RECOVERY_BOUND_MS).catch((thrown: unknown) => {
          this.#violations.push(`after the killing: ${String(thrown)}`);
        }),
      ),
    );
    const sampled = new Set<ProcessNode>();
    while (sampled.size < Math.min(sampledNodes, nodes.length)) sampled.add(this.#anyRunning());
    const tasks = [...sampled].flatMap((node) => this.#work.acknowledged.map((publication) => ({ node, publication })));
    const total = tasks.length;
    let again = 0;
    const readAll = async (): Promise<void> => {
      for (let task = tasks.pop(); task !== undefined; task = tasks.pop()) {
        const { node, publication } = task;
        let outcome = await this.#work.get(node, publication);
        while (outcome !== 'done' && outcome !== 'wrong bytes' && performance.now() < deadlineMs) {
          again += 1;
          await pause(1_000);
          outcome = await this.#work.get(node, publication);
        }
        if (outcome !== 'done')
          this.#violations.push(`after the killing, ${lost(publication)} from ${node.name}: ${outcome}`);
      }
    };
    await Promise.all(Array.from({ length: this.#options.workers }, readAll));
    say(`${total} readings, ${again} of them tried again`);
  }

  #anyRunning(): ProcessNode {
    const running = this.#network.nodes.filter(({ isRunning }) => isRunning);
    return running[this.#random.below(running.length)]!;
  }

  #anyPublication(): Acknowledged | undefined {
    const { acknowledged } = this.#work;
    return acknowledged.length === 0 ? undefined : acknowledged[this.#random.below(acknowledged.length)];
  }

  /** False when the end came. */
  async #waited(ms: number): Promise<boolean> {
    await pause(ms, undefined, { signal: this.#ended.signal }).catch(() => {});
    return !this.#ended.signal.aborted;
  }
}

function lost({ link, sizeBytes }: Acknowledged): string {
  return `${link.slice(0, 24)}... (${sizeBytes} bytes)`;
}

function inSeconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}
