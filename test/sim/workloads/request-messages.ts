/**
 * Counts the messages of each operation by watching the wire. An operation is known by its address, which must not be
 * under way twice at once; each id that carries the address belongs to it (a stem has an id of its own on every link),
 * and so do the answers with that id.
 */
import { keyOf, keyOfPart } from '../engine/bytes-key.ts';
import type { Observer, Operation } from '../engine/observer.ts';

/** Numbers of core/wire/messages.ts. */
const REQUEST = 1;
const ACCEPTED = 6;
const STEM_REQUEST = 13;
/** Type and id come first in every message of the channel. */
const ID_START = 1;
const ID_END = 17;
const ADDRESS_BYTES = 32;
/** Where the address lies: behind kind, priority and, with `request`, HTL. */
const REQUEST_ADDRESS = 20;
const STEM_REQUEST_ADDRESS = 19;

export class MessageCount {
  /** All messages, acknowledgements of hops included. */
  messages = 0;
  accepted = 0;
  stemHops = 0;
  /** Ids under which the wire knows it. */
  readonly ids = new Set<string>();
}

export class RequestMessages implements Observer {
  readonly #byAddress = new Map<string, MessageCount>();
  readonly #byId = new Map<string, MessageCount>();
  readonly #finished: (operation: Operation, count: MessageCount) => void;

  /** `finished` is told of each request that ended, with what was sent for it until then. */
  constructor(finished: (operation: Operation, count: MessageCount) => void) {
    this.#finished = finished;
  }

  onOperationStart(operation: Operation): void {
    if (operation.kind === 'request') this.#byAddress.set(keyOf(operation.address), new MessageCount());
  }

  onOperationEnd(operation: Operation): void {
    const key = keyOf(operation.address);
    const count = this.#byAddress.get(key);
    if (operation.kind !== 'request' || count === undefined) return;
    this.#byAddress.delete(key);
    for (const id of count.ids) this.#byId.delete(id);
    this.#finished(operation, count);
  }

  onMessage(_nowMs: number, _from: number, _to: number, channel: string, bytes: Uint8Array): void {
    if (channel !== 'route') return;
    const type = bytes[0]!;
    const id = keyOfPart(bytes, ID_START, ID_END);
    let count = this.#byId.get(id);
    if (count === undefined) {
      if (type !== REQUEST && type !== STEM_REQUEST) return;
      const start = type === REQUEST ? REQUEST_ADDRESS : STEM_REQUEST_ADDRESS;
      count = this.#byAddress.get(keyOfPart(bytes, start, start + ADDRESS_BYTES));
      if (count === undefined) return;
      count.ids.add(id);
      this.#byId.set(id, count);
    }
    count.messages += 1;
    if (type === ACCEPTED) count.accepted += 1;
    else if (type === STEM_REQUEST) count.stemHops += 1;
  }
}
