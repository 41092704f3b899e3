import type { NodeContext } from '../effects.ts';
import { LEAST_BUDGET_BYTES, MAX_STAMP_BITS } from '../limits.ts';
import type { Neighbour } from '../links/neighbour.ts';
import type { NetworkParameters } from '../network-parameters.ts';
import { InsertBudgets } from './budgets.ts';
import { StampDemand } from './stamp-demand.ts';

/** What an insert costs at this node: work that rises with its fill rate, and a daily budget of bytes for each peer. */
export class Toll {
  readonly #context: NodeContext;
  readonly #budgets: InsertBudgets;
  readonly #demand: StampDemand;

  constructor(context: NodeContext, network: NetworkParameters, storeQuotaBytes: () => number) {
    this.#context = context;
    // Half the store: no neighbour can replace all of it in a day. Not less than a large publication that passes through.
    this.#budgets = new InsertBudgets(() => Math.max(storeQuotaBytes() / 2, LEAST_BUDGET_BYTES));
    this.#demand = new StampDemand(network.stampBits, storeQuotaBytes);
  }

  /** Counts an insert of a neighbour; false when its budget is spent. */
  spend(from: Neighbour, bytes: number): boolean {
    return this.#budgets.spend(from.key, bytes, this.#context.now());
  }

  onStored(bytes: number): void {
    this.#demand.onStored(bytes, this.#context.now());
  }

  /** Leading zero bits that a stamp needs to be stored here now. */
  bits(): number {
    return this.#demand.bits(this.#context.now());
  }

  /** Whether a node does so much work for one insert. */
  isFair(bits: number): boolean {
    return bits <= MAX_STAMP_BITS;
  }

  get peers(): number {
    return this.#budgets.size;
  }
}
