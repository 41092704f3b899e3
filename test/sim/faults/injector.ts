/** Carries out a fault configuration on a network, and heals it again. */
import type { Network } from '../engine/network.ts';
import type { SimRandom } from '../engine/random.ts';
import type { SimNode } from '../engine/sim-node.ts';
import { babble, forgetSome, lie, reform, silence, slowDown } from './behaviours.ts';
import type { FaultConfiguration } from './configuration.ts';

/** A slow machine and a slow line; guess: an old telephone on a train. */
const SLOW_MS = 400;
const SLOW_BYTES_PER_SECOND = 60_000;
/** How long a process that comes back was away, at most. */
const MAX_AWAY_MS = 60_000;
/** Of forgetful and babbling nodes, the share of messages that it happens to. */
const SHARE_OF_MESSAGES = 0.3;

export class FaultInjector {
  readonly #network: Network;
  readonly #random: SimRandom;
  readonly #configuration: FaultConfiguration;
  readonly #bandwidths: readonly number[];
  #isOn = false;

  constructor(network: Network, random: SimRandom, configuration: FaultConfiguration) {
    this.#network = network;
    this.#random = random;
    this.#configuration = configuration;
    this.#bandwidths = network.nodes.map((node) => node.upBytesPerMs);
  }

  start(): void {
    this.#isOn = true;
    const { nodes } = this.#network;
    const { silent, forgetful, lying, babbling, slow, full, churnEveryMs } = this.#configuration;
    const order = this.#random.shuffle([...nodes]);
    const take = (share: number): SimNode[] => order.splice(0, Math.round(share * nodes.length));
    for (const node of take(silent)) silence(node);
    for (const node of take(forgetful)) forgetSome(node, this.#random, SHARE_OF_MESSAGES);
    for (const node of take(lying)) lie(node, this.#random);
    for (const node of take(babbling)) babble(node, this.#random, SHARE_OF_MESSAGES);
    for (const node of take(slow)) slowDown(node, SLOW_MS, SLOW_BYTES_PER_SECOND);
    for (const node of take(full)) node.store.isFull = true;
    if (Number.isFinite(churnEveryMs)) this.#churn();
    this.#partitions();
  }

  /** Everybody is there again, honest, and reaches everybody; what was lost stays lost. */
  heal(): void {
    this.#isOn = false;
    this.#network.partition(() => 0);
    for (const node of this.#network.nodes) {
      reform(node);
      node.store.isFull = false;
      node.upBytesPerMs = this.#bandwidths[node.index] ?? node.upBytesPerMs;
      this.#network.start(node);
      this.#network.upkeep.hurry(node);
    }
  }

  #churn(): void {
    const { churnEveryMs, returns } = this.#configuration;
    this.#network.later(this.#random.exponential(churnEveryMs), () => {
      if (!this.#isOn) return;
      const node = this.#random.pick(this.#network.nodes);
      if (node.isAlive) {
        if (this.#random.below(2) === 0) this.#network.kill(node);
        else this.#network.stop(node);
        if (this.#random.fraction() < returns)
          this.#network.later(this.#random.between(500, MAX_AWAY_MS), () => this.#network.start(node));
      }
      this.#churn();
    });
  }

  #partitions(): void {
    const { partitions, partitionMs, faultsMs } = this.#configuration;
    for (let count = 0; count < partitions; count += 1) {
      const fromMs = (faultsMs * (count + this.#random.fraction() * 0.3)) / partitions;
      const share = this.#random.between(0.1, 0.5);
      this.#network.later(fromMs, () => {
        if (!this.#isOn) return;
        this.#network.partition(() => (this.#random.fraction() < share ? 1 : 0));
        this.#network.later(partitionMs, () => this.#network.partition(() => 0));
      });
    }
  }
}
