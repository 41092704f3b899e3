/** The library, the settings and secrets in memory; the first two can be told that the disk fails. */
import type { LibraryRow, LibraryStore, SecretStore, SettingsStore } from '../../src-main/core/ports.ts';

export class MemoryLibraryStore implements LibraryStore {
  readonly rows = new Map<string, LibraryRow>();
  failWith: Error | undefined;

  async list(): Promise<LibraryRow[]> {
    return [...this.rows.values()];
  }

  async put(row: LibraryRow): Promise<void> {
    await Promise.resolve();
    if (this.failWith !== undefined) throw this.failWith;
    this.rows.set(`${row.origin} ${row.link}`, row);
  }

  async remove(origin: LibraryRow['origin'], link: string): Promise<void> {
    await Promise.resolve();
    if (this.failWith !== undefined) throw this.failWith;
    this.rows.delete(`${origin} ${link}`);
  }

  async close(): Promise<void> {}
}

export class MemorySettingsStore implements SettingsStore {
  values: Record<string, unknown> = {};
  failWith: Error | undefined;

  async read(): Promise<Record<string, unknown>> {
    return structuredClone(this.values);
  }

  async write(values: Readonly<Record<string, unknown>>): Promise<void> {
    await Promise.resolve();
    if (this.failWith !== undefined) throw this.failWith;
    this.values = { ...values };
  }
}

export class MemorySecretStore implements SecretStore {
  readonly secrets = new Map<string, Uint8Array>();

  async read(id: string): Promise<Uint8Array | undefined> {
    return this.secrets.get(id)?.slice();
  }

  async create(id: string, secret: Uint8Array): Promise<void> {
    if (this.secrets.has(id)) throw new Error('a secret is not replaced');
    this.secrets.set(id, secret.slice());
  }
}
