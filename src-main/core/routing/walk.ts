import type { LinkId } from '../ports.ts';
import type { WirePriority } from '../wire/messages.ts';
import type { RecordKind } from '../wire/record.ts';
import type { Location } from './location.ts';
import type { Timer } from './timers.ts';

/** A request or an insert that is under way through this node: what has been tried, and what it waits for. */
export interface Walk {
  readonly purpose: 'request' | 'insert';
  /** The neighbour that it came from; undefined when it is this node's own. */
  readonly from: LinkId | undefined;
  /** The id by which that neighbour knows it, for answers. */
  readonly fromId: Uint8Array;
  /** It came by a stem: its answer carries no offer, and nothing of it is kept on the way. */
  readonly fromStem: boolean;
  /** Of this node's own: the operation to report to. */
  readonly own: { readonly operation: number; readonly skipOwn: boolean } | undefined;
  /** When it is given up whatever happens: a neighbour that accepts and accepts cannot hold it for ever. */
  readonly deadlineMs: number;
  readonly kind: RecordKind;
  readonly priority: WirePriority;
  readonly address: Uint8Array;
  /** The address in hexadecimal, for tables. */
  readonly addressKey: string;
  readonly target: Location;
  /** Whether it goes on by the stem or by distance. */
  phase: 'stem' | 'greedy';
  /** The id by which it goes on, and the same in hexadecimal. */
  id: Uint8Array;
  key: string;
  /** Hops that it may still make when sent on from here. */
  htl: number;
  /** Neighbours that are not asked (again): those tried, and where it came from. */
  readonly except: Set<LinkId>;
  tries: number;
  /** Where its stem ended: ways that came to `notFound`. */
  opinions: number;
  /** Times that an own walk began anew because all ways were busy or silent. */
  retries: number;
  /** Own: the successor that it begins with, how many it has gone by, and how often all of them were silent. */
  stemFirst: number;
  stemTry: number;
  silentRounds: number;
  waitingFor: LinkId | undefined;
  /** When it was sent to it. */
  sentMs: number;
  /** Links that were taken for silent, and when it was sent there: what they still say is an answer like any other. */
  readonly late: Map<LinkId, number>;
  /** Ids by which its stem began before, in hexadecimal. */
  readonly formerKeys: string[];
  /** Counted among those that go on by the stem. */
  isOnStem: boolean;
  /** The neighbour that is waited for said that it took the message. */
  isAccepted: boolean;
  /** Who sent it was told that it is taken. */
  saidAccepted: boolean;
  timer: Timer | undefined;
  /** What the tries ended in, for telling why it failed. */
  saw: Sights;
  /** Insert: the record. Request of a slot: the best copy known here, and its rank. */
  record: Uint8Array | undefined;
  rank: Uint8Array | undefined;
  /** How long ago that copy came from a store, in milliseconds. */
  ageMs: number;
  /** Insert: its proof of work, and the bits that were asked for where it is this node's own. */
  stamp: Uint8Array | undefined;
  stampBits: number;
  /** Request of a slot: rank of the copy in this node's store. */
  storedRank: Uint8Array | undefined;
  /** Request of a slot: best rank known on the way here. */
  best: Uint8Array | undefined;
  /** Insert at its sink: neighbours that are storing copies. */
  replicas: Set<LinkId> | undefined;
  copies: number;
  closed: boolean;
}

export interface Sights {
  busy: boolean;
  silent: boolean;
  walked: boolean;
  full: boolean;
}

export function noSights(): Sights {
  return { busy: false, silent: false, walked: false, full: false };
}
