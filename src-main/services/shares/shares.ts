/** The shared folders of this node: which there are, what is in them, and what of it others are offered. */
import * as v from 'valibot';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { formatFileLink } from '../../../shared/base/file-links.ts';
import { fileKindOf } from '../../../shared/base/file-kinds.ts';
import type { SharedFile, SharedFolder } from '../../../shared/ipc/search-model.ts';
import type { Handlers } from '../../../shared/ipc/rpc.ts';
import type { Random, ShareStore, Stamp } from '../../core/ports.ts';
import type { ShelfPage, ShelfQuestion } from '../../core/transfer/shelves.ts';
import type { Clock } from '../jobs/clock.ts';
import type { KnownFile } from './catalogue.ts';
import { FolderWork, KeptFolderSchema } from './folder.ts';
import { Hashing } from './hashing.ts';
import type { FolderReader, WatchFolder } from './ports.ts';
import { checkFolder } from './rules.ts';
import { ShareList } from './share-list.ts';
import type { ShareListChange } from './share-list.ts';

/** More than anybody keeps apart; each is looked through by itself. Guess. */
const MAX_FOLDERS = 64;
/** Of all folders together: some 100 MB of memory. Hubs take 65,536 of one node (docs/spec/search.md). */
const MAX_FILES = 250_000;
/** Files of one answer. */
const PAGE_FILES = 500;
/** Where the store keeps what the list was told last; folders have numbers from 1 on. */
const LIST_NUMBER = 0;
/** How often their state is told. */
const TELL_MS = 250;

export interface SharesDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly store: ShareStore;
  readonly reader: FolderReader;
  /** Files that are hashed at once. */
  readonly lanes: number;
  readonly watch: WatchFolder;
  readonly dataDirectory: string;
  /** 0: no limit. */
  readonly bytesPerSecond: () => number;
  /** The node's list changed; the first time, all of it. */
  readonly tell: (change: ShareListChange) => void;
  /** Told the state of all folders, at most four times a second. */
  readonly changed: (folders: SharedFolder[]) => void;
  readonly onDefect: (thrown: unknown) => void;
}

/** A place where a content that is offered lies. */
export interface SharedPlace {
  /** Absolute. */
  readonly folderPath: string;
  /** Below it, '/' between. */
  readonly path: string;
  readonly stamp: Stamp;
  /** Hashes of its chunks (core/transfer/tree.ts). */
  hashes(): Promise<Uint8Array | undefined>;
}

export class Shares {
  readonly #deps: SharesDeps;
  readonly #list: ShareList;
  readonly #hashing: Hashing;
  readonly #folders = new Map<number, FolderWork>();
  #stopTelling: (() => void) | undefined;
  #toldMs = Number.NEGATIVE_INFINITY;
  /** One that is being added is not there yet for the next to lie in. */
  #adding: Promise<unknown> = Promise.resolve();
  #closed = false;

  private constructor(deps: SharesDeps) {
    this.#deps = deps;
    const { store } = deps;
    this.#list = new ShareList({
      ...deps,
      keep: (value) => void store.putFolder(LIST_NUMBER, value).catch(deps.onDefect),
    });
    this.#hashing = new Hashing({ ...deps, folders: () => [...this.#folders.values()] });
  }

  /** Knows its folders when it resolves; what is in them is read and looked at after. */
  static async load(deps: SharesDeps): Promise<Shares> {
    const shares = new Shares(deps);
    for (const { folder, value } of await deps.store.folders()) {
      if (folder === LIST_NUMBER) shares.#list.load(value);
      const kept = v.safeParse(v.pipe(v.string(), v.parseJson(), KeptFolderSchema), value);
      if (folder !== LIST_NUMBER && kept.success) shares.#folders.set(folder, shares.#make(folder, kept.output));
    }
    void shares.#begin();
    return shares;
  }

  /** The list is told when all that was shared before was looked at, so that nothing of it is taken for gone. */
  async #begin(): Promise<void> {
    try {
      await Promise.all([...this.#folders.values()].map((folder) => folder.begin()));
    } catch (thrown) {
      this.#deps.onDefect(thrown);
    }
    this.#list.ready();
  }

  get handlers(): Pick<
    Handlers,
    | 'shares.list'
    | 'shares.add'
    | 'shares.remove'
    | 'shares.stop'
    | 'shares.start'
    | 'shares.look'
    | 'shares.files'
    | 'shares.leftOut'
  > {
    const all = async (id: string | undefined, action: (folder: FolderWork) => Promise<void>): Promise<null> => {
      await Promise.all((id === undefined ? [...this.#folders.values()] : [this.#known(id)]).map(action));
      return null;
    };
    return {
      'shares.list': () => this.list(),
      'shares.add': ({ path, withHidden, evenSo }) => this.add(path, withHidden ?? false, evenSo ?? false),
      'shares.remove': async ({ id }) => {
        await this.remove(id);
        return null;
      },
      'shares.stop': ({ id }) => all(id, (folder) => folder.stop()),
      'shares.start': ({ id }) => all(id, (folder) => folder.start()),
      'shares.look': ({ id }) => all(id, (folder) => folder.look()),
      'shares.files': ({ id, from }) => this.files(id, from),
      'shares.leftOut': ({ id }) => this.#known(id).leftOut(),
    };
  }

  /** In the order of their paths. */
  list(): SharedFolder[] {
    return [...this.#folders.values()]
      .map((folder) => folder.info())
      .toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  }

  /** Throws as checkFolder does, and `no-space` at the bound. */
  add(path: string, withHidden: boolean, evenSo: boolean): Promise<SharedFolder> {
    const added = this.#adding.then(() => this.#add(path, withHidden, evenSo));
    this.#adding = added.catch(() => undefined);
    return added;
  }

  async #add(path: string, withHidden: boolean, evenSo: boolean): Promise<SharedFolder> {
    const { dataDirectory, random } = this.#deps;
    const folders = [...this.#folders.values()];
    const real = await checkFolder(path, evenSo, { dataDirectory, shared: folders.map((folder) => folder.path) });
    const known = folders.find((folder) => folder.path === real);
    if (known !== undefined) return known.info();
    if (folders.length >= MAX_FOLDERS)
      throw new BroadsideError('no-space', `${MAX_FOLDERS} folders are shared already. Stop sharing one first.`);
    let number = 1 + random.below(2 ** 31);
    while (this.#folders.has(number)) number += 1;
    const folder = this.#make(number, { path: real, withHidden, stopped: false });
    await folder.keep();
    this.#folders.set(number, folder);
    folder.begin().catch(this.#deps.onDefect);
    this.#changed();
    return folder.info();
  }

  async remove(id: string): Promise<void> {
    const folder = this.#known(id);
    this.#folders.delete(folder.number);
    this.#changed();
    await folder.remove();
    await folder.close();
  }

  files(id: string, from: number): { files: SharedFile[]; total: number } {
    const files = this.#known(id).sorted();
    return { files: files.slice(from, from + PAGE_FILES).map(sharedFile), total: files.length };
  }

  /** Where a content lies that is offered now. */
  find(root: Uint8Array): SharedPlace[] {
    return this.#list.find(root).map(({ folderPath, folder, file }) => {
      const path = file.directory === '' ? file.name : `${file.directory}/${file.name}`;
      const { sizeBytes, modifiedMs, inode } = file;
      const stamp = { sizeBytes, modifiedMs, inode };
      return { folderPath, path, stamp, hashes: () => this.#deps.store.hashes(folder, path, root) };
    });
  }

  /** What others who look through it are told; undefined: there is no such folder. */
  page(question: ShelfQuestion): ShelfPage | undefined {
    return this.#list.page(question);
  }

  /** Resolves when what was hashed is on disk. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stopTelling?.();
    this.#list.flush();
    this.#list.close();
    await Promise.all([...this.#folders.values()].map((folder) => folder.close()));
    await this.#hashing.close();
  }

  #make(number: number, kept: v.InferOutput<typeof KeptFolderSchema>): FolderWork {
    const { dataDirectory } = this.#deps;
    return new FolderWork(
      {
        ...this.#deps,
        list: this.#list,
        room: () => MAX_FILES - [...this.#folders.values()].reduce((sum, { files }) => sum + files, 0),
        excluded: [dataDirectory],
        changed: () => this.#changed(),
        wanted: () => this.#hashing.go(),
      },
      number,
      kept,
    );
  }

  #known(id: string): FolderWork {
    const folder = this.#folders.get(Number(id));
    if (folder === undefined) throw new BroadsideError('not-found', 'This folder is not shared any more.');
    return folder;
  }

  #changed(): void {
    if (this.#closed || this.#stopTelling !== undefined) return;
    const { clock } = this.#deps;
    const delayMs = Math.max(0, this.#toldMs + TELL_MS - clock.monotonicMs());
    this.#stopTelling = clock.after(delayMs, () => {
      this.#stopTelling = undefined;
      this.#toldMs = clock.monotonicMs();
      this.#deps.changed(this.list());
    });
  }
}

function sharedFile({ name, directory, sizeBytes, root, isSeen }: KnownFile): SharedFile {
  const link = root === undefined || !isSeen ? undefined : formatFileLink({ root, name, sizeBytes });
  return { name, folder: directory, sizeBytes, fileKind: fileKindOf(name), ...(link !== undefined && { link }) };
}
