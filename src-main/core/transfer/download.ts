import { toHex } from '../../../shared/base/bytes.ts';
import type { EffectId } from '../effects.ts';
import { MAX_IN_FLIGHT_BYTES, MAX_RETRY_MS, RETRY_MS } from '../limits.ts';
import type { KnownNode, LinkId } from '../ports.ts';
import { askersOf, nextChunk, windowBytes } from './choice.ts';
import type { Sources } from './choice.ts';
import type { HeldPart } from './effects.ts';
import type { DownloadParts } from './parts.ts';
import { PageAsks } from './page-asks.ts';
import { HashPages } from './pages.ts';
import { PieceMap } from './piece-map.ts';
import type { Fetch, Source } from './source.ts';
import { SourceKeeper } from './source-keeper.ts';
import { chunkLengthOf } from './tree.ts';

/** One file on its way here, from as many sources as have it (docs/spec/transfers.md, "What a downloader does"). */
export class Download {
  readonly operation: number;
  readonly root: Uint8Array;
  /** The root in hexadecimal digits. */
  readonly name: string;
  readonly #keeper: SourceKeeper;
  readonly #parts: DownloadParts;
  #sizeBytes: number | undefined;
  #pages: HashPages | undefined;
  #map: PieceMap | undefined;
  readonly #pageAsks: PageAsks;
  /** Whole chunks whose hash is not here yet. */
  readonly #parked: { readonly source: Source; readonly fetch: Fetch }[] = [];
  readonly #storing = new Map<
    EffectId,
    { readonly chunk: number; readonly source: Source; readonly bytes: Uint8Array }
  >();
  /** Who told the size, while it is not proved. */
  #hintFrom: Source | undefined;
  #ended = false;
  #receivedBytes = 0;

  constructor(parts: DownloadParts, operation: number, root: Uint8Array, held: HeldPart | undefined) {
    this.#parts = parts;
    this.#pageAsks = new PageAsks(parts.forget);
    this.#keeper = new SourceKeeper({
      shared: parts,
      operation,
      root,
      hasSome: () => (this.#map?.held ?? 0) > 0,
      owes: (source) => source.fetches.size > 0 || this.#pageAsks.owes(source),
      takeBack: (source, tell) => this.#takeBack(source, tell),
      onGone: (source) => this.#onGone(source),
      onStalled: (source) => this.#onStalled(source),
    });
    this.operation = operation;
    this.root = root;
    this.name = toHex(root);
    if (held === undefined) return;
    const pages = new HashPages(parts.context.crypto, root, held.sizeBytes);
    for (const { at, hashes } of held.pages) pages.accept(at, hashes);
    if (!pages.isProved) return;
    this.#pages = pages;
    this.#sizeBytes = held.sizeBytes;
    this.#map = new PieceMap(pages.chunks, held.bitmap);
  }

  /** Proved; undefined before. */
  get sizeBytes(): number | undefined {
    return this.#map === undefined ? undefined : this.#sizeBytes;
  }

  get map(): PieceMap | undefined {
    return this.#map;
  }

  get pages(): HashPages | undefined {
    return this.#map === undefined ? undefined : this.#pages;
  }

  /** All that came of it, what came twice and what proved wrong too. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** The limit allows more. */
  onRoom(): void {
    this.#pumpAll();
  }

  /** Nothing is left to do where all was held before. */
  begin(sources: readonly KnownNode[]): void {
    if (this.#map?.isWhole === true) this.#end('whole');
    else this.addSources(sources);
  }

  get sources(): Sources {
    return this.#keeper.sources;
  }

  addSources(nodes: readonly KnownNode[]): void {
    this.#keeper.add(nodes);
  }

  wantFrom(chunk: number | undefined): void {
    this.#map?.wantFrom(chunk);
  }

  /** Takes back what is asked; nothing is heard of it any more. */
  stop(): void {
    this.#ended = true;
    this.#keeper.end();
    this.#pageAsks.drop();
  }

  /** A link to this node is needed. */
  holds(key: string): boolean {
    const state = this.sources.get(key)?.state;
    return state !== undefined && state !== 'lacks' && state !== 'banned' && state !== 'away';
  }

  /** A link to a node is ready. */
  onLink(key: string): void {
    this.#keeper.onLink(key);
  }

  onLinkDown(link: LinkId): void {
    for (const source of this.sources.values()) if (source.link === link) this.#keeper.lose(source, RETRY_MS);
  }

  onOffer(source: Source, sizeBytes: number, held: Uint8Array | undefined): void {
    this.#parts.timers.cancel(source.timer);
    source.failures = 0;
    source.delivery.roundTrip(this.#parts.context.now() - source.askedAtMs, this.#parts.context.now());
    if (this.#map !== undefined && sizeBytes !== this.#sizeBytes) return this.#keeper.ban(source);
    source.offers(held);
    if (source.state === 'asked') source.state = 'queued';
    if (this.#pages === undefined) {
      this.#pages = new HashPages(this.#parts.context.crypto, this.root, sizeBytes);
      this.#sizeBytes = sizeBytes;
      this.#hintFrom = source;
    }
    this.#keeper.askForOthers(source);
    // One that says another size is asked again when this one was proved wrong.
    if (sizeBytes === this.#sizeBytes) this.#askPages(source, 0);
    return undefined;
  }

  onLack(source: Source): void {
    this.#keeper.lose(source, MAX_RETRY_MS);
    source.state = 'lacks';
  }

  onPlace(source: Source, place: number, waiting: number): void {
    this.#takeBack(source, true);
    source.state = 'queued';
    [source.place, source.waiting] = [place, waiting];
    this.#parts.timers.cancel(source.timer);
    this.#pumpAll();
  }

  onGo(source: Source): void {
    source.state = 'active';
    [source.place, source.waiting] = [0, 0];
    this.#pump(source);
  }

  /** The slot was taken back, or the file is not served any more. */
  onOver(source: Source): void {
    if (source.link !== undefined && (source.isGiving || source.state === 'queued'))
      this.#keeper.lose(source, RETRY_MS);
  }

  onHave(source: Source, chunks: readonly number[]): void {
    if (this.#pages === undefined) return;
    source.gained(chunks, this.#pages.chunks);
    this.#pump(source);
  }

  onHashes(source: Source, id: number, hashes: Uint8Array): void {
    const at = this.#pageAsks.take(id, source);
    if (at === undefined || this.#pages === undefined) return;
    if (!this.#pages.accept(at, hashes)) return this.#keeper.ban(source);
    const { context } = this.#parts;
    if (this.#map === undefined) {
      this.#map = new PieceMap(this.#pages.chunks);
      // What is asked for on the hint.
      for (const other of this.sources.values())
        for (const fetch of other.fetches.values()) this.#map.toAsked(fetch.chunk);
      for (const { fetch } of this.#parked) this.#map.toAsked(fetch.chunk);
      context.emit({ type: 'downloadProved', operation: this.operation, sizeBytes: this.#sizeBytes! });
    }
    context.emit({ type: 'downloadPage', operation: this.operation, at, hashes });
    for (const parked of this.#parked.splice(0)) this.#onChunk(parked.source, parked.fetch);
    this.#pumpAll();
    return undefined;
  }

  onPart(source: Source, id: number, offset: number, bytes: Uint8Array): void {
    const { context } = this.#parts;
    const nowMs = context.now();
    this.#receivedBytes += bytes.length;
    const fetch = source.fetches.get(id);
    if (fetch === undefined) return;
    if (offset !== fetch.arrivedBytes || bytes.length === 0 || offset + bytes.length > fetch.lengthBytes) {
      // An empty file has one empty chunk.
      if (!(fetch.lengthBytes === 0 && offset === 0 && bytes.length === 0)) return this.#keeper.ban(source);
    }
    if (offset === 0 && fetch.sent.wasIdle) source.delivery.roundTrip(nowMs - fetch.sent.atMs, nowMs);
    fetch.bytes ??= this.#parts.buffers.take(fetch.lengthBytes);
    fetch.bytes.set(bytes, offset);
    fetch.arrivedBytes += bytes.length;
    source.delivery.arrived(bytes.length, nowMs);
    if (source.state === 'stalled') source.state = 'active';
    if (fetch.arrivedBytes === fetch.lengthBytes) {
      this.#take(source, id);
      source.delivery.completed(fetch.sent, nowMs);
      this.#onChunk(source, fetch);
      this.#pump(source);
    }
    this.#keeper.watch(source, true);
    return undefined;
  }

  /** It has no slot for us, or not this chunk, or cannot read it now. */
  onRefuse(source: Source, id: number): void {
    if (this.#pageAsks.take(id, source) === undefined && source.fetches.has(id)) {
      this.#giveBack(source, id);
      this.#keeper.lose(source, RETRY_MS);
    }
    this.#pumpAll();
  }

  /** False: not of this download. */
  onStored(effect: EffectId, outcome: 'stored' | 'bad' | 'failed'): boolean {
    const storing = this.#storing.get(effect);
    if (storing === undefined || this.#map === undefined) return false;
    this.#storing.delete(effect);
    this.#parts.inFlight.bytes -= storing.bytes.length;
    this.#parts.buffers.give(storing.bytes);
    if (this.#ended) return true;
    if (outcome === 'failed') {
      this.#map.toMissing(storing.chunk);
      this.#end('disk');
    } else if (outcome === 'bad') {
      this.#map.toMissing(storing.chunk);
      this.#keeper.ban(storing.source);
    } else {
      this.#map.toHeld(storing.chunk);
      this.#map.givers.note(storing.chunk, storing.source.node.publicKey, storing.bytes.length);
      storing.source.goodBytes += storing.bytes.length;
      this.#keeper.askForOthers(storing.source);
      this.#parts.onHeld(this.root, storing.chunk);
      if (this.#map.isWhole) this.#end('whole');
      else this.#pump(storing.source);
    }
    return true;
  }

  /** Others go on with what it had; a size that only it told is no hint any more. */
  #onGone(source: Source): void {
    if (this.#map === undefined && this.#hintFrom === source) this.#forgetHint();
    this.#pumpAll();
  }

  #onStalled(source: Source): void {
    for (const other of this.sources.values()) if (other !== source) this.#pump(other);
    this.#pump(source);
  }

  /** A size that was not proved: the next who offers says another. */
  #forgetHint(): void {
    this.#pages = undefined;
    this.#sizeBytes = undefined;
    this.#hintFrom = undefined;
    for (const { fetch } of this.#parked.splice(0)) this.#parts.inFlight.bytes -= fetch.lengthBytes;
    for (const source of this.sources.values()) {
      this.#takeBack(source, true);
      if (source.link !== undefined && source.state !== 'banned') this.#keeper.try(source);
    }
  }

  #pumpAll(): void {
    for (const source of this.sources.values()) this.#pump(source);
  }

  /** Asks a source for as much as it may have in flight. */
  #pump(source: Source): void {
    const { context, inFlight } = this.#parts;
    while (source.isGiving && source.link !== undefined && this.#pages !== undefined && !this.#ended) {
      const chunkBytes = chunkLengthOf(this.#sizeBytes!, 0);
      const room = windowBytes(source, chunkBytes, context.now()) - source.inFlightBytes;
      // One that is stalled gets one chunk, to show that it lives.
      if (source.fetches.size > 0 && source.state === 'stalled') break;
      if (source.fetches.size > 0 && (room <= 0 || inFlight.bytes >= MAX_IN_FLIGHT_BYTES)) break;
      const chunk = this.#next(source, chunkBytes);
      if (chunk === undefined || !this.#parts.rate.allows()) break;
      this.#fetch(source, chunk);
      if (this.#map === undefined) break;
    }
    this.#keeper.watch(source, false);
  }

  #next(source: Source, chunkBytes: number): number | undefined {
    if (this.#map !== undefined) {
      const { now, random } = this.#parts.context;
      return nextChunk({ map: this.#map, sources: this.sources, chunkBytes, nowMs: now(), random }, source);
    }
    // On a hint one chunk is asked for, so that it comes right after the page that proves it.
    const isAsked = this.#parked.length > 0 || [...this.sources.values()].some((each) => each.fetches.size > 0);
    return isAsked || !source.has(0) ? undefined : 0;
  }

  #fetch(source: Source, chunk: number): void {
    const { context, send, newId, inFlight } = this.#parts;
    const lengthBytes = chunkLengthOf(this.#sizeBytes!, chunk);
    const sent = source.delivery.sent(context.now(), source.inFlightBytes);
    const id = newId();
    source.add({ id, chunk, sent, lengthBytes, bytes: undefined, arrivedBytes: 0 });
    inFlight.bytes += lengthBytes;
    this.#parts.rate.asked(lengthBytes);
    this.#map?.toAsked(chunk);
    this.#askPages(source, chunk);
    send(source.link!, { type: 'fetch', id, root: this.root, chunk });
  }

  /** The pages that are missing for a chunk come from who gives it, one after the other. */
  #askPages(source: Source, chunk: number): void {
    if (source.link === undefined || this.#pages === undefined) return;
    const at = this.#pageAsks.neededFor(this.#pages, chunk);
    if (at === undefined) return;
    const id = this.#parts.newId();
    this.#pageAsks.add(id, at, source);
    this.#parts.send(source.link, { type: 'page', id, root: this.root, ...at });
    this.#keeper.watch(source, false);
  }

  /** A chunk came whole. */
  #onChunk(source: Source, fetch: Fetch): void {
    const { context } = this.#parts;
    const hash = this.#pages?.hashOf(fetch.chunk);
    if (hash === undefined) {
      this.#parked.push({ source, fetch });
      this.#askPages(source, fetch.chunk);
      return;
    }
    for (const other of this.sources.values()) {
      for (const rival of [...other.fetches.values()]) {
        if (rival.chunk !== fetch.chunk) continue;
        this.#take(other, rival.id);
        this.#parts.inFlight.bytes -= rival.lengthBytes;
        this.#parts.rate.giveBack(rival.lengthBytes - rival.arrivedBytes);
        if (other.link !== undefined) this.#parts.send(other.link, { type: 'cancel', id: rival.id });
      }
    }
    if (this.#map!.isHeld(fetch.chunk)) {
      this.#parts.inFlight.bytes -= fetch.lengthBytes;
      return;
    }
    this.#map!.toStoring(fetch.chunk);
    const effect = context.nextEffect();
    const bytes = fetch.bytes ?? new Uint8Array(0);
    this.#storing.set(effect, { chunk: fetch.chunk, source, bytes });
    context.emit({
      type: 'storeChunk',
      effect,
      operation: this.operation,
      chunk: fetch.chunk,
      bytes,
      hash,
    });
  }

  #take(source: Source, id: number): Fetch | undefined {
    this.#parts.forget(id);
    return source.take(id);
  }

  /** It will not come from there: it is missing again, unless another is asked for it too. */
  #giveBack(source: Source, id: number): void {
    const fetch = this.#take(source, id);
    if (fetch === undefined) return;
    this.#parts.inFlight.bytes -= fetch.lengthBytes;
    this.#parts.rate.giveBack(fetch.lengthBytes - fetch.arrivedBytes);
    if (this.#map?.isAsked(fetch.chunk) === true && askersOf(this.sources, fetch.chunk) === 0)
      this.#map.toMissing(fetch.chunk);
  }

  #takeBack(source: Source, tell: boolean): void {
    for (const id of [...source.fetches.keys()]) {
      if (tell && source.link !== undefined) this.#parts.send(source.link, { type: 'cancel', id });
      this.#giveBack(source, id);
    }
    this.#pageAsks.drop(source);
  }

  #end(outcome: 'whole' | 'disk'): void {
    this.stop();
    const sources = [...this.sources.values()].filter(({ goodBytes }) => goodBytes > 0).length;
    this.#parts.context.emit({ type: 'downloadDone', operation: this.operation, outcome, sources });
    this.#parts.onEnd();
  }
}
