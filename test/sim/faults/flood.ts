/**
 * A node that sends as much as its line takes, past all windows of its own core: requests for what exists, which draw
 * blocks out of others' uplinks, requests for what does not, and inserts with valid stamps. Its core goes on beside that:
 * a node that answers nothing would be hung up on.
 */
import { findStamp } from '../../../src-main/core/routing/stamps.ts';
import {
  encodeRouteMessage,
  MESSAGE_ID_BYTES,
  PRIORITY_BULK,
  PRIORITY_INTERACTIVE,
} from '../../../src-main/core/wire/messages.ts';
import type { RouteMessage } from '../../../src-main/core/wire/messages.ts';
import { KIND_CONTENT } from '../../../src-main/core/wire/record.ts';
import type { Network } from '../engine/network.ts';
import type { SimNode } from '../engine/sim-node.ts';
import type { SimRandom } from '../engine/random.ts';
import { makeContent } from '../workloads/records.ts';
import type { MadeRecord } from '../workloads/records.ts';

/** The uplink is filled so far ahead, so often. */
const AHEAD_MS = 100;
const EVERY_MS = 50;
/** Distinct records that one flooder inserts again and again; finding stamps is not what is measured. */
const OWN_RECORDS = 50;
/** Mixed: one insert for so many messages, so that each kind has half of the bytes (33 KB against 134). */
const MIXED_INSERT_ONE_IN = 250;

export type FloodKind = 'requests' | 'inserts' | 'mixed';

export class Flood {
  /** Messages that the flooders have sent. */
  sent = 0;
  readonly #network: Network;
  readonly #random: SimRandom;
  readonly #kind: FloodKind;
  readonly #targets: readonly MadeRecord[];
  #isOn = true;

  /** `targets`: records that exist. */
  constructor(network: Network, random: SimRandom, kind: FloodKind, targets: readonly MadeRecord[]) {
    this.#network = network;
    this.#random = random;
    this.#kind = kind;
    this.#targets = targets;
  }

  start(node: SimNode): void {
    node.isHostile = true;
    const own = Array.from({ length: OWN_RECORDS }, () => makeContent(this.#network, this.#random));
    this.#fill(node, own);
  }

  stop(): void {
    this.#isOn = false;
  }

  #fill(node: SimNode, own: readonly MadeRecord[]): void {
    const network = this.#network;
    if (!this.#isOn || !node.isAlive) return;
    const ends = [...node.ends.values()];
    for (let turn = 0; ends.length > 0 && network.wires.backlogMs(node) < AHEAD_MS; turn += 1) {
      const end = ends[turn % ends.length]!;
      network.wires.send(node, end, 'route', encodeRouteMessage(this.#message(own)));
      this.sent += 1;
    }
    network.later(EVERY_MS, () => this.#fill(node, own));
  }

  #message(own: readonly MadeRecord[]): RouteMessage {
    const { crypto, parameters } = this.#network;
    const random = this.#random;
    const id = random.bytes(MESSAGE_ID_BYTES);
    const htl = parameters.maxHtl;
    const isInsert = this.#kind === 'inserts' || (this.#kind === 'mixed' && random.below(MIXED_INSERT_ONE_IN) === 0);
    if (isInsert) {
      const { address, record } = random.pick(own);
      const stamp = findStamp(crypto, address, parameters.stampBits);
      return { type: 'insert', id, priority: PRIORITY_BULK, htl, stamp, record };
    }
    const address = random.below(3) === 0 ? random.bytes(32) : random.pick(this.#targets).address;
    const priority = random.below(2) === 0 ? PRIORITY_INTERACTIVE : PRIORITY_BULK;
    return { type: 'request', id, kind: KIND_CONTENT, priority, htl, address };
  }
}
