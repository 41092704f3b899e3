/** What the node is told and what it wants done: the whole of its dealings with the world. */
import type {
  ChannelName,
  Crypto,
  KeptAddress,
  KnownNode,
  LinkId,
  LinkInfo,
  PutOutcome,
  Random,
  StoreEntry,
} from './ports.ts';
import type { SearchEffect, SearchEvent } from './search/effects.ts';
import type { TransferEffect, TransferEvent } from './transfer/effects.ts';
import type { RecordKind } from './wire/record.ts';
import type { WirePriority } from './wire/messages.ts';
import type { Location } from './routing/location.ts';

/** Numbers an effect, so that its completion finds what waits for it; never reused. */
export type EffectId = number;

export type NodeEvent =
  | { readonly type: 'linkUp'; readonly info: LinkInfo }
  | { readonly type: 'linkDown'; readonly link: LinkId }
  | { readonly type: 'message'; readonly link: LinkId; readonly channel: ChannelName; readonly bytes: Uint8Array }
  | { readonly type: 'writable'; readonly link: LinkId }
  /** The time that a `wake` effect asked for has come. */
  | { readonly type: 'wake' }
  | { readonly type: 'readDone'; readonly effect: EffectId; readonly record: Uint8Array | undefined }
  | { readonly type: 'writeDone'; readonly effect: EffectId; readonly outcome: PutOutcome }
  /** What the store keeps for its place since before this start, MAX_RESTORED_AT_ONCE at a time. */
  | { readonly type: 'kept'; readonly addresses: readonly KeptAddress[] }
  | { readonly type: 'located'; readonly effect: EffectId; readonly location: Location }
  /** `stamp` undefined: none could be found now. */
  | { readonly type: 'stamped'; readonly effect: EffectId; readonly stamp: Uint8Array | undefined }
  /** This node wants a record; answered by `requestDone` with the same operation. */
  | {
      readonly type: 'request';
      readonly operation: number;
      readonly address: Uint8Array;
      readonly kind: RecordKind;
      readonly priority: WirePriority;
      /** Ask others even if it is here, beginning with a neighbour drawn at random: another path than usual. */
      readonly skipOwn: boolean;
    }
  /** This node wants a record placed; answered by `insertDone`. The record is one that verifies. */
  | {
      readonly type: 'insert';
      readonly operation: number;
      readonly record: Uint8Array;
      readonly priority: WirePriority;
    }
  | { readonly type: 'cancel'; readonly operation: number }
  | SearchEvent
  | TransferEvent;

/** `hops`: greedy hops from where the stem ended, as the answer counted them; 0 when it was here. */
export type RequestResult =
  | { readonly ok: true; readonly record: Uint8Array; readonly hops: number }
  | { readonly ok: false; readonly code: 'not-found' | 'no-route' | 'busy' | 'timeout' };

export type InsertResult =
  | { readonly ok: true; readonly copies: number; readonly hops: number; readonly retries: number }
  | { readonly ok: false; readonly code: 'no-route' | 'busy' | 'full' | 'timeout'; readonly retries: number };

export type Effect =
  | { readonly type: 'send'; readonly link: LinkId; readonly channel: ChannelName; readonly bytes: Uint8Array }
  | { readonly type: 'close'; readonly link: LinkId }
  /** `isUse` false: only what is kept for its place, to look after its copies; it stays as old as it was. */
  | { readonly type: 'read'; readonly effect: EffectId; readonly address: Uint8Array; readonly isUse?: false }
  /** `effect` undefined: nobody waits for the outcome (caches). */
  | { readonly type: 'write'; readonly effect: EffectId | undefined; readonly entry: StoreEntry }
  /** Compute the costly location of a key; `located` follows. */
  | { readonly type: 'locate'; readonly effect: EffectId; readonly publicKey: Uint8Array }
  /** Find a stamp of `bits` for an address (routing/stamps.ts), off the main thread; `stamped` follows. */
  | { readonly type: 'stamp'; readonly effect: EffectId; readonly address: Uint8Array; readonly bits: number }
  /** Make a link to this node, if it can be reached; `linkUp` follows, or nothing. */
  | { readonly type: 'dial'; readonly node: KnownNode }
  | { readonly type: 'requestDone'; readonly operation: number; readonly result: RequestResult }
  | { readonly type: 'insertDone'; readonly operation: number; readonly result: InsertResult }
  /** Neighbours changed: came, went or got their place. */
  | { readonly type: 'neighboursChanged' }
  /** Send `wake` at this time, instead of any asked for before. */
  | { readonly type: 'wake'; readonly atMs: number }
  | SearchEffect
  | TransferEffect;

/** What the parts of the core share while they handle one event. */
export interface NodeContext {
  readonly crypto: Crypto;
  readonly random: Random;
  emit(effect: Effect): void;
  /** Monotonic, in milliseconds; the time of the event being handled. */
  now(): number;
  /** Milliseconds since 1970 by this machine's clock, for expiry only. */
  wallMs(): number;
  nextEffect(): EffectId;
}
