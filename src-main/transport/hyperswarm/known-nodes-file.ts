import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { BroadsideError } from '../../../shared/base/errors.ts';

/** Saved at most so often: the cache is a help, not a record. */
const SAVE_DELAY_MS = 5_000;
/** A file beyond this was not written by us (1,000 nodes come to 200 KB). */
const MAX_FILE_BYTES = 4 * 1024 * 1024;

/**
 * A JSON file that is written to the side and renamed, so that it is whole or the one before. A file that cannot be read or
 * parsed counts as none. Failures to write are passed over: the node runs as well without, and tries again at the next
 * change.
 */
export class KnownNodesFile {
  readonly #path: string | undefined;
  readonly #content: () => object;
  #timer: NodeJS.Timeout | undefined;
  #saving: Promise<void> = Promise.resolve();

  /** Without a path nothing is kept. */
  constructor(path: string | undefined, content: () => object) {
    this.#path = path;
    this.#content = content;
  }

  async load(): Promise<unknown> {
    if (this.#path === undefined) return undefined;
    try {
      const text = await readFile(this.#path, 'utf8');
      return text.length > MAX_FILE_BYTES ? undefined : JSON.parse(text);
    } catch {
      return undefined;
    }
  }

  /** Something changed: it is saved within SAVE_DELAY_MS. */
  touch(): void {
    if (this.#path === undefined || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.flush(), SAVE_DELAY_MS);
    this.#timer.unref();
  }

  /** Saves now. Never rejects. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const path = this.#path;
    if (path === undefined) return Promise.resolve();
    this.#saving = this.#saving.then(() => save(path, JSON.stringify(this.#content())).catch(() => {}));
    return this.#saving;
  }

  /** As `flush`, but rejects when the file could not be written: `no-space`, `unexpected`. */
  async write(): Promise<void> {
    const path = this.#path;
    if (path === undefined) return;
    await save(path, JSON.stringify(this.#content())).catch((thrown: unknown) => {
      const isFull = thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOSPC';
      const why = thrown instanceof Error ? thrown.message : String(thrown);
      throw new BroadsideError(
        isFull ? 'no-space' : 'unexpected',
        `${path} could not be written (${why}); make room on the disk, or look after it, and try again`,
        { cause: thrown },
      );
    });
  }
}

async function save(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    await writeFile(temporary, text, { mode: 0o600 });
    await rename(temporary, path);
  } catch (thrown) {
    await rm(temporary, { force: true }).catch(() => {});
    throw thrown;
  }
}
