/** The writer of a block store: owns the file, commits what is put and removed, keeps the quota and gives the disk back what is free. */
import { toHex } from '../../../shared/base/bytes.ts';
import { BlockDatabase, BLOCK_SCHEMA } from './block-database.ts';
import { CommitQueue } from './commit-queue.ts';
import { moveAside } from './database-file.ts';
import type { BlockProtocol, Request, WorkerSetup, WriteOperation } from './messages.ts';
import type { ThreadSide } from './thread-side.ts';

/** Operations in one commit: 8 MiB of records, so that the first to arrive does not wait for the last. */
const MAX_COMMIT_OPERATIONS = 256;
/** Uses that are noted before they are written by a commit of their own; a row is rewritten for each. */
const MAX_NOTED_USES = 4_096;
/** When nothing was written for so long, free pages go back to the disk and the log is emptied. */
const MAINTENANCE_AFTER_MS = 1_000;

type Write = WriteOperation & { readonly id: number };

export class BlockWriter {
  readonly #side: ThreadSide<BlockProtocol>;
  readonly #setup: WorkerSetup;
  readonly #queue: CommitQueue<Write, BlockProtocol>;
  #database: BlockDatabase;
  /** Hash in hexadecimal to hash; a Map, for the order is that of use. At most MAX_NOTED_USES and one message more. */
  #touched = new Map<string, Uint8Array>();
  #shrinking: { readonly id: number | undefined } | undefined;
  #limits: WorkerSetup['limits'];

  constructor(side: ThreadSide<BlockProtocol>, setup: WorkerSetup) {
    this.#side = side;
    this.#setup = setup;
    this.#limits = setup.limits;
    this.#database = new BlockDatabase(setup);
    this.#queue = new CommitQueue<Write, BlockProtocol>(side, {
      path: setup.path,
      reserveBytes: setup.reserveBytes,
      count: (waiting) => Math.min(waiting.length, MAX_COMMIT_OPERATIONS),
      commit: (operations) => this.#commit(operations),
      adds: ({ type }) => type === 'put',
      full: 'full',
      replace: () => this.#replace(),
      tidyAfterMs: MAINTENANCE_AFTER_MS,
      // Done again and again, for a log that can never be written back would grow for ever.
      tidyStep: () => this.#database.freeStep(),
    });
    const { salt, movedTo } = this.#database;
    side.open({ salt, movedTo }, (request) => this.#receive(request));
  }

  #receive(request: Request): void {
    switch (request.type) {
      case 'put':
      case 'remove':
      case 'drop-damaged':
        this.#queue.add(request);
        return;
      case 'touch':
        for (const hash of request.hashes) {
          const key = toHex(hash);
          this.#touched.delete(key);
          this.#touched.set(key, hash);
        }
        if (this.#touched.size >= MAX_NOTED_USES) this.#queue.schedule();
        return;
      case 'begin':
        // The quota may have been larger when the store was last open.
        this.#shrink(undefined);
        return;
      case 'set-quota':
        this.#queue.commitAll();
        this.#limits = { ...this.#limits, quotaBytes: request.quotaBytes };
        this.#database.setQuota(request.quotaBytes);
        this.#shrink(request.id);
        return;
      case 'stats':
        this.#side.run(request.id, () => this.#database.stats());
        this.#side.flush();
        return;
      case 'close':
        this.#close(request.id);
        return;
      default:
        throw new Error(`not for the writer: ${request.type}`);
    }
  }

  #commit(operations: readonly Write[]) {
    const touched = [...this.#touched.values()];
    this.#touched.clear();
    return operations.length === 0 && touched.length === 0 ? [] : this.#database.commit(touched, operations);
  }

  /** What is put next goes into a fresh file under the same salt, since entries under way carry hashes made with it. */
  #replace(): BlockProtocol['notice'] {
    const { salt } = this.#database;
    this.#database.close();
    const movedTo = moveAside(this.#setup.path, BLOCK_SCHEMA.damagedFiles);
    this.#database = new BlockDatabase({ ...this.#setup, limits: this.#limits, freshSalt: salt });
    return { movedTo };
  }

  /** In steps, between which other requests have their turn. `id` is answered when the disk is free. */
  #shrink(id: number | undefined): void {
    const running = this.#shrinking !== undefined;
    this.#answerShrink();
    this.#shrinking = { id };
    if (!running) setImmediate(() => this.#shrinkOn());
  }

  #shrinkOn(): void {
    if (this.#shrinking === undefined) return;
    try {
      if (this.#database.shrinkStep() || this.#database.freeStep()) {
        setImmediate(() => this.#shrinkOn());
        return;
      }
      this.#answerShrink();
    } catch (thrown) {
      this.#queue.replaceIfDamaged(thrown);
      if (this.#shrinking.id !== undefined) this.#side.refuse(this.#shrinking.id, thrown);
    }
    this.#shrinking = undefined;
    this.#side.flush();
  }

  #answerShrink(): void {
    if (this.#shrinking?.id !== undefined) this.#side.answer(this.#shrinking.id, true);
  }

  #close(id: number): void {
    this.#queue.close();
    this.#answerShrink();
    this.#shrinking = undefined;
    this.#database.close();
    this.#side.answer(id, true);
    this.#side.flush();
  }
}
