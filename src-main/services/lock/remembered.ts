/**
 * The library's key, sealed by the key store of this machine and user, for who chose that the library opens without asking here. One small
 * file, DATA/key-store.json, of owner-only rights:
 *
 * {"version":1,"folder":"personal-<16 hexadecimal digits>","sealed":"<hexadecimal>"}
 *
 * What is sealed is the folder's name, a blank, and the key in hexadecimal: a key belongs to its folder, and to no other.
 */
import * as v from 'valibot';
import { fromHex, toHex } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { Lock } from '../../../shared/ipc/lock-calls.ts';
import { PERSONAL_FOLDER, PERSONAL_KEY_BYTES } from './personal-head.ts';
import type { KeyStore, PersonalDisk, Remembered } from './ports.ts';

/** What a key store makes of a hundred characters is some hundred bytes. Guess, and a bound for a file that something else wrote. */
const MAX_SEALED_BYTES = 4096;

const RememberedSchema = v.strictObject({
  version: v.literal(1),
  folder: v.pipe(v.string(), v.regex(PERSONAL_FOLDER)),
  sealed: v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})+$/), v.maxLength(MAX_SEALED_BYTES * 2)),
});

export function encodeRemembered({ folder, sealed }: Remembered): string {
  return `${JSON.stringify({ version: 1, folder, sealed: toHex(sealed) })}\n`;
}

/** Undefined for what is none: the passphrase opens the library all the same. */
export function decodeRemembered(text: string): Remembered | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = v.safeParse(RememberedSchema, value);
  return parsed.success ? { folder: parsed.output.folder, sealed: fromHex(parsed.output.sealed)! } : undefined;
}

/** Why a key store is not used. */
const WHY = {
  'plain-text':
    'This system has no key store that Broadside can use: the key would lie on the disk as good as open. Start GNOME Keyring or KWallet, then start Broadside again. Nothing was kept.',
  unavailable:
    'The key store of this system does not answer. Unlock it, or look whether it runs, then try again. Nothing was kept.',
} as const;

export class RememberedKey {
  readonly #disk: PersonalDisk;
  readonly #store: KeyStore | undefined;
  readonly #onDefect: (thrown: unknown) => void;
  #view: Lock['keyStore'];

  constructor(disk: PersonalDisk, store: KeyStore | undefined, onDefect: (thrown: unknown) => void) {
    this.#disk = disk;
    this.#store = store;
    this.#onDefect = onDefect;
  }

  /** As `look` found it. */
  get view(): Lock['keyStore'] {
    return this.#view;
  }

  async look(): Promise<void> {
    const head = this.#disk.head;
    if (head?.key === undefined || this.#store === undefined) {
      this.#view = undefined;
      return;
    }
    const found = await this.#store.look();
    if (found.state !== 'usable') this.#view = { state: found.state, name: '' };
    else {
      const isOn = (await this.#disk.remembered())?.folder === head.folder;
      this.#view = { state: isOn ? 'on' : 'off', name: found.name };
    }
  }

  /** Undefined: there is none, it is for another folder, or this machine, or this user, does not open it (any more). */
  async open(folder: string): Promise<Uint8Array | undefined> {
    if (this.#store === undefined) return undefined;
    const remembered = await this.#disk.remembered();
    if (remembered?.folder !== folder || (await this.#store.look()).state !== 'usable') return undefined;
    let text: string;
    try {
      text = await this.#store.open(remembered.sealed);
    } catch {
      return undefined;
    }
    const key = text.startsWith(`${folder} `) ? fromHex(text.slice(folder.length + 1)) : undefined;
    return key?.length === PERSONAL_KEY_BYTES ? key : undefined;
  }

  /** Throws `refused` where no key store protects or it does not seal; the sentence says what to do. */
  async keep(folder: string, key: Uint8Array): Promise<void> {
    const store = this.#store;
    if (store === undefined) {
      throw new BroadsideError(
        'refused',
        'Only the desktop app can have the system open the library. Nothing was kept.',
      );
    }
    const { state } = await store.look();
    if (state !== 'usable') throw new BroadsideError('refused', WHY[state]);
    let sealed: Uint8Array | undefined;
    try {
      sealed = await store.seal(`${folder} ${toHex(key)}`);
    } catch (cause) {
      throw new BroadsideError('refused', WHY.unavailable, { cause });
    }
    if (sealed === undefined) throw new BroadsideError('refused', WHY['plain-text']);
    await this.#disk.remember({ folder, sealed });
    await this.look();
  }

  async forget(): Promise<void> {
    await this.#disk.remember(undefined);
    await this.look();
  }

  /** The library has another key, in another folder, or no passphrase any more. Where that cannot be kept, the passphrase is asked for. */
  async changed(folder: string | undefined, key: Uint8Array): Promise<void> {
    if (folder === undefined || this.#view?.state !== 'on') return;
    try {
      await this.keep(folder, key);
    } catch (thrown) {
      this.#onDefect(thrown);
    }
  }
}
