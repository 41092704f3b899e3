/**
 * No hop accepts what does not verify: what an honest node stores, hands on or gives to its user belongs to its address
 * and is signed. The addresses of answers are known from the requests that they answer.
 */
import type { InsertResult, RequestResult } from '../../../src-main/core/effects.ts';
import type { ChannelName, PutOutcome, StoreEntry } from '../../../src-main/core/ports.ts';
import { decodeRouteMessage } from '../../../src-main/core/wire/messages.ts';
import { verifyRecord } from '../../../src-main/core/wire/record.ts';
import { keyOf, keyOfPart } from '../engine/bytes-key.ts';
import type { Network } from '../engine/network.ts';
import type { Operation } from '../engine/observer.ts';
import type { SimNode } from '../engine/sim-node.ts';
import type { Checker, Complain } from './checker.ts';

const FOUND = 4;
const REQUEST = 1;
const STEM_REQUEST = 13;
/** Requests remembered: above all that are under way, since nothing lives longer than half a minute. */
const MAX_REMEMBERED = 200_000;

export class VerifiedRecords implements Checker {
  readonly name = 'verified records';
  readonly #network: Network;
  readonly #complain: Complain;
  /** Address by link and id: who asked whom for what. */
  readonly #asked = new Map<string, Uint8Array>();

  constructor(network: Network, complain: Complain) {
    this.#network = network;
    this.#complain = complain;
  }

  onMessage(_nowMs: number, from: number, to: number, channel: ChannelName, bytes: Uint8Array): void {
    const type = bytes[0]!;
    if (channel !== 'route' || (type !== FOUND && type !== REQUEST && type !== STEM_REQUEST)) return;
    const sender = this.#network.nodes[from]!;
    const id = keyOfPart(bytes, 1, 17);
    if (type === FOUND) {
      const address = this.#asked.get(`${to} ${from} ${id}`);
      if (sender.isHostile || address === undefined) return;
      const decoded = decodeRouteMessage(bytes);
      if (!decoded.ok || decoded.value.type !== 'found') this.#complain(from, 'sent an answer that does not decode');
      else if (!this.#verifies(decoded.value.record, address))
        this.#complain(from, 'handed on a record that does not verify');
      return;
    }
    const decoded = decodeRouteMessage(bytes);
    if (!decoded.ok || !('address' in decoded.value)) return;
    this.#asked.set(`${from} ${to} ${id}`, decoded.value.address);
    if (this.#asked.size > MAX_REMEMBERED) this.#asked.delete(this.#asked.keys().next().value!);
  }

  onWrite(_nowMs: number, node: SimNode, entry: StoreEntry, outcome: PutOutcome): void {
    if (node.isHostile || outcome === 'full') return;
    if (!this.#verifies(entry.record, entry.address))
      this.#complain(node.index, 'stored a record that does not verify');
  }

  onOperationEnd(operation: Operation, result: RequestResult | InsertResult): void {
    if (!result.ok || !('record' in result) || this.#network.nodes[operation.node]!.isHostile) return;
    if (!this.#verifies(result.record, operation.address))
      this.#complain(operation.node, 'gave its user a record that does not verify');
  }

  #verifies(record: Uint8Array, address: Uint8Array): boolean {
    const { crypto, parameters } = this.#network;
    const verified = verifyRecord(crypto, record, undefined, parameters.payloadBytes);
    // Compared here and not by verifyRecord, which is what the nodes themselves rely on.
    return verified.ok && keyOf(verified.value.address) === keyOf(address);
  }
}
