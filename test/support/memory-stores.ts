/** The library and the settings in memory, which can be told that the disk fails. */
import type { LibraryRow, LibraryStore, SettingsStore } from '../../src-main/core/ports.ts';

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
