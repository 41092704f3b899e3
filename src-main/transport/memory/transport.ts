import { bytesEqual, toHex } from '../../../shared/base/bytes.ts';
import type {
  ChannelName,
  KnownNode,
  LinkId,
  LinkStats,
  Random,
  Transport,
  TransportHandlers,
} from '../../core/ports.ts';
import {
  HARD_PENDING_BYTES,
  MAX_TRANSPORT_MESSAGE_BYTES,
  MESSAGE_OVERHEAD_BYTES,
  SOFT_PENDING_BYTES,
  WRITABLE_PENDING_BYTES,
} from '../limits.ts';
import { Outbox } from '../outbox.ts';
import type { OutboundMessage } from '../outbox.ts';
import { TokenBucket } from '../../../shared/base/token-bucket.ts';

export interface MemoryNetworkOptions {
  /** Runs a task soon and in order; microtasks when left out. A test that passes its own decides when things happen. */
  readonly schedule?: (task: () => void) => void;
  /** Who meets whom, when `meet` says that nodes meet by themselves. */
  readonly random?: Random;
  /** Links that a node dials by itself when it starts, to nodes that are there; none when left out. */
  readonly meet?: number;
}

export interface MemoryNodeOptions {
  readonly publicKey: Uint8Array;
  /** Given to the others as LinkInfo.host and port. */
  readonly host?: string;
  readonly port?: number;
  /** 64 when left out. */
  readonly maxLinks?: number;
}

export interface MemoryNetwork {
  /** A node, to be started. A key may be used again once its node has stopped. */
  createTransport(options: MemoryNodeOptions): Transport;
  /** Breaks the link of two nodes, if there is one; what was on its way is lost. */
  cut(a: Uint8Array, b: Uint8Array): void;
  /** Until healed, new links between these two fail, and the present one is cut. */
  block(a: Uint8Array, b: Uint8Array): void;
  heal(a: Uint8Array, b: Uint8Array): void;
}

/**
 * A network within one process, with the behaviour of the port and without sockets: whole messages in order, bounded
 * buffers with back-pressure, one message delivered per scheduled task. Without limits it uses no clock and no timer, so
 * with a scheduler and a generator passed in a run repeats itself exactly.
 */
export function createMemoryNetwork(options: MemoryNetworkOptions = {}): MemoryNetwork {
  return new Network(options);
}

class Network implements MemoryNetwork {
  readonly nodes = new Map<string, MemoryTransport>();
  readonly schedule: (task: () => void) => void;
  readonly #options: MemoryNetworkOptions;
  readonly #blocked = new Set<string>();
  #nextLink = 1;

  constructor(options: MemoryNetworkOptions) {
    this.#options = options;
    this.schedule = options.schedule ?? queueMicrotask;
  }

  createTransport(options: MemoryNodeOptions): Transport {
    return new MemoryTransport(this, options);
  }

  cut(a: Uint8Array, b: Uint8Array): void {
    this.nodes.get(toHex(a))?.sideTo(toHex(b))?.breakBoth();
  }

  block(a: Uint8Array, b: Uint8Array): void {
    this.#blocked.add(pairKey(toHex(a), toHex(b)));
    this.cut(a, b);
  }

  heal(a: Uint8Array, b: Uint8Array): void {
    this.#blocked.delete(pairKey(toHex(a), toHex(b)));
  }

  started(node: MemoryTransport): void {
    if (this.nodes.has(node.keyHex)) throw new Error('a node with this key is running already');
    const others = [...this.nodes.values()];
    this.nodes.set(node.keyHex, node);
    for (let count = this.#options.meet ?? 0; count > 0 && others.length > 0; count -= 1) {
      const index = this.#options.random?.below(others.length) ?? others.length - 1;
      const [other] = others.splice(index, 1);
      node.dial({ publicKey: other!.publicKey });
    }
  }

  connect(dialler: MemoryTransport, keyHex: string): void {
    const answerer = this.nodes.get(keyHex);
    if (answerer === undefined || this.nodes.get(dialler.keyHex) !== dialler) return;
    if (this.#blocked.has(pairKey(dialler.keyHex, keyHex))) return;
    if (dialler.sideTo(keyHex) !== undefined || dialler.isFull || answerer.isFull) return;
    const near = new Side(this, dialler, answerer, this.#nextLink, true);
    const far = new Side(this, answerer, dialler, this.#nextLink + 1, false);
    this.#nextLink += 2;
    near.peer = far;
    far.peer = near;
    dialler.attach(near);
    answerer.attach(far);
    dialler.announce(near);
    answerer.announce(far);
  }
}

function pairKey(a: string, b: string): string {
  return a < b ? `${a}${b}` : `${b}${a}`;
}

/** What a message counts for in bounds and limits. */
function costOf(message: OutboundMessage): number {
  return message.bytes.length + MESSAGE_OVERHEAD_BYTES;
}

/** One end of a link. */
class Side {
  readonly link: LinkId;
  readonly owner: MemoryTransport;
  readonly other: MemoryTransport;
  readonly initiator: boolean;
  peer: Side | undefined;
  inBytes = 0;
  outBytes = 0;
  isDown = false;
  readonly #network: Network;
  readonly #outbox = new Outbox();
  #full = false;
  #scheduled = false;

  constructor(network: Network, owner: MemoryTransport, other: MemoryTransport, link: LinkId, initiator: boolean) {
    this.#network = network;
    this.owner = owner;
    this.other = other;
    this.link = link;
    this.initiator = initiator;
  }

  get pendingBytes(): number {
    return this.#outbox.pendingBytes;
  }

  send(channel: ChannelName, bytes: Uint8Array): boolean {
    if (this.isDown) return false;
    if (bytes.length > MAX_TRANSPORT_MESSAGE_BYTES) {
      this.#network.schedule(() => this.breakBoth());
      return false;
    }
    const message = { channel, bytes: bytes.slice() };
    this.#outbox.push(message, costOf(message));
    this.#deliverLater();
    if (this.pendingBytes > HARD_PENDING_BYTES) {
      this.#network.schedule(() => this.breakBoth());
      return false;
    }
    if (this.pendingBytes > SOFT_PENDING_BYTES) this.#full = true;
    return !this.#full;
  }

  breakBoth(): void {
    this.goDown();
    this.peer?.goDown();
  }

  goDown(): void {
    if (this.isDown) return;
    this.isDown = true;
    this.#outbox.clear();
    this.owner.detach(this);
  }

  #deliverLater(): void {
    if (this.#scheduled || this.#outbox.isEmpty) return;
    this.#scheduled = true;
    const waitMs = Math.max(this.owner.up.waitMs(performance.now()), this.other.down.waitMs(performance.now()));
    if (waitMs === 0) this.#network.schedule(() => this.#deliver());
    else setTimeout(() => this.#deliver(), waitMs);
  }

  #deliver(): void {
    this.#scheduled = false;
    if (this.isDown) return;
    const nowMs = performance.now();
    if (!this.owner.up.allows(nowMs) || !this.other.down.allows(nowMs)) return this.#deliverLater();
    const message = this.#outbox.shift(costOf);
    if (message === undefined) return;
    this.owner.up.take(costOf(message), nowMs);
    this.other.down.take(costOf(message), nowMs);
    this.outBytes += message.bytes.length;
    this.#deliverLater();
    this.other.receive(this.peer!, message);
    if (this.isDown || !this.#full || this.pendingBytes > WRITABLE_PENDING_BYTES) return;
    this.#full = false;
    this.owner.tellRoom(this.link);
  }
}

class MemoryTransport implements Transport {
  readonly publicKey: Uint8Array;
  readonly keyHex: string;
  readonly up = new TokenBucket(0, 0);
  readonly down = new TokenBucket(0, 0);
  readonly #network: Network;
  readonly #host: string | undefined;
  readonly #port: number | undefined;
  readonly #maxLinks: number;
  readonly #sides = new Map<LinkId, Side>();
  readonly #byKey = new Map<string, Side>();
  #handlers: TransportHandlers | undefined;
  #inBytes = 0;
  #outBytes = 0;

  constructor(network: Network, options: MemoryNodeOptions) {
    this.#network = network;
    this.publicKey = options.publicKey;
    this.keyHex = toHex(options.publicKey);
    this.#host = options.host;
    this.#port = options.port;
    this.#maxLinks = options.maxLinks ?? 64;
  }

  get isFull(): boolean {
    return this.#sides.size >= this.#maxLinks;
  }

  start(handlers: TransportHandlers): Promise<void> {
    this.#handlers = handlers;
    this.#network.started(this);
    return Promise.resolve();
  }

  stop(): Promise<void> {
    if (this.#network.nodes.get(this.keyHex) === this) this.#network.nodes.delete(this.keyHex);
    for (const side of [...this.#sides.values()]) side.breakBoth();
    this.#handlers = undefined;
    return Promise.resolve();
  }

  send(link: LinkId, channel: ChannelName, bytes: Uint8Array): boolean {
    return this.#sides.get(link)?.send(channel, bytes) ?? false;
  }

  pendingBytes(link: LinkId): number {
    return this.#sides.get(link)?.pendingBytes ?? 0;
  }

  close(link: LinkId): void {
    const side = this.#sides.get(link);
    if (side !== undefined) this.#network.schedule(() => side.breakBoth());
  }

  dial(node: KnownNode): void {
    if (bytesEqual(node.publicKey, this.publicKey)) return;
    const keyHex = toHex(node.publicKey);
    this.#network.schedule(() => this.#network.connect(this, keyHex));
  }

  traffic(): { readonly inBytes: number; readonly outBytes: number } {
    let inBytes = this.#inBytes;
    let outBytes = this.#outBytes;
    for (const side of this.#sides.values()) {
      inBytes += side.inBytes;
      outBytes += side.outBytes;
    }
    return { inBytes, outBytes };
  }

  setLimits(limits: { readonly upBytesPerSecond: number; readonly downBytesPerSecond: number }): void {
    this.up.setLimit(limits.upBytesPerSecond, performance.now());
    this.down.setLimit(limits.downBytesPerSecond, performance.now());
  }

  linkStats(link: LinkId): LinkStats | undefined {
    const side = this.#sides.get(link);
    return side === undefined ? undefined : { roundTripMs: 0, inBytes: side.inBytes, outBytes: side.outBytes };
  }

  sideTo(keyHex: string): Side | undefined {
    return this.#byKey.get(keyHex);
  }

  attach(side: Side): void {
    this.#sides.set(side.link, side);
    this.#byKey.set(side.other.keyHex, side);
  }

  announce(side: Side): void {
    if (side.isDown) return;
    const host = side.other.#host;
    const port = side.other.#port;
    this.#call((handlers) =>
      handlers.linkUp({
        link: side.link,
        publicKey: side.other.publicKey,
        initiator: side.initiator,
        ...(host === undefined ? {} : { host }),
        ...(port === undefined ? {} : { port }),
      }),
    );
  }

  detach(side: Side): void {
    this.#sides.delete(side.link);
    this.#byKey.delete(side.other.keyHex);
    this.#inBytes += side.inBytes;
    this.#outBytes += side.outBytes;
    this.#call((handlers) => handlers.linkDown(side.link));
  }

  receive(side: Side, message: OutboundMessage): void {
    side.inBytes += message.bytes.length;
    this.#call((handlers) => handlers.message(side.link, message.channel, message.bytes));
  }

  tellRoom(link: LinkId): void {
    this.#call((handlers) => handlers.writable(link));
  }

  #call(use: (handlers: TransportHandlers) => void): void {
    if (this.#handlers === undefined) return;
    try {
      use(this.#handlers);
    } catch (error) {
      process.emitWarning(error instanceof Error ? error : String(error));
    }
  }
}
