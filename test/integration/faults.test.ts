/**
 * Writes of SQLite's databases that fail, as the system sees them: some of each, for each take some milliseconds (all of them in
 * `npm run soak -- faults`). Where no C compiler is, SQLite is told at each page boundary in turn that its file may not grow.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openSqliteBlockStore } from '../../src-main/storage/sqlite/block-store.ts';
import { createSodiumCrypto } from '../../src-main/workers/sodium/crypto.ts';
import { DATABASE_SCENARIOS } from '../support/fault-databases.ts';
import type { FaultCount } from '../support/fault-run.ts';
import { runShimmed, shimProblem } from '../support/fault-shimmed.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { numberedEntry } from './store-kill-entries.ts';

/** Of each writer, phase and kind. */
const MOST = 2;
/** SQLite's pages of an empty store, and of some records more. */
const [FIRST_PAGES, LAST_PAGES] = [8, 24];

describe('databases whose writes fail', () => {
  const problem = shimProblem();
  it('say so, stay whole, and go on', { skip: problem ?? false }, async (context) => {
    const counts: FaultCount[] = [];
    const problems: string[] = [];
    const outcome = await runShimmed(
      MOST,
      DATABASE_SCENARIOS.map(({ name }) => name),
      { onCount: (count) => counts.push(count), onProblem: (where, what) => problems.push(`${where}: ${what}`) },
    );
    assert.deepEqual([outcome, problems], [undefined, []]);
    for (const { name } of DATABASE_SCENARIOS)
      assert.ok(
        counts.some(({ scenario, told }) => scenario === name && told > 0),
        `${name}: nothing failed`,
      );
    context.diagnostic(`${counts.reduce((sum, { tried }) => sum + tried, 0)} writes failed`);
  });
});

describe('a block store whose file may not grow', () => {
  it('answers full at each page boundary in turn, keeps what it has, and goes on when it may', async (context) => {
    const crypto = createSodiumCrypto();
    const directory = mkdtempSync(join(tmpdir(), 'broadside-pages-'));
    context.after(() => rmSync(directory, { recursive: true, force: true }));
    const path = join(directory, 'blocks.db');
    const open = (maxPages: number) =>
      openSqliteBlockStore({
        ...{ path, quotaBytes: 1e9, crypto, random: seededRandom(1), reserveBytes: 0, maxPages },
        onDamaged: (movedTo) => assert.fail(`moved to ${movedTo}`),
      });
    const held: number[] = [];
    let full = 0;
    for (let pages = FIRST_PAGES, number = 0; pages <= LAST_PAGES; pages += 1) {
      const store = await open(pages);
      for (let left = 3; left > 0; left -= 1, number += 1) {
        const outcome = await store.put(numberedEntry(crypto, number));
        if (outcome === 'stored') held.push(number);
        else {
          assert.equal(outcome, 'full');
          full += 1;
        }
      }
      for (const each of held) {
        const { address, record } = numberedEntry(crypto, each);
        assert.deepEqual(new Uint8Array((await store.get(address)) ?? []), record, `${pages} pages: lost ${each}`);
      }
      await store.close();
    }
    assert.ok(full > 0 && held.length > 5, `${full} were refused, ${held.length} held`);
  });
});
