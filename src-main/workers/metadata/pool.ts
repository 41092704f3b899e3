/**
 * Looks for metadata and strips it on a thread of its own, one file at a time, bounded in size, time and memory: a file that
 * passes a bound ends the thread and is told as not looked into. Nobody else waits for it.
 */
import { GIB } from '../../../shared/base/units.ts';
import type { MetadataFindings, MetadataReason } from '../../../shared/base/metadata.ts';
import { stopping, ThreadPool } from '../thread-pool.ts';
import type { FromThread, MetadataFile, StrippedFile, ToThread } from './messages.ts';

/** Longest that one file may take. A guess: the largest PDF that is looked into takes some seconds. */
const TIMEOUT_MS = 20_000;
/** What a thread may hold of objects; of bytes the second, by which the whole process may grow meanwhile. Guesses. */
const MAX_HEAP_MIB = 1024;
const MAX_GROWTH_BYTES = GIB;
/** How often the growth is looked at: what unfolds in a thread makes some 100 MB a second. */
const GROWTH_CHECK_MS = 50;

/** Why a file was not stripped. */
export class MetadataRefusal extends Error {
  readonly reason: MetadataReason;

  constructor(reason: MetadataReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

export interface MetadataPoolOptions {
  /** The thread's program, for hosts that bundle it elsewhere. */
  readonly workerUrl?: URL;
  /** For tests. */
  readonly timeoutMs?: number;
}

interface Waiting {
  readonly request: (task: number) => ToThread;
  readonly settle: (outcome: FromThread | MetadataRefusal | Error) => void;
}

export class MetadataPool {
  readonly #pool: ThreadPool<ToThread, FromThread>;
  readonly #timeoutMs: number;
  readonly #waiting: Waiting[] = [];
  #running = false;

  constructor({ workerUrl, timeoutMs }: MetadataPoolOptions = {}) {
    this.#timeoutMs = timeoutMs ?? TIMEOUT_MS;
    this.#pool = new ThreadPool({
      threads: 1,
      workerUrl: workerUrl ?? new URL('./worker.ts', import.meta.url),
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
    });
  }

  /** What a file tells. A file that cannot be looked into is told so; rejects only when the pool is closed. */
  async look(file: MetadataFile): Promise<MetadataFindings> {
    const { absolutePath, type } = file;
    try {
      const answer = await this.#run((task) => ({ task, kind: 'look', absolutePath, type }));
      return answer.findings!;
    } catch (thrown) {
      if (!(thrown instanceof MetadataRefusal)) throw thrown;
      const { reason } = thrown;
      return {
        kind: 'unknown',
        items: [{ what: 'not-looked', value: reason }],
        more: 0,
        canStrip: false,
        reason,
        leaves: ['not-looked'],
      };
    }
  }

  /** Writes the stripped file to `to`. Rejects with MetadataRefusal, and then there is none. */
  async strip(file: MetadataFile, to: string): Promise<StrippedFile> {
    const { absolutePath, type } = file;
    const answer = await this.#run((task) => ({ task, kind: 'strip', absolutePath, type, to }));
    return answer.stripped!;
  }

  /** Ends the thread; what waits is refused. Idempotent. */
  async close(): Promise<void> {
    const closed = this.#pool.close();
    for (const { settle } of this.#waiting.splice(0)) settle(stopping());
    await closed;
  }

  #run(request: (task: number) => ToThread): Promise<Extract<FromThread, { ok: true }>> {
    return new Promise((resolve, reject) => {
      if (this.#pool.closed) {
        reject(stopping());
        return;
      }
      const settle = (outcome: FromThread | Error): void => {
        if (outcome instanceof Error) reject(outcome);
        else if (outcome.ok) resolve(outcome);
        else reject(new MetadataRefusal(outcome.reason ?? 'damaged', outcome.message));
      };
      this.#waiting.push({ request, settle });
      this.#next();
    });
  }

  #next(): void {
    if (this.#running || this.#pool.closed) return;
    const waiting = this.#waiting.shift();
    if (waiting === undefined) return;
    this.#running = true;
    const thread = this.#pool.thread();
    let refused: MetadataReason = 'too-large';
    const startBytes = process.memoryUsage.rss();
    const end = (reason: MetadataReason): void => {
      refused = reason;
      void thread.terminate();
    };
    const timer = setTimeout(end, this.#timeoutMs, 'too-slow');
    const watch = setInterval(() => {
      if (process.memoryUsage.rss() - startBytes > MAX_GROWTH_BYTES) end('too-large');
    }, GROWTH_CHECK_MS);
    const ended = (outcome: FromThread | Error): void => {
      clearTimeout(timer);
      clearInterval(watch);
      this.#running = false;
      waiting.settle(outcome);
      this.#next();
    };
    const task = thread.begin({
      deliver: (message) => {
        thread.end(task);
        ended(message);
      },
      fail: (message) => ended(this.#pool.closed ? stopping() : new MetadataRefusal(refused, message)),
    });
    thread.post(waiting.request(task));
  }
}
