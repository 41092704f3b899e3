/** Rows of one kind in the library's store, as values in memory: read once, written before they are believed. */
import * as v from 'valibot';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { LibraryRow, LibraryStore } from '../../core/ports.ts';

export type RowKind = Exclude<LibraryRow['origin'], 'published' | 'opened'>;

export class Rows<Value> {
  readonly #store: LibraryStore;
  readonly #kind: RowKind;
  /** So many of them. */
  readonly most: number;
  readonly #values = new Map<string, Value>();
  /** One change after the other, so that the disk and the memory end the same. */
  #writing: Promise<unknown> = Promise.resolve();

  /** Rows that this version cannot read are left alone on disk and not listed. `all` is what the store lists. */
  constructor(
    store: LibraryStore,
    all: readonly LibraryRow[],
    kind: RowKind,
    schema: v.GenericSchema<unknown, Value>,
    most: number,
  ) {
    this.#store = store;
    this.#kind = kind;
    this.most = most;
    for (const row of all) {
      if (row.origin !== kind) continue;
      const value = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), row.value);
      if (value.success) this.#values.set(row.link, value.output);
    }
  }

  get(key: string): Value | undefined {
    return this.#values.get(key);
  }

  list(): Value[] {
    return [...this.#values.values()];
  }

  /** Throws `no-space` at the bound. */
  put(key: string, value: Value): Promise<void> {
    return this.#exclusively(async () => {
      if (!this.#values.has(key) && this.#values.size >= this.most)
        throw new BroadsideError('no-space', `There are ${this.most} of these already. Remove some first.`);
      await this.#store.put({ origin: this.#kind, link: key, value: JSON.stringify(value) });
      this.#values.set(key, value);
    });
  }

  /** One that is not there is no error. */
  remove(key: string): Promise<void> {
    return this.#exclusively(async () => {
      await this.#store.remove(this.#kind, key);
      this.#values.delete(key);
    });
  }

  /** Resolves when every change so far is on disk. */
  async close(): Promise<void> {
    await this.#writing;
  }

  #exclusively(change: () => Promise<void>): Promise<void> {
    const done = this.#writing.then(change);
    this.#writing = done.catch(() => undefined);
    return done;
  }
}
