/** One download from its sources to its place on the disk, as a job. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { DownloadJob, DownloadSource, Unreached } from '../../../shared/ipc/model.ts';
import { toHex } from '../../../shared/base/bytes.ts';
import type { KnownNode } from '../../core/ports.ts';
import type { PieceMap } from '../../core/transfer/piece-map.ts';
import type { DownloadView, SourceView } from '../../core/transfer/transfers.ts';
import { chunkBytesOf, chunkLengthOf } from '../../core/transfer/tree.ts';
import type { Clock } from '../jobs/clock.ts';
import type { JobHandle } from '../jobs/job-registry.ts';
import { RateEstimator } from '../jobs/rate.ts';
import { shortName } from '../node/node-status.ts';
import type { DownloadHandle, TransferNetwork } from '../node/transfer-network.ts';
import { FilePart } from './file-part.ts';
import type { FilePartOptions } from './file-part.ts';
import { piecesOf, wholePieces } from './pieces.ts';
import type { Pieces } from './pieces.ts';
import type { FinishedMedia, Media } from './playing-media.ts';

/** How often a running download is looked at for showing. */
const LOOK_MS = 250;

/** Looks for nodes that have a file; ends when nobody else can be asked now. */
export type FindSources = (root: Uint8Array, signal: AbortSignal) => AsyncIterable<readonly KnownNode[]>;

/** Sources are looked for again after this while none gives anything, doubling to the second; and after the third while some do. */
const SEARCH_AGAIN_MS = 2_000;
const MAX_SEARCH_AGAIN_MS = 10 * 60_000;
const SEARCH_WHILE_LOADING_MS = 5 * 60_000;

export interface RunDeps {
  readonly network: TransferNetwork;
  readonly clock: Clock;
  readonly findSources: FindSources;
  readonly part: Pick<FilePartOptions, 'crypto' | 'random' | 'clock' | 'platform' | 'lock' | 'storeChunk'>;
  /** A file that is being loaded can be served, and no longer. */
  readonly onServing: (root: Uint8Array, part: FilePart | undefined, view: () => DownloadView | undefined) => void;
  /** From where a job's bytes can be played now; undefined: from nowhere. */
  readonly onMedia: (job: string, media: Media | undefined) => void;
  /** The neighbour that carries the link to a node, or why none does where it cannot be reached. */
  readonly wayTo?: (publicKey: Uint8Array) => { readonly relay?: Uint8Array; readonly unreached?: Unreached };
  /** A file as it is now, to be read later only if it still is. */
  readonly finished: (path: string) => Promise<FinishedMedia | undefined>;
}

export interface RunRequest {
  readonly root: Uint8Array;
  readonly ownName: string;
  readonly directory: string;
  readonly path: string | undefined;
  readonly sources: readonly KnownNode[];
}

/** Resolves with where the file is. Throws `usage`, `busy`, `no-space`, what the disk says, and `cancelled`. */
export async function runDownload(deps: RunDeps, request: RunRequest, job: JobHandle<DownloadJob>): Promise<string> {
  const part = await FilePart.open({ ...deps.part, ...request });
  const run = new DownloadRun(deps, request, job, part);
  deps.onMedia(job.id, { kind: 'loading', part, wantFrom: (chunk) => run.wantFrom(chunk) });
  try {
    await run.whole();
    job.update({ stage: 'finishing' });
    deps.onMedia(job.id, undefined);
    const path = await part.finish();
    const file = await deps.finished(path);
    if (file !== undefined) deps.onMedia(job.id, { kind: 'finished', file });
    return path;
  } catch (thrown) {
    deps.onMedia(job.id, undefined);
    await run.stop();
    // Nothing came: nothing is left lying about.
    await (part.hasSome ? part.leave() : part.remove());
    throw thrown;
  }
}

class DownloadRun {
  readonly #deps: RunDeps;
  readonly #request: RunRequest;
  readonly #job: JobHandle<DownloadJob>;
  readonly #part: FilePart;
  readonly #rate: RateEstimator;
  #handle: DownloadHandle | undefined;
  /** The last that was seen: it goes on telling when the download is over. */
  #map: PieceMap | undefined;
  #stopLooking: (() => void) | undefined;
  #stopSearching: (() => void) | undefined;
  readonly #searching = new AbortController();
  #searches = 0;
  #searchAtMs: number | undefined;
  #keptBytes = 0;
  #wantedFrom: number | undefined;
  readonly #startedAtMs: number;
  /** When each part that is shown was here whole. */
  readonly #came: (number | null)[] = [];

  constructor(deps: RunDeps, request: RunRequest, job: JobHandle<DownloadJob>, part: FilePart) {
    this.#deps = deps;
    this.#request = request;
    this.#job = job;
    this.#part = part;
    this.#rate = new RateEstimator(deps.clock);
    this.#startedAtMs = deps.clock.monotonicMs();
  }

  /** Resolves when every chunk is stored. */
  async whole(): Promise<void> {
    const { network, onServing } = this.#deps;
    const { root, sources } = this.#request;
    const held = await this.#part.held();
    const { signal } = this.#job;
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => reject(signal.reason as Error);
      if (signal.aborted) return onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
      let failure: unknown;
      this.#handle = network.download(root, sources, held, {
        onProved: (sizeBytes) => this.#part.proved(sizeBytes),
        onPage: (at, hashes) => this.#part.page(at, hashes),
        store: async (chunk, bytes, hash) => {
          // Small files are whole before they are looked at.
          this.#map ??= this.#handle?.view()?.map;
          try {
            return await this.#part.store(chunk, bytes, hash);
          } catch (thrown) {
            failure ??= thrown;
            throw thrown;
          }
        },
        onBanned: () => this.#show(),
        onDone: (outcome, sourcesUsed) => {
          this.#job.update({ sourcesUsed });
          signal.removeEventListener('abort', onAbort);
          if (outcome === 'whole') resolve();
          else reject(failure as Error);
        },
      });
      if (this.#wantedFrom !== undefined) this.#handle.wantFrom(this.#wantedFrom);
      onServing(root, this.#part, () => this.#handle?.view());
      if (held !== undefined) this.#keptBytes = this.#heldBytes();
      this.#look();
      void this.#search();
      return undefined;
    }).finally(() => this.#end());
    const last = this.#cameOf(wholePieces(this.#map, this.#part.sizeBytes ?? 0));
    const gave = this.#job.job.sources.filter(({ bytes }) => bytes > 0);
    this.#job.update({ bytesDone: this.#part.sizeBytes ?? 0, sources: gave, ...last });
  }

  async stop(): Promise<void> {
    await this.#handle?.stop();
  }

  /** Chunks from this one on come first, as while it plays; undefined: in order again. */
  wantFrom(chunk: number | undefined): void {
    this.#wantedFrom = chunk;
    this.#handle?.wantFrom(chunk);
  }

  #end(): void {
    this.#stopLooking?.();
    this.#stopSearching?.();
    this.#searching.abort();
    this.#deps.onServing(this.#request.root, undefined, () => undefined);
  }

  #look(): void {
    this.#show();
    this.#stopLooking = this.#deps.clock.after(LOOK_MS, () => this.#look());
  }

  #heldBytes(): number {
    const view = this.#handle?.view();
    const sizeBytes = view?.sizeBytes;
    if (view?.map === undefined || sizeBytes === undefined) return 0;
    const last = view.chunks - 1;
    const short = view.map.isHeld(last) ? chunkBytesOf(sizeBytes) - chunkLengthOf(sizeBytes, last) : 0;
    return view.held * chunkBytesOf(sizeBytes) - short;
  }

  #show(): void {
    const view = this.#handle?.view();
    if (view === undefined) return;
    this.#map = view.map;
    const { clock } = this.#deps;
    const bytesDone = this.#heldBytes();
    this.#rate.note(bytesDone - this.#keptBytes);
    const isLoading = view.sources.some(({ state }) => state === 'active' || state === 'stalled');
    const isKnown = view.sources.some(({ state }) => state !== 'lacks' && state !== 'banned');
    const toWallMs = (atMs: number): number => clock.now() + (atMs - clock.monotonicMs());
    this.#job.update({
      stage: isLoading ? 'loading' : isKnown ? 'waiting' : 'finding',
      sizeBytes: view.sizeBytes,
      bytesDone,
      bytesKept: this.#keptBytes === 0 ? undefined : this.#keptBytes,
      receivedBytes: view.receivedBytes,
      ...this.#cameOf(piecesOf(view.map)),
      sourcesUsed: view.sources.filter(({ goodBytes }) => goodBytes > 0).length,
      sources: view.sources.map((source) => shownSource(source, toWallMs, this.#deps.wayTo?.(source.publicKey) ?? {})),
      searchMs: this.#searchAtMs,
      bytesPerSecond: undefined,
      secondsLeft: undefined,
      ...(view.sizeBytes === undefined ? {} : this.#rate.estimate(view.sizeBytes - bytesDone)),
    });
  }

  /** Adds when each part came. */
  #cameOf(now: Pieces): Pieces & { came: (number | null)[] } {
    const seconds = Math.round((this.#deps.clock.monotonicMs() - this.#startedAtMs) / 100) / 10;
    // What is here when it is looked at first was left by an earlier run, or came within a quarter of a second.
    const atSeconds = this.#came.length === 0 ? 0 : seconds;
    for (let piece = 0; piece < now.pieces.length; piece += 1)
      this.#came[piece] ??= now.pieces[piece] === '9' ? atSeconds : null;
    return { ...now, came: [...this.#came] };
  }

  /** Looks for sources, and again later. */
  async #search(): Promise<void> {
    const { clock, findSources } = this.#deps;
    this.#searchAtMs = undefined;
    try {
      for await (const found of findSources(this.#request.root, this.#searching.signal))
        this.#handle?.addSources(found);
    } catch (thrown) {
      // Nobody could be asked: later, as when nobody had it.
      if (!(thrown instanceof BroadsideError)) throw thrown;
    }
    if (this.#searching.signal.aborted) return;
    const isGiven = this.#handle?.view()?.sources.some(({ state }) => state === 'active') === true;
    const waitMs = isGiven
      ? SEARCH_WHILE_LOADING_MS
      : Math.min(MAX_SEARCH_AGAIN_MS, SEARCH_AGAIN_MS * 2 ** Math.min(this.#searches, 16));
    this.#searches += 1;
    this.#searchAtMs = clock.now() + waitMs;
    this.#stopSearching = clock.after(waitMs, () => void this.#search());
  }
}

function shownSource(
  source: SourceView,
  toWallMs: (atMs: number) => number,
  { relay, unreached }: ReturnType<NonNullable<RunDeps['wayTo']>>,
): DownloadSource {
  const { state, place, waiting, goodBytes, bytesPerSecond, roundTripMs, retryAtMs } = source;
  return {
    name: shortName(source.publicKey),
    publicKey: toHex(source.publicKey),
    state,
    place,
    waiting,
    bytes: goodBytes,
    ...(state === 'active' && bytesPerSecond !== undefined && { bytesPerSecond }),
    ...(roundTripMs !== undefined && { roundTripMs }),
    ...(relay !== undefined && { relay: shortName(relay) }),
    ...((state === 'away' || state === 'dialling') && unreached !== undefined && { unreached }),
    ...((state === 'away' || state === 'lacks') && { retryMs: toWallMs(retryAtMs) }),
  };
}
