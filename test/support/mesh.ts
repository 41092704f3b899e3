/**
 * Nodes of the core in one process on one virtual clock: every message, read and write is an event with a delay drawn
 * from the seed. The same seed gives the same run.
 */
import { compareBytes, toHex } from '../../shared/base/bytes.ts';
import type { Effect, InsertResult, NodeEvent, RequestResult } from '../../src-main/core/effects.ts';
import { Node } from '../../src-main/core/node.ts';
import type { BlockStore, ChannelName, KeyPair, LinkId, PutOutcome, StoreEntry } from '../../src-main/core/ports.ts';
import { networkParameters } from '../../src-main/core/network-parameters.ts';
import type { NetworkParameters } from '../../src-main/core/network-parameters.ts';
import { locationOf } from '../../src-main/core/routing/location.ts';
import { heldProof } from '../../src-main/core/routing/holdings.ts';
import { findStamp } from '../../src-main/core/routing/stamps.ts';
import { decodeRouteMessage, encodeRouteMessage, HELD_PROOF_BYTES } from '../../src-main/core/wire/messages.ts';
import type { CheckMessage, RouteMessage } from '../../src-main/core/wire/messages.ts';
import { PAYLOAD_BYTES, verifyRecord } from '../../src-main/core/wire/record.ts';
import { createSodiumCrypto } from '../../src-main/workers/sodium/crypto.ts';
import { EventQueue } from '../sim/engine/event-queue.ts';
import { seededRandom } from './seeded-random.ts';

export const crypto = createSodiumCrypto();

/** First bytes of the messages by which neighbours are looked for (wire/messages.ts). */
const SEEK_TYPE = 15;
const SOUGHT_TYPE = 16;

/** What the wall clocks of the nodes show at the start. */
export const WALL_START_MS = Date.UTC(2030, 0, 1);

/** From the wish for a link until it is up at both ends: a look-up and a handshake. */
const DIAL_MS = 40;

export interface MeshOptions {
  readonly seed: number;
  readonly nodes: number;
  /** Links of each node to begin with: a ring by location, so that there is a way everywhere, and others at random; 0: none. */
  readonly degree: number;
  readonly maxHtl?: number;
  /** Whether nodes get the links that they ask for (true when left out); if not, the links stay as they were made. */
  readonly dials?: boolean;
  readonly targetLinks?: number;
  /** Room that the nodes think their stores have; the stores themselves take all. */
  readonly storeQuotaBytes?: number;
  readonly network?: Partial<NetworkParameters>;
}

/** What a node does with a message instead of sending it: the bytes to send, or undefined to swallow it. */
export type Tamper = (bytes: Uint8Array, to: MeshNode) => Uint8Array | undefined;

export class MeshNode {
  readonly core: Node;
  readonly keyPair: KeyPair;
  readonly publicKey: Uint8Array;
  readonly store = new Map<string, StoreEntry>();
  readonly ends = new Map<LinkId, { readonly peer: MeshNode; readonly peerLink: LinkId }>();
  readonly results = new Map<number, RequestResult | InsertResult>();
  alive = true;
  full = false;
  tamper: Tamper | undefined;
  /** Makes a puppet of it: gets what comes by the channel `route` instead of its core. */
  onRoute: ((message: RouteMessage, from: MeshNode) => void) | undefined;
  /** A puppet proves that it keeps what it said it stored; a liar has nothing to prove it with. */
  hasWhatItSaid = true;
  /** Of a puppet: what it was asked to keep, by the id of the message; and what it said it keeps, by address. */
  readonly #offered = new Map<string, Uint8Array>();
  readonly #keeps = new Map<string, Uint8Array>();
  /** A store with quotas, instead of `store`; the mesh is then run by `runWithDisks`. */
  disk: BlockStore | undefined;
  sent = 0;
  readonly #mesh: Mesh;
  readonly #payloadBytes: number;
  #wakeMs: number | undefined;

  constructor(mesh: Mesh, index: number, options: MeshOptions) {
    this.#mesh = mesh;
    const keyPair = crypto.keyPairFromSeed(nodeSeed(index));
    this.keyPair = keyPair;
    this.#payloadBytes = options.network?.payloadBytes ?? PAYLOAD_BYTES;
    this.publicKey = keyPair.publicKey;
    this.core = new Node({
      crypto,
      random: seededRandom(mesh.seed * 1_000 + index),
      network: { ...networkParameters('practice-mesh'), maxHtl: options.maxHtl ?? 10, ...options.network },
      keyPair,
      location: locationOf(this.publicKey),
      targetLinks: options.targetLinks ?? 12,
      wallMs: () => WALL_START_MS + mesh.nowMs,
      storeQuotaBytes: () => options.storeQuotaBytes ?? 1e9,
    });
  }

  get location(): number {
    return locationOf(this.publicKey);
  }

  handle(event: NodeEvent): void {
    if (!this.alive) return;
    if (this.onRoute !== undefined && event.type === 'message' && event.channel === 'route') {
      const decoded = decodeRouteMessage(event.bytes);
      const from = this.ends.get(event.link)?.peer;
      if (!decoded.ok || from === undefined) return;
      if (decoded.value.type === 'check') return this.#prove(decoded.value, from);
      if (decoded.value.type === 'replicate') this.#offered.set(toHex(decoded.value.id), decoded.value.record);
      this.onRoute(decoded.value, from);
      return;
    }
    for (const effect of this.core.handle(event, this.#mesh.nowMs)) this.#perform(effect);
  }

  linkTo(peer: MeshNode): LinkId | undefined {
    for (const [link, end] of this.ends) if (end.peer === peer) return link;
    return undefined;
  }

  /** Sends a message of the channel `route`, whatever its core thinks of it. */
  say(to: MeshNode, message: RouteMessage): void {
    const record = message.type === 'stored' ? this.#offered.get(toHex(message.id)) : undefined;
    const verified = record === undefined ? undefined : verifyRecord(crypto, record, undefined, this.#payloadBytes);
    if (verified?.ok === true) this.#keeps.set(toHex(verified.value.address), record!);
    const link = this.linkTo(to);
    if (link !== undefined) this.send(link, 'route', encodeRouteMessage(message));
  }

  #prove({ id, addresses }: CheckMessage, to: MeshNode): void {
    const proofs = addresses.map((address) => {
      const record = this.hasWhatItSaid ? this.#keeps.get(toHex(address)) : undefined;
      return record === undefined ? new Uint8Array(HELD_PROOF_BYTES) : heldProof(crypto, id, this.publicKey, record);
    });
    this.say(to, { type: 'checked', id, proofs });
  }

  #perform(effect: Effect): void {
    const mesh = this.#mesh;
    switch (effect.type) {
      case 'send':
        return this.send(effect.link, effect.channel, effect.bytes);
      case 'close':
        return mesh.cut(this, effect.link);
      case 'read': {
        const done = (record: Uint8Array | undefined): void =>
          mesh.later(1, () => this.handle({ type: 'readDone', effect: effect.effect, record }));
        const entry = this.store.get(toHex(effect.address));
        const isLook = effect.isUse === false;
        if (this.disk === undefined) return done(isLook && entry?.place !== 'store' ? undefined : entry?.record);
        return mesh.await(isLook ? this.disk.peek(effect.address) : this.disk.get(effect.address), done);
      }
      case 'write': {
        const { effect: id, entry } = effect;
        const done = (outcome: PutOutcome): void => {
          if (id !== undefined) mesh.later(3, () => this.handle({ type: 'writeDone', effect: id, outcome }));
        };
        if (this.disk === undefined) return done(this.#put(entry));
        return mesh.await(this.disk.put(entry), done);
      }
      case 'locate':
        return mesh.later(1, () =>
          this.handle({ type: 'located', effect: effect.effect, location: locationOf(effect.publicKey) }),
        );
      case 'stamp': {
        const stamp = findStamp(crypto, effect.address, effect.bits);
        return mesh.later(1, () => this.handle({ type: 'stamped', effect: effect.effect, stamp }));
      }
      case 'requestDone':
      case 'insertDone':
        this.results.set(effect.operation, effect.result);
        return undefined;
      case 'wake': {
        this.#wakeMs = effect.atMs;
        const { atMs } = effect;
        return mesh.at(atMs, () => {
          if (this.#wakeMs === atMs) this.handle({ type: 'wake' });
        });
      }
      case 'dial':
        return mesh.dial(this, effect.node.publicKey);
      // Search and transfers are no part of a mesh.
      default:
        return undefined;
    }
  }

  send(link: LinkId, channel: ChannelName, original: Uint8Array): void {
    const end = this.ends.get(link);
    if (end === undefined) return;
    const bytes = this.tamper === undefined || channel !== 'route' ? original : this.tamper(original, end.peer);
    if (bytes === undefined) return;
    this.sent += 1;
    this.#mesh.trace(this, end.peer, channel, bytes);
    const arrives = (): void => {
      // A link that was cut meanwhile delivers nothing.
      if (end.peer.ends.get(end.peerLink)?.peer !== this) return;
      end.peer.handle({ type: 'message', link: end.peerLink, channel, bytes });
    };
    this.#mesh.later(5 + this.#mesh.random.below(10), arrives, `${link}>${end.peerLink}`);
  }

  #put(entry: StoreEntry): PutOutcome {
    if (this.full) return 'full';
    const key = toHex(entry.address);
    const held = this.store.get(key);
    if (held !== undefined) {
      const isNewer = entry.rank !== undefined && held.rank !== undefined && compareBytes(entry.rank, held.rank) > 0;
      // As the stores do: what is kept for its place stays so, whatever it was before.
      if (!isNewer && entry.place === 'store' && held.place === 'cache')
        this.store.set(key, { ...held, place: 'store' });
      if (!isNewer) return 'present';
    }
    this.store.set(key, entry);
    return 'stored';
  }
}

export class Mesh {
  readonly seed: number;
  readonly random;
  readonly nodes: MeshNode[] = [];
  nowMs = 0;
  traceHash: Uint8Array = new Uint8Array(32);
  /** Messages of requests and inserts; what links are kept with is not counted. */
  messages = 0;
  readonly watchers: ((from: MeshNode, to: MeshNode, channel: ChannelName, bytes: Uint8Array) => void)[] = [];
  readonly #options: MeshOptions;
  readonly #byKey = new Map<string, MeshNode>();
  readonly #queue = new EventQueue();
  #lastLink = 0;
  /** Links keep the order of their messages. */
  readonly #lastArrival = new Map<string, number>();
  #lastOperation = 0;
  #waiting: Promise<void>[] = [];

  constructor(options: MeshOptions) {
    this.#options = options;
    this.seed = options.seed;
    this.random = seededRandom(options.seed);
    for (let index = 0; index < options.nodes; index += 1) this.addNode(index);
    if (options.degree > 0) this.#connectAll(options.degree);
    this.run(100);
  }

  /** A node without links; `index` says which key it has. */
  addNode(index: number): MeshNode {
    const node = new MeshNode(this, index, this.#options);
    this.nodes.push(node);
    this.#byKey.set(toHex(node.publicKey), node);
    return node;
  }

  #connectAll(degree: number): void {
    const ring = [...this.nodes].sort((a, b) => a.location - b.location);
    ring.forEach((node, index) => this.connect(node, ring[(index + 1) % ring.length]!));
    for (const node of this.nodes) {
      for (let tries = 0; node.ends.size < degree && tries < degree * 8; tries += 1) {
        this.connect(node, this.nodes[this.random.below(this.nodes.length)]!);
      }
    }
  }

  dial(from: MeshNode, publicKey: Uint8Array): void {
    const to = this.#byKey.get(toHex(publicKey));
    if (this.#options.dials === false || to === undefined) return;
    this.later(DIAL_MS + this.random.below(DIAL_MS), () => {
      if (from.alive && to.alive) this.connect(from, to);
    });
  }

  connect(a: MeshNode, b: MeshNode): void {
    if (a === b || a.linkTo(b) !== undefined) return;
    const [linkA, linkB] = [(this.#lastLink += 1), (this.#lastLink += 1)];
    a.ends.set(linkA, { peer: b, peerLink: linkB });
    b.ends.set(linkB, { peer: a, peerLink: linkA });
    a.handle({ type: 'linkUp', info: { link: linkA, publicKey: b.publicKey, initiator: true } });
    b.handle({ type: 'linkUp', info: { link: linkB, publicKey: a.publicKey, initiator: false } });
  }

  cut(node: MeshNode, link: LinkId): void {
    const end = node.ends.get(link);
    if (end === undefined) return;
    node.ends.delete(link);
    end.peer.ends.delete(end.peerLink);
    this.later(5, () => {
      node.handle({ type: 'linkDown', link });
      end.peer.handle({ type: 'linkDown', link: end.peerLink });
    });
  }

  /** Dies without a word; its neighbours notice after `noticeMs`. */
  kill(node: MeshNode, noticeMs = 6_000): void {
    node.alive = false;
    for (const link of [...node.ends.keys()]) this.later(noticeMs, () => this.cut(node, link));
  }

  trace(from: MeshNode, to: MeshNode, channel: ChannelName, bytes: Uint8Array): void {
    if (channel === 'route' && bytes[0] !== SEEK_TYPE && bytes[0] !== SOUGHT_TYPE) this.messages += 1;
    this.traceHash = crypto.hash('trace', this.traceHash, from.publicKey, to.publicKey, bytes);
    for (const watcher of this.watchers) watcher(from, to, channel, bytes);
  }

  at(atMs: number, run: () => void): void {
    this.#queue.add(atMs, 0, 0, 0, 0, run);
  }

  later(delayMs: number, run: () => void, inOrder?: string): void {
    let atMs = this.nowMs + delayMs;
    if (inOrder !== undefined) {
      atMs = Math.max(atMs, this.#lastArrival.get(inOrder) ?? 0);
      this.#lastArrival.set(inOrder, atMs);
    }
    this.at(atMs, run);
  }

  /** Runs until `durationMs` of virtual time have passed, or until `until` holds. True when it does. */
  run(durationMs: number, until?: () => boolean): boolean {
    const endMs = this.nowMs + durationMs;
    for (;;) {
      if (until?.() === true) return true;
      if (!this.#step(endMs)) break;
      if (this.#waiting.length > 0) throw new Error('a node with a disk is run by runWithDisks');
    }
    this.nowMs = endMs;
    return until?.() === true;
  }

  /** The same where nodes have disks: no time passes while they work. */
  async runWithDisks(durationMs: number, until?: () => boolean): Promise<boolean> {
    const endMs = this.nowMs + durationMs;
    while (until?.() !== true && this.#step(endMs)) {
      const waiting = this.#waiting;
      this.#waiting = [];
      if (waiting.length > 0) await Promise.all(waiting);
    }
    if (until?.() === true) return true;
    this.nowMs = endMs;
    return false;
  }

  /** `done` runs at the time that it is now. */
  await<Value>(work: Promise<Value>, done: (value: Value) => void): void {
    const run = async (): Promise<void> => done(await work);
    this.#waiting.push(run());
  }

  #step(endMs: number): boolean {
    const queue = this.#queue;
    if (queue.nextMs > endMs || !queue.take()) return false;
    this.nowMs = Math.max(this.nowMs, queue.atMs);
    (queue.payload as () => void)();
    return true;
  }

  startRequest(node: MeshNode, address: Uint8Array, kind: 1 | 2 = 1, skipOwn = false): number {
    const operation = (this.#lastOperation += 1);
    node.handle({ type: 'request', operation, address, kind, priority: 0, skipOwn });
    return operation;
  }

  startInsert(node: MeshNode, record: Uint8Array): number {
    const operation = (this.#lastOperation += 1);
    node.handle({ type: 'insert', operation, record, priority: 1 });
    return operation;
  }

  request(node: MeshNode, address: Uint8Array, kind: 1 | 2 = 1, skipOwn = false): RequestResult {
    const operation = this.startRequest(node, address, kind, skipOwn);
    this.run(60_000, () => node.results.has(operation));
    return node.results.get(operation) as RequestResult;
  }

  insert(node: MeshNode, record: Uint8Array): InsertResult {
    const operation = this.startInsert(node, record);
    this.run(60_000, () => node.results.has(operation));
    return node.results.get(operation) as InsertResult;
  }
}

function nodeSeed(index: number): Uint8Array {
  return crypto.hash('mesh node', Uint8Array.of(index & 255, index >> 8));
}

/** Where the node of this index lives, without making it. */
export function locationOfIndex(index: number): number {
  return locationOf(crypto.keyPairFromSeed(nodeSeed(index)).publicKey);
}
