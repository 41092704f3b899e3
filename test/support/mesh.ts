/**
 * Nodes of the core in one process on one virtual clock: every message, read and write is an event with a delay drawn
 * from the seed. The same seed gives the same run.
 */
import { compareBytes, toHex } from '../../shared/base/bytes.ts';
import type { Effect, InsertResult, NodeEvent, RequestResult } from '../../src-main/core/effects.ts';
import { Node } from '../../src-main/core/node.ts';
import type { ChannelName, LinkId, PutOutcome, StoreEntry } from '../../src-main/core/ports.ts';
import { networkParameters } from '../../src-main/core/network-parameters.ts';
import { locationOf } from '../../src-main/core/routing/location.ts';
import { findStamp } from '../../src-main/core/routing/stamps.ts';
import { createSodiumCrypto } from '../../src-main/workers/sodium/crypto.ts';
import { seededRandom } from './seeded-random.ts';

export const crypto = createSodiumCrypto();

/** First bytes of the messages by which neighbours are looked for (wire/messages.ts). */
const SEEK_TYPE = 15;
const SOUGHT_TYPE = 16;

/** What the wall clocks of the nodes show at the start. */
const WALL_START_MS = Date.UTC(2030, 0, 1);

interface Scheduled {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** What a node does with a message instead of sending it: the bytes to send, or undefined to swallow it. */
export type Tamper = (bytes: Uint8Array, to: MeshNode) => Uint8Array | undefined;

export class MeshNode {
  readonly core: Node;
  readonly publicKey: Uint8Array;
  readonly store = new Map<string, StoreEntry>();
  readonly ends = new Map<LinkId, { readonly peer: MeshNode; readonly peerLink: LinkId }>();
  readonly results = new Map<number, RequestResult | InsertResult>();
  alive = true;
  full = false;
  tamper: Tamper | undefined;
  sent = 0;
  readonly #mesh: Mesh;
  #wakeMs: number | undefined;

  constructor(mesh: Mesh, index: number, maxHtl: number) {
    this.#mesh = mesh;
    const keyPair = crypto.keyPairFromSeed(crypto.hash('mesh node', Uint8Array.of(index & 255, index >> 8)));
    this.publicKey = keyPair.publicKey;
    this.core = new Node({
      crypto,
      random: seededRandom(mesh.seed * 1_000 + index),
      network: { ...networkParameters('practice-mesh'), maxHtl },
      keyPair,
      location: locationOf(this.publicKey),
      targetLinks: 12,
      wallMs: () => WALL_START_MS + mesh.nowMs,
      storeQuotaBytes: () => 1e9,
    });
  }

  get location(): number {
    return locationOf(this.publicKey);
  }

  handle(event: NodeEvent): void {
    if (!this.alive) return;
    for (const effect of this.core.handle(event, this.#mesh.nowMs)) this.#perform(effect);
  }

  linkTo(peer: MeshNode): LinkId | undefined {
    for (const [link, end] of this.ends) if (end.peer === peer) return link;
    return undefined;
  }

  #perform(effect: Effect): void {
    const mesh = this.#mesh;
    switch (effect.type) {
      case 'send':
        return this.send(effect.link, effect.channel, effect.bytes);
      case 'close':
        return mesh.cut(this, effect.link);
      case 'read': {
        const record = this.store.get(toHex(effect.address))?.record;
        return mesh.later(1, () => this.handle({ type: 'readDone', effect: effect.effect, record }));
      }
      case 'write': {
        const outcome = this.#put(effect.entry);
        const { effect: id } = effect;
        if (id !== undefined) mesh.later(3, () => this.handle({ type: 'writeDone', effect: id, outcome }));
        return undefined;
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
      case 'neighboursChanged':
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
      if (entry.rank === undefined || held.rank === undefined) return 'present';
      if (compareBytes(entry.rank, held.rank) <= 0) return 'present';
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
  #order = 0;
  #lastLink = 0;
  #queue: Scheduled[] = [];
  /** Links keep the order of their messages. */
  readonly #lastArrival = new Map<string, number>();
  #lastOperation = 0;

  constructor(options: { seed: number; nodes: number; degree: number; maxHtl?: number }) {
    this.seed = options.seed;
    this.random = seededRandom(options.seed);
    for (let index = 0; index < options.nodes; index += 1)
      this.nodes.push(new MeshNode(this, index, options.maxHtl ?? 10));
    this.#connectAll(options.degree);
    this.run(100);
  }

  /** A ring by location, so that there is a way everywhere, and random links up to the degree. */
  #connectAll(degree: number): void {
    const ring = [...this.nodes].sort((a, b) => a.location - b.location);
    ring.forEach((node, index) => this.connect(node, ring[(index + 1) % ring.length]!));
    for (const node of this.nodes) {
      for (let tries = 0; node.ends.size < degree && tries < degree * 8; tries += 1) {
        this.connect(node, this.nodes[this.random.below(this.nodes.length)]!);
      }
    }
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
  }

  at(atMs: number, run: () => void): void {
    this.#queue.push({ atMs, order: (this.#order += 1), run });
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
      this.#queue.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
      const next = this.#queue[0];
      if (next === undefined || next.atMs > endMs) break;
      this.#queue.shift();
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.run();
    }
    this.nowMs = endMs;
    return until?.() === true;
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
