/**
 * The daemon that soak kills ends again and again: started on its data directory, killed, looked at while nothing runs on it, and what
 * must hold whatever it did: it opens soon, a second start is refused, and no temporary file is left.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSqliteBlockStore } from '../../../src-main/storage/sqlite/block-store.ts';
import { createSodiumCrypto } from '../../../src-main/workers/sodium/crypto.ts';
import { createSystemRandom } from '../../../src-main/workers/sodium/random.ts';
import type { Daemon, Practice } from '../../support/practice.ts';
import { runCommand } from '../../support/spawn.ts';
import { untilLinks } from './linked.ts';

/** targets.md, "Sturdiness". */
export const OPEN_WITHIN_MS = 2_000;
const LEAST_LINKS = 3;
/** Exit code of `data-in-use` (interface of the command line). */
const IN_USE = 10;

/** What is in a data directory while a node runs, or after it ended; a name that is not here is one that something left. */
const KNOWN = [
  /^(?:identity|library|origin|claim)\.key$/,
  /^(?:blocks|opened|kept|library|shares|search)\.db(?:-wal|-shm)?$/,
  /^(?:settings|known-nodes|daemon|holder|interface)\.json$/,
  /^lock(?:-holder)?$/,
  /^(?:staging|publishing|pens)$/,
  /^publishing\/[0-9a-f]{16}\.journal$/,
];

export class Victim {
  readonly directory: string;
  readonly #practice: Practice;
  readonly #isStrict: boolean;
  #daemon: Daemon | undefined;
  slowestOpenMs = 0;
  slowestStartMs = 0;
  refusedStarts = 0;

  constructor(practice: Practice, name: string, isStrict: boolean) {
    this.#practice = practice;
    this.directory = join(practice.directory, name);
    this.#isStrict = isStrict;
  }

  get daemon(): Daemon {
    assert.ok(this.#daemon !== undefined, 'the daemon that is killed does not run');
    return this.#daemon;
  }

  /** Ready, and linked. What a dead process held is taken over without a word. */
  async start(): Promise<void> {
    const startedMs = performance.now();
    const daemon = await this.#practice.startDaemon(this.directory.slice(this.#practice.directory.length + 1));
    this.slowestStartMs = Math.max(this.slowestStartMs, performance.now() - startedMs);
    this.#daemon = daemon;
    await untilLinks(daemon.client, LEAST_LINKS);
  }

  async kill(): Promise<void> {
    await this.daemon.kill();
    this.#daemon = undefined;
  }

  /** Somebody starts it again while it runs. */
  async assertSecondIsRefused(): Promise<void> {
    const { code, stderr } = await runCommand(['daemon', '--data', this.directory, '--quiet']);
    assert.equal(code, IN_USE, `a second start ended with ${code}: ${stderr}`);
    assert.match(stderr, /is in use by the daemon \(process \d+\)\. Stop it, or choose another directory/);
    this.refusedStarts += 1;
  }

  /** While nothing runs on it: every database whole, to the last page, after SQLite has taken in its log; nothing moved aside. */
  async assertWhole(): Promise<void> {
    for (const name of await readdir(this.directory)) {
      assert.ok(!name.includes('.damaged-'), `${name}: a kill alone damages nothing`);
      if (!name.endsWith('.db')) continue;
      const database = new DatabaseSync(join(this.directory, name));
      try {
        const verdict = database.prepare('PRAGMA integrity_check').get()?.['integrity_check'];
        assert.equal(verdict, 'ok', name);
      } finally {
        database.close();
      }
    }
  }

  /** The store of blocks as a start opens it; on the clock with --strict, else by the processor's time (a machine that does more). */
  async assertOpensSoon(): Promise<void> {
    const path = join(this.directory, 'blocks.db');
    if (!existsSync(path)) return;
    const [before, cpuBefore] = [performance.now(), process.cpuUsage()];
    const store = await openSqliteBlockStore({
      ...{ path, quotaBytes: 1e12, crypto: createSodiumCrypto(), random: createSystemRandom() },
      onDamaged: (movedTo) => assert.fail(`moved to ${movedTo}`),
    });
    const { user, system } = process.cpuUsage(cpuBefore);
    const wallMs = performance.now() - before;
    await store.close();
    this.slowestOpenMs = Math.max(this.slowestOpenMs, wallMs);
    const openMs = this.#isStrict ? wallMs : Math.min(wallMs, (user + system) / 1_000);
    assert.ok(openMs <= OPEN_WITHIN_MS, `the store opened in ${openMs.toFixed(0)} ms`);
  }

  /** Blocks that are on its disk, for whatever reason; while nothing runs on it. */
  blocksOnDisk(name: 'blocks.db' | 'kept.db'): number {
    const path = join(this.directory, name);
    if (!existsSync(path)) return 0;
    const database = new DatabaseSync(path, { readOnly: true });
    try {
      return Number(database.prepare('SELECT count(*) AS count FROM entries').get()?.['count']);
    } finally {
      database.close();
    }
  }

  /** Once it runs again. */
  async assertTidy(): Promise<void> {
    const names = (await readdir(this.directory, { recursive: true })).map((name) => name.replaceAll('\\', '/'));
    for (const report of names.filter((name) => name.startsWith('reports/')))
      assert.fail(`something unexpected happened: ${await readFile(join(this.directory, report), 'utf8')}`);
    const left = names.filter((name) => !KNOWN.some((pattern) => pattern.test(name)));
    assert.deepEqual(left, [], 'files that are left after a start');
  }
}
