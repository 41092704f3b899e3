/** What the lock needs of the disk, and of the system's key store where there is one. */
import type { LibraryStore, SecretStore, ShareStore } from '../../core/ports.ts';
import type { PersonalHead, SealedKey } from './personal-head.ts';

/** What tells about the person, opened. */
export interface PersonalStores {
  readonly library: LibraryStore;
  readonly shares: ShareStore;
  /** From which the keys of word claims are made, 32 bytes. */
  readonly claimSecret: Uint8Array;
  readonly penSecrets: SecretStore;
  /** Journals of what is being sent, and the key that seals them. */
  readonly publishing: { readonly directory: string; readonly key: Uint8Array };
  /** Idempotent. */
  close(): Promise<void>;
}

/** The library's key, sealed by a key store. */
export interface Remembered {
  /** That it opens. */
  readonly folder: string;
  readonly sealed: Uint8Array;
}

/** Seals texts so that this user of this machine can open them, and nobody who has the disk alone. */
export interface KeyStore {
  /** plain-text: there is one, but it seals nothing; unavailable: it does not answer. `name`: as its users know it. */
  look(): Promise<
    { readonly state: 'usable'; readonly name: string } | { readonly state: 'plain-text' | 'unavailable' }
  >;
  /** Undefined: what it made, anybody can open. Throws when it cannot. */
  seal(text: string): Promise<Uint8Array | undefined>;
  /** Throws when it cannot, or did not seal it. */
  open(sealed: Uint8Array): Promise<string>;
}

export interface PersonalDisk {
  /** Undefined: there never was a passphrase. */
  readonly head: PersonalHead | undefined;
  /** Where no passphrase seals it. */
  plainKey(): Promise<Uint8Array>;
  open(key: Uint8Array): Promise<PersonalStores>;
  /** The key as the key store sealed it; undefined where there is none. */
  remembered(): Promise<Remembered | undefined>;
  /** Durable when it resolves; undefined takes it off the disk. */
  remember(remembered: Remembered | undefined): Promise<void>;
  /** A name for `replace`. */
  newFolder(): string;
  /**
   * Writes everything anew, under `next.key`, then makes that what counts, then removes what was before. Whenever it ends before the
   * second, nothing has changed. Nothing of it may be open.
   */
  replace(
    key: Uint8Array,
    next: { readonly folder: string; readonly key: Uint8Array; readonly sealed: SealedKey | undefined },
  ): Promise<void>;
}
