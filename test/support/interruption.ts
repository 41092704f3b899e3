/** A node that is killed while it sends, and the next one on its disk; the network stays. */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { toHex } from '../../shared/base/bytes.ts';
import type { Job } from '../../shared/ipc/model.ts';
import { KIND_CONTENT } from '../../src-main/core/wire/record.ts';
import { createSodiumCrypto } from '../../src-main/workers/sodium/crypto.ts';
import { MemoryBlockNetwork } from './memory-block-network.ts';
import { createTestPublisher } from './publishing.ts';
import type { TestPublisher } from './publishing.ts';

/** A window of blocks, and those whose note waits for company (services/publish/journal.ts), may be sent again. */
export const MAX_AGAIN = 64 + 32;

export class Interruption {
  readonly directory: string;
  /** Where journals are. */
  readonly publishing: string;
  readonly network = new MemoryBlockNetwork({ crypto: createSodiumCrypto() });
  readonly #running: TestPublisher[] = [];

  private constructor(directory: string) {
    this.directory = directory;
    this.publishing = join(directory, 'publishing');
  }

  static async create(): Promise<Interruption> {
    return new Interruption(await mkdtemp(join(tmpdir(), 'broadside-unfinished-')));
  }

  async close(): Promise<void> {
    for (const test of this.#running.splice(0)) await test.close();
    await rm(this.directory, { recursive: true, force: true });
  }

  /** The next run of the node. */
  async node(): Promise<TestPublisher> {
    const test = await createTestPublisher({ network: this.network, publishing: this.publishing });
    this.#running.push(test);
    return test;
  }

  /** A file of that name and content; its path. */
  async file(name: string, bytes: Uint8Array | string): Promise<string> {
    const path = join(this.directory, name);
    await writeFile(path, bytes);
    return path;
  }

  /** Inserts go through until there were so many; the rest never ends but by the signal. */
  stall(after: number): Promise<void> {
    const { network } = this;
    const stalled = Promise.withResolvers<void>();
    const before = network.insertCount;
    network.options.delayInsert = () => {
      if (network.insertCount - before <= after) return undefined;
      stalled.resolve();
      return new Promise(() => {});
    };
    return stalled.promise;
  }

  /**
   * Begins a job and, when so many records were handed over, kills the node: what was on disk then is what the next run
   * finds. The job as it was.
   */
  async kill(after: number, begin: (test: TestPublisher) => string | Promise<string>): Promise<Job> {
    const { publishing } = this;
    const stalled = this.stall(after);
    const test = await this.node();
    const id = await begin(test);
    await stalled;
    for (let count = 0; count < 20; count += 1) await turn();
    const copy = join(this.directory, 'copy');
    await cp(publishing, copy, { recursive: true });
    const job = test.jobs.get(id);
    await test.jobs.close();
    await rm(publishing, { recursive: true });
    await cp(copy, publishing, { recursive: true });
    await rm(copy, { recursive: true });
    delete this.network.options.delayInsert;
    return job;
  }

  /** Content blocks that were inserted since, and those of them that the network had already. */
  countInserts(): () => { sent: number; again: number } {
    const { network } = this;
    const from = network.inserts.length;
    const had = new Set(network.records.keys());
    return () => {
      const content = network.inserts.slice(from).filter(({ record }) => record.kind === KIND_CONTENT);
      return { sent: content.length, again: content.filter(({ address }) => had.has(toHex(address))).length };
    };
  }
}

export function interruptedJobs<Kind extends Job['kind']>(
  test: TestPublisher,
  kind: Kind,
): Extract<Job, { kind: Kind }>[] {
  return test.jobs
    .list()
    .filter((job): job is Extract<Job, { kind: Kind }> => job.kind === kind && job.state === 'interrupted');
}
