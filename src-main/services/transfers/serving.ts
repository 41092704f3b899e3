/** What others load from here: files of shared folders, and files that are being loaded themselves. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { toHex } from '../../../shared/base/bytes.ts';
import type { Crypto } from '../../core/ports.ts';
import type { ServedFile } from '../../core/transfer/effects.ts';
import { pageFrom } from '../../core/transfer/pages.ts';
import type { PageAt } from '../../core/transfer/pages.ts';
import type { DownloadView } from '../../core/transfer/transfers.ts';
import { chunkBytesOf, chunkLengthOf } from '../../core/transfer/tree.ts';
import type { Clock } from '../jobs/clock.ts';
import type { Served } from '../node/transfer-network.ts';
import type { SharedPlace } from '../shares/shares.ts';
import type { FilePart } from './file-part.ts';

/** Open files, and hashes of them, that are kept for the next chunk; those least lately used are closed. */
const MAX_OPEN = 64;
/** A file that nobody asked for is closed after this: it may be about to be moved or unmounted. */
const CLOSE_AFTER_MS = 10_000;
const NO_FOLLOW = (constants.O_NOFOLLOW as number | undefined) ?? 0;

interface OpenFile {
  readonly file: FileHandle;
  readonly sizeBytes: number;
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
    if (place !== undefined) return { sizeBytes: place.sizeBytes, held: undefined };
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
    const { file, sizeBytes } = shared;
    const start = chunk * chunkBytesOf(sizeBytes);
    if (start > sizeBytes || (start === sizeBytes && sizeBytes > 0)) return undefined;
    const bytes = new Uint8Array(chunkLengthOf(sizeBytes, chunk));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
    // What was changed since it was hashed is not what was asked for; who asks would take us for a liar.
    return bytesRead === bytes.length ? bytes : undefined;
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
      this.#open.delete(key);
      if (known !== undefined) void closeFile(known);
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
      try {
        const file = await open(join(place.folderPath, ...place.path.split('/')), constants.O_RDONLY | NO_FOLLOW);
        const { size } = await file.stat();
        if (size === place.sizeBytes) {
          return { file, sizeBytes: size, place, hashes: undefined, usedAtMs: this.#deps.clock.monotonicMs() };
        }
        await file.close();
      } catch {
        // Gone or locked: the next place, or none.
      }
    }
    return undefined;
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
