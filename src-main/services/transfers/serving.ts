/** What others load from here: files of shared folders, and files that are being loaded themselves. */
import { toHex } from '../../../shared/base/bytes.ts';
import type { Crypto, Stamp } from '../../core/ports.ts';
import type { ServedFile } from '../../core/transfer/effects.ts';
import { pageFrom } from '../../core/transfer/pages.ts';
import type { PageAt } from '../../core/transfer/pages.ts';
import type { DownloadView } from '../../core/transfer/transfers.ts';
import { chunkBytesOf, chunkCountOf, chunkLengthOf } from '../../core/transfer/tree.ts';
import type { Clock } from '../jobs/clock.ts';
import type { Served } from '../node/transfer-network.ts';
import type { SharedPlace } from '../shares/shares.ts';
import type { FilePart } from './file-part.ts';

/** Open files, and hashes of them, that are kept for the next chunk; those least lately used are closed. */
const MAX_OPEN = 64;
/** A file that nobody asked for is closed after this: it may be about to be moved or unmounted. */
const CLOSE_AFTER_MS = 10_000;

/** A file of a shared folder; workers/hashing/open-shared.ts fits. */
interface SharedFile {
  /** Undefined when the file is not as it was hashed any more. */
  read(offset: number, length: number): Promise<Uint8Array | undefined>;
  close(): Promise<void>;
}

export type OpenShared = (root: string, path: string, stamp: Stamp) => Promise<SharedFile | undefined>;

interface OpenFile {
  readonly file: SharedFile;
  readonly place: SharedPlace;
  hashes: Promise<Uint8Array | undefined> | undefined;
  usedAtMs: number;
}

interface Loading {
  readonly part: FilePart;
  readonly view: () => DownloadView | undefined;
}

interface ServingDeps {
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly find: (root: Uint8Array) => readonly SharedPlace[];
  readonly openShared: OpenShared;
}

export class Serving implements Served {
  readonly #deps: ServingDeps;
  readonly #open = new Map<string, Promise<OpenFile | undefined>>();
  readonly #loading = new Map<string, Loading>();
  #stopSweeping: (() => void) | undefined;
  #closed = false;

  constructor(deps: ServingDeps) {
    this.#deps = deps;
  }

  /** A file that is being loaded, until `part` is undefined. */
  setLoading(root: Uint8Array, part: FilePart | undefined, view: () => DownloadView | undefined): void {
    if (part === undefined) this.#loading.delete(toHex(root));
    else this.#loading.set(toHex(root), { part, view });
  }

  async find(root: Uint8Array): Promise<ServedFile | undefined> {
    const [place] = this.#deps.find(root);
    if (place !== undefined) return { sizeBytes: place.stamp.sizeBytes, held: undefined };
    const view = this.#loading.get(toHex(root))?.view();
    if (view?.map === undefined || view.sizeBytes === undefined || view.held === 0) return undefined;
    return { sizeBytes: view.sizeBytes, held: view.map.bitmap() };
  }

  async page(root: Uint8Array, at: PageAt): Promise<Uint8Array | undefined> {
    const shared = await this.#file(root);
    if (shared === undefined) return this.#loading.get(toHex(root))?.part.readPage(at);
    shared.hashes ??= shared.place.hashes();
    const hashes = await shared.hashes;
    return hashes === undefined ? undefined : pageFrom(this.#deps.crypto, hashes, at);
  }

  async chunk(root: Uint8Array, chunk: number): Promise<Uint8Array | undefined> {
    const shared = await this.#file(root);
    if (shared === undefined) {
      const loading = this.#loading.get(toHex(root));
      return loading?.view()?.map?.isHeld(chunk) === true ? loading.part.readChunk(chunk) : undefined;
    }
    const { sizeBytes } = shared.place.stamp;
    if (chunk >= chunkCountOf(sizeBytes)) return undefined;
    const bytes = await shared.file.read(chunk * chunkBytesOf(sizeBytes), chunkLengthOf(sizeBytes, chunk));
    if (bytes === undefined) this.#forget(toHex(root));
    return bytes;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stopSweeping?.();
    for (const opened of this.#open.values()) await closeFile(opened);
    this.#open.clear();
  }

  /** The file of a shared folder, if it is still offered and as it was hashed. */
  async #file(root: Uint8Array): Promise<OpenFile | undefined> {
    const key = toHex(root);
    const places = this.#deps.find(root);
    const known = this.#open.get(key);
    if (places.length === 0 || this.#closed) {
      this.#forget(key);
      return undefined;
    }
    const opened = known ?? this.#openFirst(places);
    this.#open.delete(key);
    this.#open.set(key, opened);
    const file = await opened;
    if (file === undefined) this.#open.delete(key);
    else file.usedAtMs = this.#deps.clock.monotonicMs();
    this.#sweepLater();
    return file;
  }

  async #openFirst(places: readonly SharedPlace[]): Promise<OpenFile | undefined> {
    for (const place of places) {
      const file = await this.#deps.openShared(place.folderPath, place.path, place.stamp);
      if (file !== undefined) return { file, place, hashes: undefined, usedAtMs: this.#deps.clock.monotonicMs() };
    }
    return undefined;
  }

  /** It is not what it was: opened anew, or elsewhere, when it is asked for again. */
  #forget(key: string): void {
    const known = this.#open.get(key);
    this.#open.delete(key);
    if (known !== undefined) void closeFile(known);
  }

  #sweepLater(): void {
    if (this.#closed) return;
    this.#stopSweeping ??= this.#deps.clock.after(CLOSE_AFTER_MS, () => {
      this.#stopSweeping = undefined;
      void this.#sweep();
    });
  }

  async #sweep(): Promise<void> {
    const nowMs = this.#deps.clock.monotonicMs();
    for (const [key, opened] of [...this.#open]) {
      const file = await opened;
      const isOld = file === undefined || nowMs - file.usedAtMs >= CLOSE_AFTER_MS || this.#open.size > MAX_OPEN;
      if (!isOld) continue;
      this.#open.delete(key);
      await file?.file.close();
    }
    if (this.#open.size > 0) this.#sweepLater();
  }
}

async function closeFile(opened: Promise<OpenFile | undefined>): Promise<void> {
  await (await opened)?.file.close().catch(() => undefined);
}
