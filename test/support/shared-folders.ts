/** Shared folders over real files: a folder to fill, the services over the real threads and disk, and waiting for what they tell. */
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { SharedFolder } from '../../shared/ipc/search-model.ts';
import type { ShareStore } from '../../src-main/core/ports.ts';
import { systemClock } from '../../src-main/services/jobs/clock.ts';
import type { FolderReader } from '../../src-main/services/shares/ports.ts';
import type { ShareListChange } from '../../src-main/services/shares/share-list.ts';
import { Shares } from '../../src-main/services/shares/shares.ts';
import type { SharesDeps } from '../../src-main/services/shares/shares.ts';
import { watchFolder } from '../../src-main/services/shares/watching.ts';
import { HashingPool } from '../../src-main/workers/hashing/pool.ts';
import { createSystemRandom } from '../../src-main/workers/sodium/random.ts';
import { MemoryShareStore } from './memory-stores.ts';

/** Long before any test: a file of this time is no doubt settled. */
const LONG_AGO = new Date('2020-01-02T03:04:05.678Z');

export async function temporaryFolder(context: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'broadside-shares-'));
  context.after(() => rm(path, { recursive: true, force: true, maxRetries: 5 }));
  return path;
}

/** Files by their paths, folders made on the way. */
export async function fill(root: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const absolute = join(root, path);
    await mkdir(dirname(absolute), { recursive: true });
    await writeFile(absolute, content);
    await utimes(absolute, LONG_AGO, LONG_AGO);
  }
}

/** Counts what is hashed; a test may hold it up. */
export class WatchedReader implements FolderReader {
  readonly hashed: string[] = [];
  readBytes = 0;
  /** Called before each step of hashing is taken. */
  beforeStep: (() => Promise<void> | void) | undefined;
  readonly #pool: FolderReader;

  constructor(pool: FolderReader) {
    this.#pool = pool;
  }

  walk(...parameters: Parameters<FolderReader['walk']>): Promise<void> {
    return this.#pool.walk(...parameters);
  }

  hash(...[request, onStep, signal]: Parameters<FolderReader['hash']>): Promise<void> {
    const take: typeof onStep = async (step) => {
      await this.beforeStep?.();
      this.readBytes += step.sizeBytes;
      this.hashed.push(...step.files.map(({ path }) => path));
      await onStep(step);
    };
    return this.#pool.hash(request, take, signal);
  }
}

export class SharedFolders {
  readonly shares: Shares;
  readonly reader: WatchedReader;
  readonly told: readonly ShareListChange[];
  readonly defects: readonly unknown[];
  readonly #close: () => Promise<void>;
  #waiting: { readonly isSo: () => boolean; readonly resolve: () => void }[] = [];

  private constructor(
    parts: Pick<SharedFolders, 'shares' | 'reader' | 'told' | 'defects'>,
    close: () => Promise<void>,
  ) {
    this.shares = parts.shares;
    this.reader = parts.reader;
    this.told = parts.told;
    this.defects = parts.defects;
    this.#close = close;
  }

  static async open(
    context: TestContext,
    options: Partial<SharesDeps> & { readonly store?: ShareStore } = {},
  ): Promise<SharedFolders> {
    const pool = new HashingPool({ threads: 1 });
    const reader = new WatchedReader(pool);
    /** Asked once there is somebody to ask. */
    let look = (): void => {};
    const told: ShareListChange[] = [];
    const defects: unknown[] = [];
    const shares = await Shares.load({
      clock: systemClock,
      random: createSystemRandom(),
      store: new MemoryShareStore(),
      reader,
      lanes: 1,
      watch: watchFolder,
      dataDirectory: join(tmpdir(), 'broadside-no-data'),
      bytesPerSecond: () => 0,
      onDefect: (thrown) => defects.push(thrown),
      ...options,
      tell: (change) => {
        told.push(change);
        look();
      },
      changed: () => look(),
    });
    let closing: Promise<void> | undefined;
    const close = (): Promise<void> => (closing ??= shares.close().then(() => pool.close()));
    const opened = new SharedFolders({ shares, reader, told, defects }, close);
    look = () => opened.look();
    context.after(close);
    return opened;
  }

  get folders(): SharedFolder[] {
    return this.shares.list();
  }

  /** What the node was told of all together: names by root. */
  get listed(): string[] {
    const names = new Map<string, string>();
    for (const { added, removed } of this.told) {
      for (const { root, folder, name } of added)
        names.set(Buffer.from(root).toString('hex'), folder === '' ? name : `${folder}/${name}`);
      for (const root of removed) names.delete(Buffer.from(root).toString('hex'));
    }
    return [...names.values()].toSorted();
  }

  look(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const each of waiting) {
      if (each.isSo()) each.resolve();
      else this.#waiting.push(each);
    }
  }

  /** Resolves when it is so: asked each time that something is told. */
  until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ isSo, resolve });
      this.look();
    });
  }

  /** All is looked through and hashed. */
  settled(): Promise<void> {
    return this.until(() => this.folders.every(({ state }) => state === 'shared'));
  }

  /** The node's list is this. */
  lists(names: readonly string[]): Promise<void> {
    const wanted = names.toSorted().join('\n');
    return this.until(() => this.listed.join('\n') === wanted);
  }

  close(): Promise<void> {
    return this.#close();
  }
}
