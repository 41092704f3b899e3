/** Nobody's tables pass their bounds, whatever is sent to them; and no table is without a bound. */
import * as limits from '../../../src-main/core/limits.ts';
import type { Network } from '../engine/network.ts';
import type { Checker, Complain } from './checker.ts';

/**
 * By the names of Node.tableSizes(). `walks`: those of others, those of this node, and what the stem may carry, which the
 * core counts in one table.
 */
export const TABLE_BOUNDS: Readonly<Record<string, number>> = {
  neighbours: limits.MAX_LINKS,
  walks: limits.MAX_PENDING + limits.MAX_LOCAL_PENDING,
  recentIds: limits.MAX_RECENT_IDS,
  cachedSlots: limits.MAX_CACHED_SLOTS,
  inVain: limits.MAX_IN_VAIN,
  ownWalks: limits.MAX_LOCAL_PENDING,
  failures: limits.MAX_FAILURES,
  floods: limits.MAX_LINKS + limits.MAX_PEER_LINKS,
  kept: limits.MAX_KEPT,
  distrusted: limits.MAX_DISTRUSTED,
  acquaintances: limits.MAX_ACQUAINTANCES,
  locating: limits.MAX_LOCATING,
  seeks: limits.MAX_SEEKS,
  dials: limits.MAX_DIALS_REMEMBERED,
  budgets: limits.MAX_BUDGETS,
  peerLinks: limits.MAX_PEER_LINKS,
  peerDials: limits.MAX_DIALS_REMEMBERED,
  searchPeers: limits.MAX_PEER_LINKS + limits.MAX_LINKS,
  hubRecords: limits.MAX_HUB_RECORDS,
  ownFiles: limits.MAX_SHARED_FILES,
  ownRemovals: limits.MAX_SHARED_FILES,
  queries: limits.MAX_QUERIES + limits.MAX_OWN_SEARCHES + limits.MAX_STEM_QUERIES,
  asks: limits.MAX_OWN_SEARCHES + limits.MAX_STEM_QUERIES,
  searches: limits.MAX_OWN_SEARCHES,
  walkedQueries: limits.MAX_WALKS,
  stemQueries: limits.MAX_STEM_QUERIES + limits.MAX_OWN_SEARCHES,
  stemListings: limits.MAX_STEM_QUERIES,
  listings: limits.MAX_LISTINGS,
  listingRemovals: limits.MAX_LISTING_REMOVALS,
  listingsWaiting: limits.MAX_LISTINGS_WAITING,
  wordTables: limits.MAX_MESH_HUBS,
};

export class BoundedTables implements Checker {
  readonly name = 'bounded tables';
  readonly #network: Network;
  readonly #complain: Complain;
  readonly #bounds: Readonly<Record<string, number>>;
  readonly #unbounded = new Set<string>();

  constructor(network: Network, complain: Complain, bounds = TABLE_BOUNDS) {
    this.#network = network;
    this.#complain = complain;
    this.#bounds = bounds;
  }

  inspect(): void {
    for (const node of this.#network.nodes) {
      if (!node.isAlive) continue;
      for (const [table, size] of Object.entries(node.core.tableSizes())) {
        const bound = this.#bounds[table];
        if (bound === undefined) this.#sayUnbounded(table);
        else if (size > bound)
          this.#complain(node.index, `its table ${table} holds ${size}, over its bound of ${bound}`);
      }
    }
  }

  #sayUnbounded(table: string): void {
    if (this.#unbounded.has(table)) return;
    this.#unbounded.add(table);
    this.#complain(undefined, `the table ${table} has no bound that is known here`);
  }
}
