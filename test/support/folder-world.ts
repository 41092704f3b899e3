/** A user that shares files, and a network that brings them at once, for folders that are loaded to a real disk. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { toHex } from '../../shared/base/bytes.ts';
import type { BroadsideError } from '../../shared/base/errors.ts';
import type { FolderJob, Job } from '../../shared/ipc/model.ts';
import type { LibraryRow } from '../../src-main/core/ports.ts';
import type { ShelfFile } from '../../src-main/core/transfer/shelves.ts';
import { chunkCountOf, chunkLengthOf, HASH_BYTES, MIN_CHUNK_BYTES } from '../../src-main/core/transfer/tree.ts';
import { systemClock } from '../../src-main/services/jobs/clock.ts';
import { JobRegistry } from '../../src-main/services/jobs/job-registry.ts';
import type { DownloadHandlers, TransferNetwork } from '../../src-main/services/node/transfer-network.ts';
import { DownloadQueue } from '../../src-main/services/transfers/download-queue.ts';
import { Folders } from '../../src-main/services/transfers/folders.ts';
import { lockDataDirectory } from '../../src-main/storage/files/data-lock.ts';
import { Playing } from '../../src-main/services/transfers/playing.ts';
import type { Play } from '../../src-main/services/transfers/playing.ts';
import { stampedFile } from '../../src-main/workers/hashing/open-shared.ts';
import { createSodiumCrypto } from '../../src-main/workers/sodium/crypto.ts';
import { createSystemRandom } from '../../src-main/workers/sodium/random.ts';
import { MemoryLibraryStore } from './memory-stores.ts';
import { meshFile } from './transfer-mesh.ts';
import type { MeshFile } from './transfer-mesh.ts';

const crypto = createSodiumCrypto();
export const USER = 'ab'.repeat(32);

/** A user that shares files, and a network that brings them at once: verified and written as any. */
export class FolderWorld {
  readonly directory: string;
  readonly files = new Map<string, MeshFile>();
  readonly shelf: ShelfFile[] = [];
  readonly store: MemoryLibraryStore;
  readonly jobs: JobRegistry;
  readonly defects: unknown[] = [];
  /** Roots that nobody gives. */
  readonly missing = new Set<string>();
  loads = 0;
  /** Names of files in the order in which they were asked for, and what of them was wanted first. */
  readonly begun: string[] = [];
  readonly wanted: (number | undefined)[] = [];
  /** Files that are played, and their players. */
  readonly playing: Playing;
  readonly plays = new Map<string, Play>();
  readonly #asked = new Map<string, DownloadHandlers>();
  platform = 'linux';
  listProblem: BroadsideError | undefined;
  folders!: Folders;
  #seen: (job: Job) => void = () => {};
  #seed = 0;

  /** `store`: what an earlier run of the node left. */
  constructor(directory: string, store = new MemoryLibraryStore()) {
    this.directory = directory;
    this.store = store;
    let count = 0;
    this.jobs = new JobRegistry({
      clock: systemClock,
      newId: () => `job ${(count += 1)}`,
      onJob: (job) => this.#seen(job),
      onGone: (job) => this.folders.gone(job),
      onDefect: (thrown) => this.defects.push(thrown),
    });
    this.playing = new Playing({
      ...{ crypto, clock: systemClock, tell: () => undefined },
      newId: () => `play ${this.plays.size + 1}`,
      origins: {
        open: (id, play) => {
          this.plays.set(id, play);
          return `http://${id}/`;
        },
        close: (id) => void this.plays.delete(id),
      },
    });
  }

  share(folder: string, name: string, sizeBytes = 100): MeshFile {
    this.#seed += 1;
    const file = meshFile(crypto, sizeBytes, this.#seed);
    this.files.set(toHex(file.root), file);
    this.shelf.push({ kind: 'file', root: file.root, folder, name, sizeBytes, day: 1 });
    return file;
  }

  async open(): Promise<void> {
    const rows: LibraryRow[] = await this.store.list();
    const network = { download: this.#download.bind(this) } as unknown as TransferNetwork;
    this.folders = new Folders(
      {
        ...{ network, clock: systemClock, jobs: this.jobs, libraryStore: this.store },
        part: {
          crypto,
          random: createSystemRandom(),
          clock: systemClock,
          platform: this.platform,
          lock: lockDataDirectory,
        },
        findSources: async function* () {},
        onServing: () => undefined,
        onMedia: (job, media) => this.playing.setMedia(job, media),
        finished: (path) => stampedFile(path),
        onResumed: (job, next) => this.playing.moved(job, next),
        queue: new DownloadQueue({ clock: systemClock, most: () => 8 }),
        list: this.#list.bind(this),
        onDefect: (thrown) => this.defects.push(thrown),
      },
      rows,
    );
  }

  async *#list(): AsyncGenerator<readonly ShelfFile[]> {
    if (this.listProblem !== undefined) throw this.listProblem;
    yield this.shelf;
  }

  #download(root: Uint8Array, _sources: unknown, _held: unknown, handlers: DownloadHandlers): unknown {
    const handle = {
      addSources() {},
      wantFrom: (chunk: number | undefined) => this.wanted.push(chunk),
      view: () => undefined,
      stop: () => Promise.resolve(),
    };
    const key = toHex(root);
    const file = this.files.get(key);
    if (file === undefined) return handle;
    this.begun.push(this.shelf.find((entry) => toHex(entry.root) === key)!.name);
    this.#asked.set(key, handlers);
    if (this.missing.has(key)) return handle;
    this.loads += 1;
    this.give(file).catch((thrown: unknown) => this.defects.push(thrown));
    return handle;
  }

  /** Somebody gives it now: all of it, or its first chunks. */
  async give({ root, bytes, hashes }: MeshFile, chunks = chunkCountOf(bytes.length)): Promise<void> {
    const handlers = this.#asked.get(toHex(root))!;
    const sizeBytes = bytes.length;
    handlers.onProved(sizeBytes);
    handlers.onPage({ level: 0, index: 0 }, hashes);
    for (let chunk = 0; chunk < chunks; chunk += 1) {
      const start = chunk * MIN_CHUNK_BYTES;
      const part: Uint8Array = bytes.slice(start, start + chunkLengthOf(sizeBytes, chunk));
      const hash: Uint8Array = hashes.slice(chunk * HASH_BYTES, (chunk + 1) * HASH_BYTES);
      assert.equal(await handlers.store(chunk, part, hash), 'stored');
    }
    if (chunks === chunkCountOf(sizeBytes)) handlers.onDone('whole', 1);
  }

  /** Starts it, and waits until it has ended, or is as `until` says. */
  async load(path?: string, until: (job: FolderJob) => boolean = () => false): Promise<FolderJob> {
    const id = await this.folders.start({
      user: USER,
      folder: 'Harbour',
      directory: this.directory,
      ...(path !== undefined && { path }),
    });
    return this.ended(id, until);
  }

  ended(id: string, until: (job: FolderJob) => boolean = () => false): Promise<FolderJob> {
    return new Promise((resolve) => {
      this.#seen = (job) => {
        if (job.id === id && job.kind === 'folder' && (job.state !== 'running' || until(job))) resolve(job);
      };
      this.#seen(this.jobs.get(id));
    });
  }
}

/** All files below a directory, '/' between. */
export async function tree(root: string, prefix = ''): Promise<string[]> {
  const entries = await readdir(join(root, prefix), { withFileTypes: true });
  const found = await Promise.all(
    entries.map((entry) => {
      const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
      return entry.isDirectory() ? tree(root, path) : Promise.resolve([path]);
    }),
  );
  return found.flat().sort();
}
