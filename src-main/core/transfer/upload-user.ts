/** One node that loads from here, as uploads see it. */
import type { TokenBucket } from '../../../shared/base/token-bucket.ts';
import type { EffectId } from '../effects.ts';
import type { Timer } from '../routing/timers.ts';
import type { TransferPeer } from './peers.ts';

/** A slot that somebody has. */
export interface Slot {
  readonly root: Uint8Array;
  idle: Timer | undefined;
  /** Of the file, to this user, since it has the slot: handed to the link, part by part. */
  sentBytes: number;
}

export interface Asked {
  readonly id: number;
  readonly slot: Slot;
  readonly chunk: number;
}

/** A chunk that is being sent. */
export interface Sending {
  readonly id: number;
  readonly slot: Slot;
  readonly bytes: Uint8Array;
  offset: number;
}

export class User {
  readonly key: string;
  /** Its own limit. */
  readonly rate: TokenBucket;
  peer: TransferPeer | undefined;
  readonly slots = new Map<string, Slot>();
  /** Roots that it asked for, by their hexadecimal digits. */
  readonly asked = new Map<string, Uint8Array>();
  fetches: Asked[] = [];
  readonly reading = new Map<EffectId, Asked>();
  sending: Sending[] = [];
  pages = 0;
  /** Forgets it when it stays away. */
  away: Timer | undefined;

  constructor(key: string, rate: TokenBucket) {
    this.key = key;
    this.rate = rate;
  }
}
