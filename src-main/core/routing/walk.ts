import type { LinkId } from '../ports.ts';
import type { WirePriority } from '../wire/messages.ts';
import type { RecordKind } from '../wire/record.ts';
import type { Location } from './location.ts';
import type { Timer } from './timers.ts';

/** A request or an insert that is under way through this node: what has been tried, and what it waits for. */
export interface Walk {
  readonly purpose: 'request' | 'insert';
  readonly id: Uint8Array;
  /** The id in hexadecimal, for tables. */
  readonly key: string;
  /** The neighbour that it came from; undefined when it is this node's own. */
  readonly from: LinkId | undefined;
  /** Of this node's own: the operation to report to. */
  readonly own: { readonly operation: number; readonly skipOwn: boolean } | undefined;
  /** When it is given up whatever happens: a neighbour that accepts and accepts cannot hold it for ever. */
  readonly deadlineMs: number;
  readonly kind: RecordKind;
  readonly priority: WirePriority;
  readonly address: Uint8Array;
  readonly target: Location;
  /** Hops that it may still make when sent on from here. */
  htl: number;
  /** Neighbours that are not asked (again): those tried, and where it came from. */
  readonly except: Set<LinkId>;
  tries: number;
  /** Times that an own walk began anew because all ways were busy or silent. */
  retries: number;
  waitingFor: LinkId | undefined;
  timer: Timer | undefined;
  /** What the tries ended in, for telling why it failed. */
  saw: { busy: boolean; silent: boolean; walked: boolean; full: boolean };
  /** Insert: the record. Request of a slot: the best copy known here, and its rank. */
  record: Uint8Array | undefined;
  rank: Uint8Array | undefined;
  /** Request of a slot: rank of the copy in this node's store. */
  storedRank: Uint8Array | undefined;
  /** Request of a slot: best rank known on the way here. */
  best: Uint8Array | undefined;
  /** Insert at its sink: neighbours that are storing copies. */
  replicas: Set<LinkId> | undefined;
  copies: number;
  ownWriteDone: boolean;
  closed: boolean;
}
