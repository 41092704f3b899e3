/** What the lock needs of the disk. */
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

export interface PersonalDisk {
  /** Undefined: there never was a passphrase. */
  readonly head: PersonalHead | undefined;
  /** Where no passphrase seals it. */
  plainKey(): Promise<Uint8Array>;
  open(key: Uint8Array): Promise<PersonalStores>;
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
