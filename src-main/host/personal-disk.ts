/**
 * Where what tells about the person lies in the data directory. Without a passphrase, ever: in the directory itself, as docs/spec/storage.md
 * has it. From the first passphrase on: in a folder of its own that `personal.json` names (services/lock/personal-head.ts), with all
 * secrets as rows of the library; each change of the passphrase makes a new folder. `addresses.key` is then what the node needs of the
 * first key to look after the blocks that it keeps for others, while it is locked; nothing else follows from it.
 */
import { existsSync, readdirSync } from 'node:fs';
import { cp, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fromHex, toHex } from '../../shared/base/bytes.ts';
import { BroadsideError } from '../../shared/base/errors.ts';
import type { Crypto, LibraryStore, Random } from '../core/ports.ts';
import { copyLibrary, copyShares } from '../services/lock/copy-stores.ts';
import { decodeHead, encodeHead, PERSONAL_FOLDER, PERSONAL_KEY_BYTES } from '../services/lock/personal-head.ts';
import type { PersonalHead, SealedKey } from '../services/lock/personal-head.ts';
import type { PersonalDisk, PersonalStores, Remembered } from '../services/lock/ports.ts';
import { decodeRemembered, encodeRemembered } from '../services/lock/remembered.ts';
import { fileErrorCode, replaceFile, syncDirectory, toFileError } from '../storage/files/durable-file.ts';
import { createSecretStore, readOrCreateSecret, secretFileBytes } from '../storage/files/secret-file.ts';
import { openLibraryStore } from '../storage/sqlite/library-store.ts';
import { createSharesStore } from '../storage/sqlite/shares-store.ts';
import type { DataDirectory } from './data-directory.ts';

const FOLDER_BYTES = 8;
/** Of the library's rows: secrets that are files where there is no passphrase. */
const CLAIM = 'claim';
const PUBLISHING = 'publishing';
const penRow = (id: string): string => `pen/${id}`;

export interface PersonalDiskOptions {
  readonly directory: DataDirectory;
  readonly crypto: Crypto;
  readonly random: Random;
  /** Told where a damaged file was moved. */
  readonly onDamaged: (movedTo: string) => void;
}

interface Place {
  readonly library: string;
  readonly shares: string;
  readonly publishing: string;
  /** Secrets are files here, not rows. */
  readonly hasFiles: boolean;
}

/** Throws `damaged` where the head is, or is gone. */
export async function openPersonalDisk(options: PersonalDiskOptions): Promise<PersonalFiles> {
  const { directory } = options;
  let text: string | undefined;
  try {
    text = await readFile(directory.personal, 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw toFileError(thrown, directory.personal);
  }
  const head = text === undefined ? undefined : decodeHead(text, directory.personal);
  const isThere = existsSync(head === undefined ? directory.libraryKey : join(directory.path, head.folder));
  const folders = readdirSync(directory.path).filter((name) => PERSONAL_FOLDER.test(name));
  if (!isThere && (head !== undefined || folders.length > 0)) {
    throw new BroadsideError(
      'damaged',
      head === undefined
        ? `The file ${directory.personal} is missing, and without it nobody can open the library. Put it back from a copy; nothing was changed.`
        : `The folder ${head.folder} of the library is missing in ${directory.path}. Put it back from a copy; nothing was changed.`,
    );
  }
  const files = new PersonalFiles(options, head);
  await files.tidy();
  return files;
}

export class PersonalFiles implements PersonalDisk {
  readonly #options: PersonalDiskOptions;
  #head: PersonalHead | undefined;

  constructor(options: PersonalDiskOptions, head: PersonalHead | undefined) {
    this.#options = options;
    this.#head = head;
  }

  get head(): PersonalHead | undefined {
    return this.#head;
  }

  plainKey(): Promise<Uint8Array> {
    const { directory, random } = this.#options;
    const path =
      this.#head === undefined ? directory.libraryKey : join(directory.path, this.#head.folder, 'library.key');
    return readOrCreateSecret({ path, length: PERSONAL_KEY_BYTES, random });
  }

  /** Seals the addresses of the blocks that are kept for others. */
  async addressKey(): Promise<Uint8Array> {
    const { directory, crypto, random } = this.#options;
    if (this.#head === undefined) return crypto.hash('store addresses', await this.plainKey());
    return readOrCreateSecret({ path: directory.addressesKey, length: PERSONAL_KEY_BYTES, random });
  }

  open(key: Uint8Array): Promise<PersonalStores> {
    return this.#openAt(this.#placeOf(this.#head?.folder), key);
  }

  async remembered(): Promise<Remembered | undefined> {
    const { keyStore } = this.#options.directory;
    try {
      return decodeRemembered(await readFile(keyStore, 'utf8'));
    } catch (thrown) {
      if (fileErrorCode(thrown) === 'ENOENT') return undefined;
      throw toFileError(thrown, keyStore);
    }
  }

  async remember(remembered: Remembered | undefined): Promise<void> {
    const { directory, random } = this.#options;
    if (remembered !== undefined)
      return replaceFile(directory.keyStore, new TextEncoder().encode(encodeRemembered(remembered)));
    if (!existsSync(directory.keyStore)) return;
    try {
      await discard(directory.keyStore, random);
      await syncDirectory(directory.path);
    } catch (thrown) {
      throw toFileError(thrown, directory.keyStore);
    }
  }

  newFolder(): string {
    return `personal-${toHex(this.#options.random.bytes(FOLDER_BYTES))}`;
  }

  async replace(
    key: Uint8Array,
    next: { readonly folder: string; readonly key: Uint8Array; readonly sealed: SealedKey | undefined },
  ): Promise<void> {
    const { directory } = this.#options;
    const path = join(directory.path, next.folder);
    try {
      await mkdir(path, { mode: 0o700 });
      if (next.sealed === undefined) await replaceFile(join(path, 'library.key'), secretFileBytes(next.key));
      await this.#fill(key, next.folder, next.key);
      // Before the head, for from then on nothing leads to the first key.
      if (this.#head === undefined) await replaceFile(directory.addressesKey, secretFileBytes(await this.addressKey()));
      await syncDirectory(path);
      await syncDirectory(directory.path);
      const head: PersonalHead = { folder: next.folder, key: next.sealed };
      await replaceFile(directory.personal, new TextEncoder().encode(encodeHead(head)));
      this.#head = head;
    } catch (thrown) {
      await rm(path, { recursive: true, force: true }).catch(() => undefined);
      throw toFileError(thrown, path);
    }
    // What counts is in place; what cannot be removed now is removed at the next start.
    await this.tidy().catch(() => undefined);
  }

  /** Removes what an interrupted change left, on either side of it. Keys are written over first, as far as disks let one. */
  async tidy(): Promise<void> {
    const { directory, random } = this.#options;
    for (const name of await readdir(directory.path)) {
      const path = join(directory.path, name);
      const isOfOther = PERSONAL_FOLDER.test(name) && name !== this.#head?.folder;
      if (isOfOther || (this.#head !== undefined && this.#isOfRoot(name))) await discard(path, random);
    }
    // Of another key than the one of now.
    const remembered = await this.remembered().catch(() => undefined);
    if (remembered !== undefined && remembered.folder !== this.#head?.folder) await this.remember(undefined);
  }

  #isOfRoot(name: string): boolean {
    const { directory } = this.#options;
    const { libraryKey, claimKey, pens, publishing, library, shares } = directory;
    // Databases have companions, and damaged ones were moved to names that begin alike.
    return (
      [libraryKey, claimKey, pens, publishing].some((path) => basename(path) === name) ||
      [library, shares].some((path) => name.startsWith(basename(path)))
    );
  }

  #placeOf(folder: string | undefined): Place {
    const { path, library, shares, publishing } = this.#options.directory;
    if (folder === undefined) return { library, shares, publishing, hasFiles: true };
    const at = (name: string): string => join(path, folder, name);
    return { library: at('library.db'), shares: at('shares.db'), publishing: at('publishing'), hasFiles: false };
  }

  async #openAt(place: Place, key: Uint8Array): Promise<PersonalStores> {
    const { directory, crypto, random, onDamaged } = this.#options;
    const library = await openLibraryStore({ path: place.library, key, crypto, random, onDamaged });
    const shares = createSharesStore({
      ...{ path: place.shares, key: crypto.hash('shares', key) },
      ...{ crypto, random, onDamaged },
    });
    const close = async (): Promise<void> => {
      await shares.close();
      await library.close();
    };
    try {
      if (place.hasFiles) {
        const claimSecret = await readOrCreateSecret({ path: directory.claimKey, length: PERSONAL_KEY_BYTES, random });
        const publishing = { directory: place.publishing, key: crypto.hash('publishing', key) };
        return {
          library,
          shares,
          claimSecret,
          penSecrets: createSecretStore(directory.pens, random),
          publishing,
          close,
        };
      }
      const secrets = await Secrets.load(library);
      return {
        ...{ library, shares },
        claimSecret: await secrets.readOrCreate(CLAIM, random),
        penSecrets: {
          read: async (id) => secrets.read(penRow(id)),
          create: (id, secret) => secrets.create(penRow(id), secret),
        },
        publishing: { directory: place.publishing, key: await secrets.readOrCreate(PUBLISHING, random) },
        close,
      };
    } catch (thrown) {
      await close();
      throw thrown;
    }
  }

  /** Copies everything into a folder that nothing leads to yet. */
  async #fill(key: Uint8Array, folder: string, nextKey: Uint8Array): Promise<void> {
    const { directory, crypto, random, onDamaged } = this.#options;
    const from = await this.open(key);
    try {
      const at = this.#placeOf(folder);
      const library = await openLibraryStore({ path: at.library, key: nextKey, crypto, random, onDamaged });
      const shares = createSharesStore({
        ...{ path: at.shares, key: crypto.hash('shares', nextKey) },
        ...{ crypto, random, onDamaged },
      });
      try {
        await copyLibrary(from.library, library);
        await copyShares(from.shares, shares);
        const secrets = await Secrets.load(library);
        if (this.#head === undefined) {
          await secrets.create(CLAIM, from.claimSecret);
          for (const id of penIds(directory.pens)) await secrets.create(penRow(id), (await from.penSecrets.read(id))!);
        }
        const journals = await copyJournals(from.publishing.directory, at.publishing);
        // Journals that are there go on under their key; the next ones get a fresh one as soon as none is.
        await secrets.put(PUBLISHING, journals > 0 ? from.publishing.key : random.bytes(PERSONAL_KEY_BYTES));
      } finally {
        await shares.close();
        await library.close();
      }
    } finally {
      await from.close();
    }
  }
}

/** Secrets of 32 bytes as rows of the library. */
class Secrets {
  readonly #library: LibraryStore;
  readonly #known = new Map<string, Uint8Array>();

  private constructor(library: LibraryStore) {
    this.#library = library;
  }

  static async load(library: LibraryStore): Promise<Secrets> {
    const secrets = new Secrets(library);
    for (const { origin, link, value } of await library.list()) {
      const bytes = origin === 'secret' ? fromHex(value) : undefined;
      if (bytes?.length === PERSONAL_KEY_BYTES) secrets.#known.set(link, bytes);
    }
    return secrets;
  }

  read(name: string): Uint8Array | undefined {
    return this.#known.get(name);
  }

  async put(name: string, secret: Uint8Array): Promise<void> {
    await this.#library.put({ origin: 'secret', link: name, value: toHex(secret) });
    this.#known.set(name, Uint8Array.from(secret));
  }

  /** As SecretStore.create. */
  async create(name: string, secret: Uint8Array): Promise<void> {
    if (this.#known.has(name))
      throw new BroadsideError('refused', 'there is such a secret already; it is not replaced');
    await this.put(name, secret);
  }

  async readOrCreate(name: string, random: Random): Promise<Uint8Array> {
    const held = this.#known.get(name);
    if (held !== undefined) return held;
    await this.create(name, random.bytes(PERSONAL_KEY_BYTES));
    return this.#known.get(name)!;
  }
}

function penIds(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory).flatMap((name) => /^([0-9a-f]{1,64})\.key$/.exec(name)?.[1] ?? []);
}

/** How many. Durable when it resolves. */
async function copyJournals(from: string, to: string): Promise<number> {
  await mkdir(to, { mode: 0o700 });
  if (!existsSync(from)) return 0;
  const names = (await readdir(from)).filter((name) => name.endsWith('.journal'));
  for (const name of names) {
    // Their age counts from when they were last written.
    await cp(join(from, name), join(to, name), { preserveTimestamps: true });
    const file = await open(join(to, name), 'r');
    await file.sync().finally(() => file.close());
  }
  await syncDirectory(to);
  return names.length;
}

async function discard(path: string, random: Random): Promise<void> {
  if ((await stat(path)).isDirectory()) {
    for (const name of await readdir(path)) await discard(join(path, name), random);
    await rm(path, { recursive: true, force: true });
    return;
  }
  if (path.endsWith('.key') || path.endsWith('key-store.json')) {
    const file = await open(path, 'r+');
    try {
      await file.write(random.bytes((await file.stat()).size), 0);
      await file.sync();
    } finally {
      await file.close();
    }
  }
  await rm(path, { force: true });
}
