/**
 * The production state machines of transfers on a line of given speed: links with a latency and a rate, files in memory, time that
 * jumps from event to event. No sockets and no disk: those are in test/integration.
 */
import type { Effect, NodeContext } from '../../src-main/core/effects.ts';
import type { Crypto, KeyPair, KnownNode, LinkId } from '../../src-main/core/ports.ts';
import { Statistics } from '../../src-main/core/routing/statistics.ts';
import { Timers } from '../../src-main/core/routing/timers.ts';
import type { ServedFile, TransferEffect, TransferEvent } from '../../src-main/core/transfer/effects.ts';
import { pageFrom } from '../../src-main/core/transfer/pages.ts';
import { Transfers } from '../../src-main/core/transfer/transfers.ts';
import { chunkBytesOf, chunkHash, chunkLengthOf, FileTreeBuilder } from '../../src-main/core/transfer/tree.ts';
import { bytesEqual, toHex } from '../../shared/base/bytes.ts';
import { seededRandom } from './seeded-random.ts';

export interface MeshFile {
  readonly root: Uint8Array;
  readonly bytes: Uint8Array;
  readonly hashes: Uint8Array;
}

export function meshFile(crypto: Crypto, sizeBytes: number, seed = 1): MeshFile {
  const bytes = seededRandom(seed).bytes(sizeBytes);
  const builder = new FileTreeBuilder(crypto, sizeBytes);
  builder.add(bytes);
  return { bytes, ...builder.finish() };
}

/** What a node does besides the rules. */
export interface Misdeeds {
  /** Chunks are read with a bit flipped. */
  lies?: boolean;
  /** Nothing is sent from here. */
  silent?: boolean;
  /** The size that it tells of its files, and then no page. */
  saysBytes?: number;
  /** Reads of chunks take this long. */
  readMs?: number;
}

interface Line {
  readonly latencyMs: number;
  /** Each way, in bytes a millisecond. */
  readonly bytesPerMs: number;
  busyUntilMs: number;
  waiting: number;
  congested: boolean;
}

/** Bytes that wait on a line above which it is congested, as in transport/limits.ts. */
const SOFT_BYTES = 131_072;

export class MeshNode {
  readonly publicKey: Uint8Array;
  /** Links by the key of their other end. */
  readonly links = new Map<string, LinkId>();
  readonly timers = new Timers();
  readonly transfers: Transfers;
  readonly effects: (Effect | TransferEffect)[] = [];
  readonly files = new Map<string, MeshFile>();
  readonly written = new Map<number, Map<number, Uint8Array>>();
  readonly roots = new Map<number, Uint8Array>();
  readonly done = new Map<number, string>();
  readonly proved = new Map<number, number>();
  readonly misdeeds: Misdeeds = {};
  readonly banned: string[] = [];
  /** Chunks that were read here. */
  reads = 0;
  diskFull = false;
  /** What download 1 holds is served to others. */
  servesWhileLoading = false;
  readonly #mesh: TransferMesh;
  readonly #keyPair: KeyPair;
  #effectCount = 0;

  constructor(mesh: TransferMesh, index: number) {
    this.#mesh = mesh;
    this.#keyPair = mesh.crypto.keyPairFromSeed(new Uint8Array(32).fill(index + 1));
    this.publicKey = this.#keyPair.publicKey;
    const context: NodeContext = {
      crypto: mesh.crypto,
      random: seededRandom(index + 1),
      emit: (effect) => this.effects.push(effect),
      now: () => mesh.nowMs,
      wallMs: () => mesh.nowMs,
      nextEffect: () => (this.#effectCount += 1),
    };
    const links = {
      dial: (node: KnownNode) => mesh.dial(this, node.publicKey),
      release: (link: LinkId) => mesh.cut(this, link),
      drop: (link: LinkId) => mesh.cut(this, link),
    };
    this.transfers = new Transfers({
      context,
      timers: this.timers,
      statistics: new Statistics(),
      links,
      keyPair: this.#keyPair,
      networkId: new Uint8Array(16),
      address: () => undefined,
    });
  }

  get uploadedBytes(): number {
    return this.transfers.uploads.sentBytes;
  }

  /** Hands over an event and does what it asks for. */
  tell(event: TransferEvent): void {
    this.transfers.onEvent(event);
    this.perform();
  }

  perform(): void {
    for (
      let timer = this.timers.due(this.#mesh.nowMs);
      timer !== undefined;
      timer = this.timers.due(this.#mesh.nowMs)
    ) {
      timer.run();
    }
    for (let effect = this.effects.shift(); effect !== undefined; effect = this.effects.shift()) this.#do(effect);
    const next = this.timers.next();
    if (next !== undefined) this.#mesh.wakeAt(this, next);
  }

  #do(effect: Effect | TransferEffect): void {
    const mesh = this.#mesh;
    switch (effect.type) {
      case 'send':
        if (this.misdeeds.silent !== true) mesh.send(this, effect.link, effect.bytes);
        return;
      case 'roomAsked':
        mesh.later(0, () => {
          if (mesh.hasRoom(effect.link)) this.transfers.onCongested(effect.link, false);
          this.perform();
        });
        return;
      case 'findServed': {
        const served = this.#served(effect.root);
        mesh.later(0, () => this.tell({ type: 'servedFound', effect: effect.effect, file: served }));
        return;
      }
      case 'readPage': {
        if (this.misdeeds.saysBytes !== undefined) return;
        const file = this.files.get(toHex(effect.root));
        const hashes =
          file === undefined ? this.transfers.page(1, effect.at) : pageFrom(mesh.crypto, file.hashes, effect.at);
        mesh.later(0, () => this.tell({ type: 'pageRead', effect: effect.effect, hashes }));
        return;
      }
      case 'readChunk': {
        this.reads += 1;
        const bytes = this.#chunk(effect.root, effect.chunk);
        mesh.later(this.misdeeds.readMs ?? 0, () => this.tell({ type: 'chunkRead', effect: effect.effect, bytes }));
        return;
      }
      case 'storeChunk': {
        const isRight = bytesEqual(chunkHash(mesh.crypto, effect.bytes), effect.hash);
        if (isRight && !this.diskFull) {
          const chunks = this.written.get(effect.operation) ?? new Map<number, Uint8Array>();
          this.written.set(effect.operation, chunks);
          if (chunks.has(effect.chunk)) throw new Error(`chunk ${effect.chunk} was written twice`);
          chunks.set(effect.chunk, effect.bytes.slice());
        }
        const outcome = this.diskFull ? 'failed' : isRight ? 'stored' : 'bad';
        mesh.later(1, () => this.tell({ type: 'chunkStored', effect: effect.effect, outcome }));
        return;
      }
      case 'downloadProved':
        this.proved.set(effect.operation, effect.sizeBytes);
        return;
      case 'downloadDone':
        this.done.set(effect.operation, effect.outcome);
        return;
      case 'sourceBanned':
        this.banned.push(toHex(effect.publicKey));
        return;
      default:
        // Pages are kept by the machine itself; the rest is of routing and search.
        if (effect.type !== 'downloadPage') throw new Error(`an effect that is none of transfers: ${effect.type}`);
    }
  }

  #served(root: Uint8Array): ServedFile | undefined {
    const file = this.files.get(toHex(root));
    if (file !== undefined) return { sizeBytes: this.misdeeds.saysBytes ?? file.bytes.length, held: undefined };
    const view = this.servesWhileLoading ? this.transfers.view(1) : undefined;
    if (view?.map === undefined || view.sizeBytes === undefined) return undefined;
    return { sizeBytes: view.sizeBytes, held: view.map.bitmap() };
  }

  #chunk(root: Uint8Array, chunk: number): Uint8Array | undefined {
    const file = this.files.get(toHex(root));
    if (file === undefined) return this.written.get(1)?.get(chunk);
    const start = chunk * chunkBytesOf(file.bytes.length);
    const bytes = file.bytes.slice(start, start + chunkLengthOf(file.bytes.length, chunk));
    if (this.misdeeds.lies === true) bytes[0]! ^= 1;
    return bytes;
  }

  /** What was written of a download, in order; undefined where a chunk is missing. */
  content(operation: number): Uint8Array | undefined {
    const sizeBytes = this.proved.get(operation) ?? 0;
    const chunks = this.written.get(operation) ?? new Map<number, Uint8Array>();
    const content = new Uint8Array(sizeBytes);
    for (let chunk = 0; chunk * chunkBytesOf(sizeBytes) < sizeBytes; chunk += 1) {
      const bytes = chunks.get(chunk);
      if (bytes === undefined) return undefined;
      content.set(bytes, chunk * chunkBytesOf(sizeBytes));
    }
    return content;
  }
}

export class TransferMesh {
  readonly crypto: Crypto;
  nowMs = 0;
  readonly #nodes: MeshNode[] = [];
  readonly #links = new Map<LinkId, { readonly node: MeshNode; readonly other: MeshNode; readonly line: Line }>();
  readonly #lines = new Map<string, { readonly latencyMs: number; readonly bytesPerMs: number }>();
  readonly #unreachable = new Set<MeshNode>();
  readonly #events: { readonly atMs: number; readonly run: () => void }[] = [];
  #lastLink = 0;

  constructor(crypto: Crypto) {
    this.crypto = crypto;
  }

  add(): MeshNode {
    const node = new MeshNode(this, this.#nodes.length);
    this.#nodes.push(node);
    return node;
  }

  /** How links between two nodes will be; without it 1 ms and 100 MB/s. */
  line(a: MeshNode, b: MeshNode, latencyMs: number, bytesPerSecond: number): void {
    this.#lines.set(pair(a, b), { latencyMs, bytesPerMs: bytesPerSecond / 1_000 });
  }

  setReachable(node: MeshNode, isReachable: boolean): void {
    if (isReachable) this.#unreachable.delete(node);
    else this.#unreachable.add(node);
    if (!isReachable) for (const [link, { other }] of [...this.#links]) if (other === node) this.cut(node, link);
  }

  dial(from: MeshNode, key: Uint8Array): void {
    const to = this.#nodes.find((node) => bytesEqual(node.publicKey, key));
    if (to === undefined || this.#unreachable.has(to)) return;
    const line = this.#lines.get(pair(from, to)) ?? { latencyMs: 1, bytesPerMs: 100_000 };
    this.later(line.latencyMs * 3, () => {
      if (from.links.has(toHex(key)) || this.#unreachable.has(to)) return;
      for (const [node, other] of [
        [from, to],
        [to, from],
      ] as const) {
        this.#lastLink += 1;
        const info = { link: this.#lastLink, publicKey: other.publicKey, initiator: node === from };
        node.links.set(toHex(other.publicKey), info.link);
        this.#links.set(info.link, { node, other, line: { ...line, busyUntilMs: 0, waiting: 0, congested: false } });
      }
      for (const [node, other] of [
        [from, to],
        [to, from],
      ] as const) {
        const link = node.links.get(toHex(other.publicKey))!;
        node.transfers.onPeer({ link, publicKey: other.publicKey, initiator: node === from });
        node.perform();
      }
    });
  }

  send(from: MeshNode, link: LinkId, bytes: Uint8Array): void {
    const found = this.#links.get(link);
    if (found === undefined) return;
    const { other, line } = found;
    line.waiting += bytes.length;
    if (line.waiting >= SOFT_BYTES && !line.congested) {
      line.congested = true;
      from.transfers.onCongested(link, true);
    }
    line.busyUntilMs = Math.max(this.nowMs, line.busyUntilMs) + (bytes.length + 64) / line.bytesPerMs;
    this.#at(line.busyUntilMs, () => {
      line.waiting -= bytes.length;
      if (line.congested && line.waiting <= SOFT_BYTES / 2) {
        line.congested = false;
        from.transfers.onCongested(link, false);
        from.perform();
      }
    });
    this.#at(line.busyUntilMs + line.latencyMs, () => {
      const back = other.links.get(toHex(from.publicKey));
      if (!this.#links.has(link) || back === undefined) return;
      other.transfers.onMessage(back, bytes);
      other.perform();
    });
  }

  hasRoom(link: LinkId): boolean {
    return this.#links.get(link)?.line.congested === false;
  }

  /** Ends a link on both sides. */
  cut(node: MeshNode, link: LinkId): void {
    const found = this.#links.get(link);
    if (found === undefined) return;
    for (const [id, each] of [...this.#links]) {
      const isSame = id === link || (each.node === found.other && each.other === found.node);
      if (!isSame) continue;
      this.#links.delete(id);
      each.node.links.delete(toHex(each.other.publicKey));
      this.later(0, () => {
        each.node.transfers.onPeerDown(id);
        each.node.perform();
      });
    }
  }

  /** All links of a node. */
  cutAll(node: MeshNode): void {
    for (const [link, each] of [...this.#links]) if (each.node === node) this.cut(node, link);
  }

  later(afterMs: number, run: () => void): void {
    this.#at(this.nowMs + afterMs, run);
  }

  wakeAt(node: MeshNode, atMs: number): void {
    this.#at(Math.max(this.nowMs, atMs), () => {
      const next = node.timers.next();
      if (next !== undefined && next <= this.nowMs) node.perform();
    });
  }

  /** Runs until `isOver`, or `forMs` have gone by; whether it was over. */
  run(isOver: () => boolean, forMs: number): boolean {
    const endMs = this.nowMs + forMs;
    while (!isOver()) {
      const event = this.#events.at(-1);
      if (event === undefined || event.atMs > endMs) {
        this.nowMs = endMs;
        return false;
      }
      this.#events.pop();
      this.nowMs = event.atMs;
      event.run();
    }
    return true;
  }

  #at(atMs: number, run: () => void): void {
    // The last of the list is next; of one time, the first that was asked for.
    let index = this.#events.length;
    while (index > 0 && this.#events[index - 1]!.atMs <= atMs) index -= 1;
    this.#events.splice(index, 0, { atMs, run });
  }
}

function pair(a: MeshNode, b: MeshNode): string {
  return [toHex(a.publicKey), toHex(b.publicKey)].sort().join(' ');
}
