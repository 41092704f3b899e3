/**
 * What a writer has to bring to disk: gathers what arrives while it commits into its next commit, refuses what a full disk cannot take,
 * moves a file aside that turns out damaged, and has it put in order when nothing arrives.
 */
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { isCorrupt, isFull } from './errors.ts';
import type { StoreProtocol } from './store-thread.ts';
import type { ThreadSide } from './thread-side.ts';

export interface CommitWork<Write, Protocol extends StoreProtocol> {
  readonly path: string;
  /** Free room on the disk below which nothing is added. */
  readonly reserveBytes: number;
  /** How many of those that wait, from the first on, go into the next commit; there is one at least. */
  count(waiting: readonly Write[]): number;
  /** One transaction, or none when there is nothing to do; a value for each. Durable when it returns; when it throws, nothing of it happened. */
  commit(writes: readonly Write[]): readonly Protocol['value'][];
  /** Whether it takes room. */
  adds(write: Write): boolean;
  /** What is answered to a write that finds no room. */
  readonly full: Protocol['value'];
  /** Moves the damaged file aside and begins an empty one. */
  replace(): Protocol['notice'];
  /** When nothing was written for so long, the file is put in order: */
  readonly tidyAfterMs: number;
  /** by steps, between which other requests have their turn; true when there is more to do. */
  tidyStep(): boolean;
}

export class CommitQueue<Write extends { readonly id: number }, Protocol extends StoreProtocol> {
  readonly #side: ThreadSide<Protocol>;
  readonly #work: CommitWork<Write, Protocol>;
  /** Bounded by the store, which has at most so many requests under way. */
  #waiting: Write[] = [];
  #scheduled = false;
  #tidying: NodeJS.Timeout | undefined;

  constructor(side: ThreadSide<Protocol>, work: CommitWork<Write, Protocol>) {
    this.#side = side;
    this.#work = work;
  }

  add(write: Write): void {
    this.#waiting.push(write);
    this.schedule();
  }

  /** Commits after the messages that are here already have been received, which is what makes commits shared. */
  schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#commitSome();
      if (this.#waiting.length > 0) this.schedule();
    });
  }

  commitAll(): void {
    do this.#commitSome();
    while (this.#waiting.length > 0);
  }

  /** As `commitAll`, and nothing is put in order any more. */
  close(): void {
    this.commitAll();
    clearTimeout(this.#tidying);
  }

  tidyLater(): void {
    clearTimeout(this.#tidying);
    this.#tidying = setTimeout(() => this.#tidy(), this.#work.tidyAfterMs);
  }

  /** A damaged file would fail for ever; it is moved aside, and that is told. */
  replaceIfDamaged(thrown: unknown): void {
    if (isCorrupt(thrown)) this.replace();
  }

  replace(): void {
    try {
      this.#side.replaced(this.#work.replace());
    } catch (thrown) {
      this.#side.failed(thrown);
    }
  }

  /** For work that nobody waits for: of a disk without room, say, the next write will tell. */
  guard(work: () => void): void {
    try {
      work();
    } catch (thrown) {
      this.replaceIfDamaged(thrown);
    }
  }

  #commitSome(): void {
    const count = this.#waiting.length === 0 ? 0 : this.#work.count(this.#waiting);
    const writes = this.#refuseOnLowDisk(this.#waiting.splice(0, count));
    try {
      const values = this.#work.commit(writes);
      writes.forEach(({ id }, index) => this.#side.answer(id, values[index]));
    } catch (thrown) {
      this.#fail(writes, thrown);
    }
    this.#side.flush();
    this.tidyLater();
  }

  /** Answers full to what would be added to a disk that is nearly full; returns the rest. */
  #refuseOnLowDisk(writes: Write[]): Write[] {
    const { adds, path, reserveBytes, full } = this.#work;
    if (!writes.some(adds)) return writes;
    const { bavail, bsize } = statfsSync(dirname(path));
    if (bavail * bsize >= reserveBytes) return writes;
    for (const write of writes) if (adds(write)) this.#side.answer(write.id, full);
    return writes.filter((write) => !adds(write));
  }

  #fail(writes: readonly Write[], thrown: unknown): void {
    this.replaceIfDamaged(thrown);
    for (const write of writes) {
      if (this.#work.adds(write) && isFull(thrown)) this.#side.answer(write.id, this.#work.full);
      else this.#side.refuse(write.id, thrown);
    }
  }

  #tidy(): void {
    this.guard(() => {
      if (this.#work.tidyStep()) this.#tidying = setTimeout(() => this.#tidy(), 0);
    });
  }
}
