import { toHex } from '../../../shared/base/bytes.ts';
import type { NodeContext } from '../effects.ts';
import { BAN_MS, MAX_BANNED, MAX_DOWNLOADS, MAX_GARBAGE_OF_LINK } from '../limits.ts';
import type { KeyPair, KnownNode, LinkId, LinkInfo } from '../ports.ts';
import type { Statistics } from '../routing/statistics.ts';
import type { Timers } from '../routing/timers.ts';
import { decodeTransferMessage, encodeTransferMessage } from '../wire/transfer-messages.ts';
import type { SourceRecord, TransferMessage } from '../wire/transfer-messages.ts';
import { Browsing } from './browsing.ts';
import { ChunkBuffers } from './chunk-buffers.ts';
import { Download } from './download.ts';
import type { DownloadParts } from './parts.ts';
import type { TransferEvent } from './effects.ts';
import { TransferPeer, TransferPeers } from './peers.ts';
import type { PieceMap } from './piece-map.ts';
import { AskingRate } from './rates.ts';
import type { Source, SourceState } from './source.ts';
import { SourceRecords } from './source-records.ts';
import { Uploads } from './uploads.ts';

/** What transfers ask of the program around the node; functions, for they change while it runs. */
export interface TransferOptions {
  /** Where others can dial this node; undefined where they cannot, as far as is known. */
  readonly address: () => { readonly host: string; readonly port: number } | undefined;
}

interface TransfersParts extends TransferOptions {
  readonly context: NodeContext;
  readonly statistics: Statistics;
  readonly timers: Timers;
  readonly links: TransferLinks;
  readonly keyPair: KeyPair;
  /** The network's id, as in hello. */
  readonly networkId: Uint8Array;
}

/** What transfers ask of links. */
export interface TransferLinks {
  /** Makes a link to a node, unless there is one. */
  dial(node: KnownNode): void;
  /** Transfers need it no more. */
  release(link: LinkId): void;
  /** Its other end is hostile. */
  drop(link: LinkId): void;
}

/** What a transfer shows of one of its sources. */
export interface SourceView {
  readonly publicKey: Uint8Array;
  readonly state: SourceState;
  readonly place: number;
  readonly waiting: number;
  readonly goodBytes: number;
  readonly bytesPerSecond: number | undefined;
  readonly roundTripMs: number | undefined;
  /** Monotonic; when it is tried again, where it is away. */
  readonly retryAtMs: number;
  /** Chunks that were asked of it and have not come. */
  readonly inFlight: readonly number[];
}

/** What a transfer shows of itself. */
export interface DownloadView {
  readonly sizeBytes: number | undefined;
  readonly chunks: number;
  readonly held: number;
  readonly map: PieceMap | undefined;
  /** What came twice and what proved wrong too. */
  readonly receivedBytes: number;
  readonly sources: readonly SourceView[];
}

/** Files that come and go straight between two nodes: the channel `transfer`. */
export class Transfers {
  readonly uploads: Uploads;
  readonly #browsing: Browsing;
  readonly #parts: TransfersParts;
  readonly #peers = new TransferPeers();
  readonly #downloads = new Map<number, Download>();
  /** Whose answer a number is. */
  readonly #ids = new Map<number, number>();
  readonly #records: SourceRecords;
  readonly #banned = new Map<string, number>();
  readonly #downloadParts: Omit<DownloadParts, 'newId' | 'onEnd'>;
  readonly #askingRate: AskingRate;
  #receivedBytes = 0;
  #lastId = 0;

  constructor(parts: TransfersParts) {
    this.#parts = parts;
    const { context, timers, links } = parts;
    const send = (link: LinkId, message: TransferMessage): void => this.#send(link, message);
    this.#records = new SourceRecords(parts);
    this.uploads = new Uploads({ context, timers, send });
    const linkOf = (key: string): LinkId | undefined => this.#peers.byKey(key)?.link;
    this.#askingRate = new AskingRate(parts, () => this.#onRoom());
    this.#browsing = new Browsing({ context, timers, send, linkOf, dial: (node) => links.dial(node) });
    this.#downloadParts = {
      context,
      timers,
      send,
      linkOf,
      dial: (node) => links.dial(node),
      isBanned: (key) => (this.#banned.get(key) ?? 0) > context.now(),
      ban: (source) => this.#ban(source),
      forget: (id) => this.#ids.delete(id),
      ownRecord: (root) => this.#records.own(root),
      inFlight: { bytes: 0 },
      buffers: new ChunkBuffers(),
      rate: this.#askingRate,
      onHeld: (root, chunk) => this.uploads.onHeld(root, chunk),
    };
  }

  tableSizes(): Readonly<Record<string, number>> {
    return {
      downloads: this.#downloads.size,
      transferIds: this.#ids.size,
      uploadUsers: this.uploads.users,
      uploadsWaiting: this.uploads.waiting,
      sourceRecords: this.#records.size,
      bannedSources: this.#banned.size,
      ...this.#browsing.tableSizes(),
    };
  }

  /** Of chunks, in all, whatever became of them. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** Undefined when it is over. */
  view(operation: number): DownloadView | undefined {
    const download = this.#downloads.get(operation);
    if (download === undefined) return undefined;
    const nowMs = this.#parts.context.now();
    return {
      sizeBytes: download.sizeBytes,
      chunks: download.map?.chunks ?? 0,
      held: download.map?.held ?? 0,
      map: download.map,
      receivedBytes: download.receivedBytes,
      sources: [...download.sources.values()].map((source) => sourceView(source, nowMs)),
    };
  }

  /** What a half-loaded file can give. */
  page(operation: number, at: { readonly level: number; readonly index: number }): Uint8Array | undefined {
    return this.#downloads.get(operation)?.pages?.page(at);
  }

  onEvent(event: TransferEvent): void {
    switch (event.type) {
      case 'download': {
        if (this.#downloads.size >= MAX_DOWNLOADS) throw new Error('more downloads than the services let begin');
        const { operation } = event;
        const ends = { newId: () => this.#newId(operation), onEnd: () => this.#end(operation) };
        const download = new Download({ ...this.#downloadParts, ...ends }, operation, event.root, event.held);
        this.#downloads.set(operation, download);
        return download.begin(event.sources);
      }
      case 'downloadSources':
        return this.#downloads.get(event.operation)?.addSources(event.sources);
      case 'downloadFrom':
        return this.#downloads.get(event.operation)?.wantFrom(event.chunk);
      case 'downloadStop': {
        this.#downloads.get(event.operation)?.stop();
        return this.#end(event.operation);
      }
      case 'chunkStored':
        for (const download of this.#downloads.values())
          if (download.onStored(event.effect, event.outcome)) return undefined;
        return undefined;
      case 'uploadSlots':
        return this.uploads.setSlots(event.slots, event.ofUser);
      case 'transferRates':
        this.uploads.setRates(event.upBytesPerSecond, event.userUpBytesPerSecond);
        return this.#askingRate.set(event.downBytesPerSecond);
      case 'browse':
        return this.#browsing.ask(event.operation, event.node, event.question);
      case 'browseStop':
        return this.#browsing.stop(event.operation);
      case 'shelfRead':
        return this.#browsing.onRead(event.effect, event.shelf);
      case 'servedFound':
        return this.uploads.onFound(event.effect, event.file);
      case 'pageRead':
        return this.uploads.onPageRead(event.effect, event.hashes);
      case 'chunkRead':
        return this.uploads.onChunkRead(event.effect, event.bytes);
    }
  }

  /** A link is ready: who is a source is asked. */
  onPeer(info: LinkInfo): void {
    const peer = new TransferPeer(info);
    this.#peers.add(peer);
    for (const download of this.#downloads.values()) download.onLink(peer.key);
    this.#browsing.onPeer(peer);
  }

  onPeerDown(link: LinkId): void {
    this.#peers.remove(link);
    this.uploads.onLinkDown(link);
    this.#browsing.onPeerDown(link);
    for (const download of [...this.#downloads.values()]) download.onLinkDown(link);
  }

  /** Whether a link is needed by transfers. */
  holds(link: LinkId): boolean {
    const peer = this.#peers.get(link);
    if (peer === undefined) return false;
    if (this.uploads.holds(peer.key) || this.#browsing.holds(peer.key)) return true;
    return [...this.#downloads.values()].some((download) => download.holds(peer.key));
  }

  onCongested(link: LinkId, isCongested: boolean): void {
    const peer = this.#peers.get(link);
    if (peer === undefined) return;
    peer.congested = isCongested;
    if (!isCongested) this.uploads.onWritable(link);
  }

  hasRoom(link: LinkId): boolean {
    return this.#peers.get(link)?.congested === false;
  }

  onMessage(link: LinkId, bytes: Uint8Array): void {
    const peer = this.#peers.get(link);
    if (peer === undefined || this.#take(peer, bytes)) return;
    peer.garbage += 1;
    this.#parts.statistics.garbage += 1;
    if (peer.garbage >= MAX_GARBAGE_OF_LINK) this.#parts.links.drop(link);
  }

  /** False: garbage. */
  #take(peer: TransferPeer, bytes: Uint8Array): boolean {
    const decoded = decodeTransferMessage(bytes);
    if (!decoded.ok) return false;
    const message = decoded.value;
    switch (message.type) {
      case 'ask':
        return this.uploads.onAsk(peer, message.root);
      case 'page':
        return this.uploads.onPage(peer, message);
      case 'fetch':
        return this.uploads.onFetch(peer, message);
      case 'cancel':
        this.uploads.onCancel(peer, message.id);
        return true;
      case 'hashes':
      case 'part':
      case 'refuse':
        this.#onAnswer(peer, message);
        return true;
      case 'sourcesAsked': {
        const { root } = message;
        this.#send(peer.link, { type: 'sources', root, sources: this.#records.told(root, peer.key) });
        return true;
      }
      case 'sources':
        return this.#onSources(peer, message.root, message.sources);
      case 'browse':
        return this.#browsing.onBrowse(peer, message);
      case 'shelf':
        return this.#browsing.onShelf(peer, message);
      case 'over':
        this.uploads.onOver(peer, message.root);
        this.#ofSource(peer, message.root, (download, source) => download.onOver(source));
        return true;
      default:
        this.#ofSource(peer, message.root, (download, source) => {
          if (message.type === 'offer') download.onOffer(source, message.sizeBytes, message.held);
          else if (message.type === 'lack') download.onLack(source);
          else if (message.type === 'place') download.onPlace(source, message.place, message.waiting);
          else if (message.type === 'go') download.onGo(source);
          else if (message.type === 'have') download.onHave(source, message.chunks);
        });
        return true;
    }
  }

  /** From a source: who else has it. From one that loads from here: that it has some of it itself. */
  #onSources(peer: TransferPeer, root: Uint8Array, sources: readonly SourceRecord[]): boolean {
    const nodes = this.#records.accept(root, sources);
    if (nodes === undefined) return false;
    // Those who load from here too need not wait until they ask again.
    if (nodes.length > 0) {
      for (const other of this.uploads.askersOf(root)) {
        if (other.link !== peer.link) this.#send(other.link, { type: 'sources', root, sources });
      }
    }
    const name = toHex(root);
    for (const download of this.#downloads.values()) {
      if (download.name === name && download.sources.has(peer.key)) download.addSources(nodes);
    }
    return true;
  }

  /** What was cancelled may still come: an answer that nobody waits for is no breach. */
  #onAnswer(peer: TransferPeer, message: Extract<TransferMessage, { type: 'hashes' | 'part' | 'refuse' }>): void {
    if (message.type === 'part') this.#receivedBytes += message.bytes.length;
    const download = this.#downloads.get(this.#ids.get(message.id) ?? -1);
    const source = download?.sources.get(peer.key);
    if (download === undefined || source === undefined) return;
    if (message.type === 'part') download.onPart(source, message.id, message.offset, message.bytes);
    else if (message.type === 'hashes') download.onHashes(source, message.id, message.hashes);
    else download.onRefuse(source, message.id);
  }

  /** What was stopped meanwhile is nobody's. */
  #ofSource(peer: TransferPeer, root: Uint8Array, run: (download: Download, source: Source) => void): void {
    const name = toHex(root);
    for (const download of this.#downloads.values()) {
      const source = download.name === name ? download.sources.get(peer.key) : undefined;
      if (source?.link === peer.link && source.state !== 'banned') return run(download, source);
    }
    return undefined;
  }

  /** The limit allows more: each time another download has the first turn. */
  #onRoom(): void {
    const first = this.#downloads.entries().next().value;
    if (first === undefined) return;
    this.#downloads.delete(first[0]);
    this.#downloads.set(...first);
    for (const download of [...this.#downloads.values()]) download.onRoom();
  }

  #newId(operation: number): number {
    this.#lastId = (this.#lastId + 1) >>> 0;
    this.#ids.set(this.#lastId, operation);
    return this.#lastId;
  }

  #end(operation: number): void {
    const download = this.#downloads.get(operation);
    this.#downloads.delete(operation);
    if (this.#downloads.size === 0) this.#downloadParts.buffers.clear();
    if (download !== undefined) this.#release(download);
  }

  /** Links that were made for it, and that nothing else needs. */
  #release(download: Download): void {
    for (const { link } of download.sources.values()) {
      if (link !== undefined && !this.holds(link)) this.#parts.links.release(link);
    }
  }

  #send(link: LinkId, message: TransferMessage): void {
    const bytes = encodeTransferMessage(message);
    this.#parts.context.emit({ type: 'send', link, channel: 'transfer', bytes });
  }

  #ban(source: Source): void {
    const { context, links } = this.#parts;
    if (this.#banned.size >= MAX_BANNED) this.#banned.delete(this.#banned.keys().next().value!);
    this.#banned.set(source.key, context.now() + BAN_MS);
    const peer = this.#peers.byKey(source.key);
    if (peer !== undefined) links.drop(peer.link);
  }
}

function sourceView(source: Source, nowMs: number): SourceView {
  return {
    publicKey: source.node.publicKey,
    state: source.state,
    place: source.place,
    waiting: source.waiting,
    goodBytes: source.goodBytes,
    bytesPerSecond: source.delivery.bytesPerSecond(nowMs),
    roundTripMs: source.delivery.roundTripMs(nowMs),
    retryAtMs: source.retryAtMs,
    inFlight: [...source.fetches.values()].map((fetch) => fetch.chunk),
  };
}
