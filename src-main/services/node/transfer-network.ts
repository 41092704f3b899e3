/**
 * Transfers between the core and the services: hands events to the node, and carries out what it wants done for files that come and
 * go. NodeService owns it and gives it the effects.
 */
import type { EffectId, NodeEvent } from '../../core/effects.ts';
import type { KnownNode, LinkId } from '../../core/ports.ts';
import type { HeldPart, ServedFile, TransferEffect, TransferRates } from '../../core/transfer/effects.ts';
import type { PageAt } from '../../core/transfer/pages.ts';
import type { DownloadView, Transfers } from '../../core/transfer/transfers.ts';
import type { UploadView } from '../../core/transfer/uploads.ts';
import { BrowseNetwork } from './browse-network.ts';

/** What is done with a file on its way here. What throws counts as a disk that failed. */
export interface DownloadHandlers {
  onProved(sizeBytes: number): void;
  onPage(at: PageAt, hashes: Uint8Array): void;
  /** Checks a chunk against its hash and writes it. */
  store(chunk: number, bytes: Uint8Array, hash: Uint8Array): Promise<'stored' | 'bad'>;
  onBanned(publicKey: Uint8Array): void;
  /** `disk`: something could not be written. */
  onDone(outcome: 'whole' | 'disk', sources: number): void;
}

export interface DownloadHandle {
  addSources(sources: readonly KnownNode[]): void;
  /** Chunks from this one on come first. */
  wantFrom(chunk: number | undefined): void;
  /** Undefined when it is over. */
  view(): DownloadView | undefined;
  /** Asks for nothing more; resolves when what was being written is. */
  stop(): Promise<void>;
}

/** Files that others may load from here. */
export interface Served {
  find(root: Uint8Array): Promise<ServedFile | undefined>;
  page(root: Uint8Array, at: PageAt): Promise<Uint8Array | undefined>;
  chunk(root: Uint8Array, chunk: number): Promise<Uint8Array | undefined>;
}

interface TransferNetworkOptions {
  readonly handle: (event: NodeEvent) => void;
  readonly view: (operation: number) => DownloadView | undefined;
  readonly transfers: () => Pick<Transfers, 'uploads' | 'receivedBytes'> | undefined;
  /** Whether a link has room for more. */
  readonly hasRoom: (link: LinkId) => boolean;
  readonly onDefect: (defect: unknown) => void;
}

interface Running {
  readonly handlers: DownloadHandlers;
  /** Chunks on their way to the disk. */
  readonly storing: Set<Promise<void>>;
}

export class TransferNetwork {
  readonly browsing: BrowseNetwork;
  readonly #options: TransferNetworkOptions;
  readonly #running = new Map<number, Running>();
  #served: Served | undefined;
  #lastOperation = 0;

  constructor(options: TransferNetworkOptions) {
    this.#options = options;
    this.browsing = new BrowseNetwork(options.handle);
  }

  download(
    root: Uint8Array,
    sources: readonly KnownNode[],
    held: HeldPart | undefined,
    handlers: DownloadHandlers,
  ): DownloadHandle {
    this.#lastOperation += 1;
    const operation = this.#lastOperation;
    const running: Running = { handlers, storing: new Set() };
    this.#running.set(operation, running);
    const { handle, view } = this.#options;
    handle({ type: 'download', operation, root, sources, held });
    return {
      addSources: (more) => handle({ type: 'downloadSources', operation, sources: more }),
      wantFrom: (chunk) => handle({ type: 'downloadFrom', operation, chunk }),
      view: () => view(operation),
      stop: async () => {
        handle({ type: 'downloadStop', operation });
        this.#running.delete(operation);
        await Promise.all(running.storing);
      },
    };
  }

  serve(served: Served): void {
    this.#served = served;
  }

  /** Upload slots in all, and of one user. */
  setUploadSlots(slots: number, ofUser: number): void {
    this.#options.handle({ type: 'uploadSlots', slots, ofUser });
  }

  /** From now on. */
  setRates(rates: TransferRates): void {
    this.#options.handle({ type: 'transferRates', ...rates });
  }

  /** Who loads from here now, who waits, and how much went out since the start. */
  uploads(): { readonly active: number; readonly waiting: number; readonly bytes: number } {
    const uploads = this.#options.transfers()?.uploads;
    return { active: uploads?.active ?? 0, waiting: uploads?.waiting ?? 0, bytes: uploads?.sentBytes ?? 0 };
  }

  /** Of chunks, since the start, whatever became of them. */
  get receivedBytes(): number {
    return this.#options.transfers()?.receivedBytes ?? 0;
  }

  /** Who has an upload slot, for what, and what it was sent in it. */
  uploadViews(): UploadView[] {
    return this.#options.transfers()?.uploads.views() ?? [];
  }

  perform(effect: TransferEffect): void {
    const { handle, hasRoom } = this.#options;
    switch (effect.type) {
      case 'downloadProved':
        this.#running.get(effect.operation)?.handlers.onProved(effect.sizeBytes);
        return;
      case 'downloadPage':
        this.#running.get(effect.operation)?.handlers.onPage(effect.at, effect.hashes);
        return;
      case 'storeChunk':
        this.#store(effect);
        return;
      case 'downloadDone': {
        const running = this.#running.get(effect.operation);
        this.#running.delete(effect.operation);
        running?.handlers.onDone(effect.outcome, effect.sources);
        return;
      }
      case 'sourceBanned':
        this.#running.get(effect.operation)?.handlers.onBanned(effect.publicKey);
        return;
      case 'findServed':
        this.#answer(this.#served?.find(effect.root), (file) => ({ type: 'servedFound', effect: effect.effect, file }));
        return;
      case 'readPage':
        this.#answer(this.#served?.page(effect.root, effect.at), (hashes) => ({
          type: 'pageRead',
          effect: effect.effect,
          hashes,
        }));
        return;
      case 'readChunk':
        this.#answer(this.#served?.chunk(effect.root, effect.chunk), (bytes) => ({
          type: 'chunkRead',
          effect: effect.effect,
          bytes,
        }));
        return;
      case 'browsed':
      case 'readShelf':
        this.browsing.perform(effect);
        return;
      case 'roomAsked':
        // Where it has none, the transport tells when it has.
        if (hasRoom(effect.link)) handle({ type: 'writable', link: effect.link });
    }
  }

  #store(effect: Extract<TransferEffect, { type: 'storeChunk' }>): void {
    const running = this.#running.get(effect.operation);
    if (running === undefined) return;
    const tell = (id: EffectId, outcome: 'stored' | 'bad' | 'failed'): void =>
      this.#options.handle({ type: 'chunkStored', effect: id, outcome });
    const storing = running.handlers
      .store(effect.chunk, effect.bytes, effect.hash)
      .then(
        (outcome) => tell(effect.effect, outcome),
        () => tell(effect.effect, 'failed'),
      )
      .finally(() => running.storing.delete(storing));
    running.storing.add(storing);
  }

  /** What cannot be read now is not there now. */
  #answer<Value>(asked: Promise<Value | undefined> | undefined, event: (value: Value | undefined) => NodeEvent): void {
    void (asked ?? Promise.resolve(undefined))
      .catch((defect: unknown) => {
        this.#options.onDefect(defect);
        return undefined;
      })
      .then((value) => this.#options.handle(event(value)));
  }
}
