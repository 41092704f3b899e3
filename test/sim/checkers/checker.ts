/** Checkers watch a run and say what must not be. They hold honest nodes to the protocol; hostile ones are beyond them. */
import type { Network } from '../engine/network.ts';
import type { Observer } from '../engine/observer.ts';

export interface Violation {
  readonly checker: string;
  readonly atMs: number;
  /** Number of the node; undefined when it is about the whole network. */
  readonly node: number | undefined;
  readonly what: string;
}

export type Complain = (node: number | undefined, what: string) => void;

export interface Checker extends Observer {
  readonly name: string;
  /** Called every so often, and once at the end. */
  inspect?(): void;
}

/** After so many a run is as broken as it can be; what follows would only fill the memory. */
const MAX_VIOLATIONS = 100;

/** The checkers of one run. */
export class Watch {
  readonly violations: Violation[] = [];
  readonly #network: Network;
  readonly #checkers: Checker[] = [];
  #watching = true;

  constructor(network: Network) {
    this.#network = network;
  }

  /** `make` gets the network and what to say complaints to. */
  add<Made extends Checker>(make: (network: Network, complain: Complain) => Made): Made {
    const checker: Made = make(this.#network, (node, what) => {
      if (this.violations.length >= MAX_VIOLATIONS) return;
      this.violations.push({ checker: checker.name, atMs: this.#network.nowMs, node, what });
    });
    this.#checkers.push(checker);
    this.#network.observe(checker);
    return checker;
  }

  /** Inspects every `everyMs` of simulated time from now on, until `end`. */
  every(everyMs: number): void {
    this.#network.later(everyMs, () => {
      if (!this.#watching) return;
      this.inspect();
      this.every(everyMs);
    });
  }

  inspect(): void {
    for (const checker of this.#checkers) checker.inspect?.();
  }

  /** Inspects once more and stops watching. */
  end(): readonly Violation[] {
    this.inspect();
    this.#watching = false;
    for (const checker of this.#checkers) this.#network.observers.remove(checker);
    return this.violations;
  }
}

export function violationText({ checker, atMs, node, what }: Violation): string {
  const where = node === undefined ? '' : ` node ${node}:`;
  return `${checker}, at ${(atMs / 1_000).toFixed(3)} s:${where} ${what}`;
}
