/** The library, the settings, secrets and shares in memory; all but the secrets can be told that the disk fails. */
import { bytesEqual } from '../../shared/base/bytes.ts';
import type {
  LibraryRow,
  LibraryStore,
  SecretStore,
  SettingsStore,
  SharedChange,
  SharedRow,
  ShareStore,
} from '../../src-main/core/ports.ts';

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

export class MemoryShareStore implements ShareStore {
  readonly kept = new Map<number, string>();
  readonly rows = new Map<number, Map<string, SharedRow & { readonly hashes: Uint8Array }>>();
  failWith: Error | undefined;

  async folders(): Promise<{ folder: number; value: string }[]> {
    return [...this.kept].map(([folder, value]) => ({ folder, value }));
  }

  async putFolder(folder: number, value: string): Promise<void> {
    await Promise.resolve();
    if (this.failWith !== undefined) throw this.failWith;
    this.kept.set(folder, value);
  }

  async dropFolder(folder: number): Promise<void> {
    await Promise.resolve();
    this.kept.delete(folder);
    this.rows.delete(folder);
  }

  async files(folder: number, onRows: (rows: readonly SharedRow[]) => void): Promise<void> {
    await Promise.resolve();
    onRows([...(this.rows.get(folder)?.values() ?? [])]);
  }

  async change(folder: number, { put, moved, removed }: SharedChange): Promise<void> {
    await Promise.resolve();
    if (this.failWith !== undefined) throw this.failWith;
    const rows = this.rows.get(folder) ?? new Map<string, SharedRow & { readonly hashes: Uint8Array }>();
    this.rows.set(folder, rows);
    const taken = moved.map(({ from }) => rows.get(from)?.hashes);
    for (const path of [...removed, ...moved.map(({ from }) => from)]) rows.delete(path);
    moved.forEach(({ row }, index) => {
      const hashes = taken[index];
      if (hashes !== undefined) rows.set(row.path, { ...row, hashes });
    });
    for (const row of put) rows.set(row.path, row);
  }

  async hashes(folder: number, path: string, root: Uint8Array): Promise<Uint8Array | undefined> {
    const row = this.rows.get(folder)?.get(path);
    return row !== undefined && bytesEqual(row.root, root) ? row.hashes : undefined;
  }

  async close(): Promise<void> {}
}
