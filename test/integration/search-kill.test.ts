/** What a search index keeps when its process is killed while lists change. SEARCH_KILLS says how often (6), SEARCH_SEED repeats a run. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { SearchIndex } from '../../src-main/core/search/index-port.ts';
import { parseQuery } from '../../src-main/core/search/query-text.ts';
import { openSqliteSearchIndex } from '../../src-main/storage/sqlite/search-index.ts';
import { createSystemRandom } from '../../src-main/workers/sodium/random.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { KEPT_FILES, KILLED_SOURCES, killedSource, wordOf } from './search-kill-lists.ts';

const KILLS = Number(process.env['SEARCH_KILLS'] ?? 6);
const SEED = Number(process.env['SEARCH_SEED'] ?? createSystemRandom().below(2 ** 31));
const WRITER = fileURLToPath(new URL('./search-kill-writer.ts', import.meta.url));
const KILL_WITHIN_MS = 300;

/** Runs the writer until `delayMs` after its first acknowledgement, kills it, and returns the last sequence of each source. */
async function writeAndKill(path: string, first: number, delayMs: number): Promise<number[]> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', WRITER, path, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const last = Array.from({ length: KILLED_SOURCES }, () => first - 1);
  const lines = createInterface({ input: child.stdout });
  const ended = once(lines, 'close');
  lines.on('line', (line) => {
    const [source, sequence] = line.split(' ').map(Number);
    last[source!] = sequence!;
  });
  await Promise.race([once(lines, 'line'), exited]);
  await pause(delayMs);
  child.kill('SIGKILL');
  const [, signal] = await exited;
  assert.equal(signal, 'SIGKILL', 'the writer ended by itself');
  await ended;
  return last;
}

async function namesFound(index: SearchIndex, text: string): Promise<string[]> {
  const parsed = parseQuery(text);
  assert.ok(parsed.ok);
  const { hits } = await index.query(parsed.query, { limit: 500, perSource: 500, perContent: 500, todayDay: 20_000 });
  return hits.map((hit) => (hit.kind === 'direct' ? hit.entry.name : '')).toSorted();
}

test(`a killed index has each list as some change left it, no older than what it acknowledged, ${KILLS} times (SEARCH_SEED=${SEED})`, async (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'broadside-search-kill-'));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'search.db');
  const random = seededRandom(SEED);
  let first = 1;
  for (let round = 0; round < KILLS; round += 1) {
    const acknowledged = await writeAndKill(path, first, random.below(KILL_WITHIN_MS));
    assert.ok(acknowledged.some((sequence) => sequence >= first));
    const index = await openSqliteSearchIndex({
      path,
      random: createSystemRandom(),
      wallMs: () => Date.now(),
      onDamaged: (movedTo) => assert.fail(`moved to ${movedTo}`),
    });
    try {
      let [files, highest] = [0, first];
      for (let source = 0; source < KILLED_SOURCES; source += 1) {
        const state = await index.listState(killedSource(source));
        const sequence = state?.sequence ?? 0;
        assert.ok(sequence >= acknowledged[source]!, `${source}: ${sequence} of ${acknowledged[source]}`);
        index.present(killedSource(source), { freeSlots: 1 });
        const names = await namesFound(index, `"harbour ${source}"`);
        assert.equal(names.length, state?.files ?? 0);
        files += state?.files ?? 0;
        highest = Math.max(highest, sequence);
        if (sequence >= first) {
          assert.equal((await namesFound(index, wordOf(source, sequence))).length, 1);
          for (let older = sequence; older > Math.max(first - 1, sequence - KEPT_FILES); older -= 1) {
            assert.ok(names.includes(`tide tables ${wordOf(source, older)}.pdf`), `${source}: ${older} is missing`);
          }
          const gone = sequence - KEPT_FILES;
          if (gone >= first) assert.deepEqual(await namesFound(index, wordOf(source, gone)), []);
        }
      }
      assert.equal((await index.stats()).files, files);
      first = highest + 1;
    } finally {
      await index.close();
    }
  }
});
