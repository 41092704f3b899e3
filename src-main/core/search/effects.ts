/** What a node is told about search and what it wants done for it: part of the events and effects of the node (../effects.ts). */
import type { FileEntry, Hit, PublicationEntry } from './entry.ts';
import type { ListedPublication, ListingOutcome, ListState } from './index-port.ts';
import type { Query } from './query.ts';

type EffectId = number;

/** Leaf: lists at hubs. Hub: indexes for others. */
export type Role = 'leaf' | 'hub';

/** What the setting `hub` says. */
export type HubWish = 'automatic' | 'always' | 'never';

/** What the search of a node asks of the program around it; functions, for they change while it runs. */
export interface SearchOptions {
  readonly hubWish: () => HubWish;
  /** Where others can dial this node; undefined where they cannot, as far as is known: it is no hub then. */
  readonly address: () => { readonly host: string; readonly port: number } | undefined;
  /** How queries go where there is no hub; walkers when left out (walkers.ts). */
  readonly withoutHubs?: { readonly way: 'flood' | 'ring' | 'walker'; readonly hops: number };
}

export type SearchEvent =
  /** This node searches; hits come as `searchHits`, the end as `searchDone` with the same operation. */
  | {
      readonly type: 'search';
      readonly operation: number;
      readonly query: Query;
      /** Distinct contents after which it ends, 1 ... MAX_WANTED. */
      readonly want: number;
      /** It ends after this whatever happens. */
      readonly timeoutMs: number;
      /** Shared files are searched by the stem too, so that no hub learns who asks. */
      readonly anonymousOnly: boolean;
    }
  /** Contents that count towards `want`, where the person hides some of what came: after filtering by the service. */
  | { readonly type: 'searchCounted'; readonly operation: number; readonly contents: number }
  | { readonly type: 'searchCancel'; readonly operation: number }
  /**
   * Own files that are offered. The first one after the start has all of them, each later one what changed since. `sequence` counts
   * the changes since the list with this generation was begun; who keeps both over restarts spares its hubs the whole
   * list. One entry a root: what has it already is replaced.
   */
  | {
      readonly type: 'shareList';
      /** Below 2^48, drawn when the list was begun. */
      readonly generation: number;
      readonly sequence: number;
      readonly added: readonly FileEntry[];
      /** Roots. */
      readonly removed: readonly Uint8Array[];
    }
  /** Upload slots of this node that are free now, 0 ... 255. */
  | { readonly type: 'shareSlots'; readonly freeSlots: number }
  /** A signed listing, or its removal (listing-record.ts), goes to hubs by the stem; answered by `listDone`. */
  | { readonly type: 'list'; readonly operation: number; readonly record: Uint8Array }
  /** Completions of the index's effects. */
  | { readonly type: 'indexStateDone'; readonly effect: EffectId; readonly state: ListState | undefined }
  | { readonly type: 'indexChangeDone'; readonly effect: EffectId; readonly outcome: 'done' | 'full' }
  | {
      readonly type: 'indexQueryDone';
      readonly effect: EffectId;
      readonly hits: readonly Hit[];
      readonly more: boolean;
    }
  | { readonly type: 'indexTableDone'; readonly effect: EffectId; readonly table: Uint8Array }
  | { readonly type: 'indexListingDone'; readonly effect: EffectId; readonly outcome: ListingOutcome }
  | {
      readonly type: 'indexListingsDone';
      readonly effect: EffectId;
      readonly listings: readonly ListedPublication[];
    }
  /** `false`: its manifest says something else. `unknown`: it could not be read now. */
  | { readonly type: 'listingVerified'; readonly effect: EffectId; readonly verdict: 'true' | 'false' | 'unknown' };

/** Why a search ended. */
export type SearchEnd = 'exhausted' | 'enough' | 'time' | 'no-hubs' | 'stopped';

export interface SearchCounts {
  readonly hubsAsked: number;
  /** Hubs that this node is linked to and could ask. */
  readonly hubsKnown: number;
  /** Queries and answers that it cost in all, as far as hubs say. */
  readonly messages: number;
}

export type SearchEffect =
  /** As they come; the same content may come again with another source. */
  | { readonly type: 'searchHits'; readonly operation: number; readonly hits: readonly Hit[] }
  | { readonly type: 'searchProgress'; readonly operation: number; readonly counts: SearchCounts }
  | {
      readonly type: 'searchDone';
      readonly operation: number;
      readonly end: SearchEnd;
      readonly counts: SearchCounts;
    }
  /** `no-hubs`: nobody took it. */
  | { readonly type: 'listDone'; readonly operation: number; readonly outcome: 'done' | 'refused' | 'no-hubs' }
  /** This node became a hub, or is a leaf again; or its hubs or leaves changed. */
  | { readonly type: 'searchRoleChanged' }
  /** The index: see index-port.ts. */
  | { readonly type: 'indexState'; readonly effect: EffectId; readonly source: Uint8Array }
  | {
      readonly type: 'indexChange';
      readonly effect: EffectId;
      readonly source: Uint8Array;
      /** What is there of the source goes first, whatever its generation. */
      readonly begins: boolean;
      readonly change: {
        readonly generation: number;
        readonly sequence: number;
        readonly added: readonly FileEntry[];
        readonly removed: readonly Uint8Array[];
      };
    }
  | {
      readonly type: 'indexPresent';
      readonly source: Uint8Array;
      readonly where: { readonly host?: string; readonly port?: number; readonly freeSlots: number } | undefined;
    }
  | {
      readonly type: 'indexQuery';
      readonly effect: EffectId;
      readonly query: Query;
      readonly bounds: {
        readonly limit: number;
        readonly perSource: number;
        readonly perContent: number;
        readonly todayDay: number;
      };
    }
  | { readonly type: 'indexTable'; readonly effect: EffectId }
  | { readonly type: 'indexListing'; readonly effect: EffectId; readonly listing: ListedPublication }
  | { readonly type: 'indexUnlist'; readonly documentKey: Uint8Array; readonly madeMinutes: number }
  | {
      readonly type: 'indexListings';
      readonly effect: EffectId;
      readonly after: Uint8Array | undefined;
      readonly limit: number;
    }
  /** Read the manifest that the link leads to and compare title, keywords, shape, size and kind; `listingVerified` follows. */
  | { readonly type: 'verifyListing'; readonly effect: EffectId; readonly entry: PublicationEntry };

const EVENTS: Readonly<Record<SearchEvent['type'], true>> = {
  search: true,
  searchCounted: true,
  searchCancel: true,
  shareList: true,
  shareSlots: true,
  list: true,
  indexStateDone: true,
  indexChangeDone: true,
  indexQueryDone: true,
  indexTableDone: true,
  indexListingDone: true,
  indexListingsDone: true,
  listingVerified: true,
};

const EFFECTS: Readonly<Record<SearchEffect['type'], true>> = {
  searchHits: true,
  searchProgress: true,
  searchDone: true,
  listDone: true,
  searchRoleChanged: true,
  indexState: true,
  indexChange: true,
  indexPresent: true,
  indexQuery: true,
  indexTable: true,
  indexListing: true,
  indexUnlist: true,
  indexListings: true,
  verifyListing: true,
};

export function isSearchEvent(event: { readonly type: string }): event is SearchEvent {
  return Object.hasOwn(EVENTS, event.type);
}

export function isSearchEffect(effect: { readonly type: string }): effect is SearchEffect {
  return Object.hasOwn(EFFECTS, effect.type);
}
