/**
 * A data directory of earlier versions (test/vectors/disk) that a daemon is started on, and killed while it starts: it must be of one
 * version or the next, whole, with all that was in it, and be of the present one after a start that is left alone.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gunzipSync } from 'node:zlib';
import type { Random } from '../../../src-main/core/ports.ts';
import type { Practice } from '../../support/practice.ts';
import { CLI, startChild } from '../../support/spawn.ts';
import type { DaemonReady } from '../../support/spawn.ts';
import { readFixture } from '../../vectors/disk-contents.ts';

/** Old files, and what is counted in them. */
const OLD = [
  { file: 'blocks.db', fixture: 'blocks-1.db.gz', now: 2, count: 'SELECT count(*) AS count FROM entries', rows: 4 },
  { file: 'search.db', fixture: 'search-1.db.gz', now: 2, count: 'SELECT count(*) AS count FROM files', rows: 2 },
] as const;
/** A start takes a second or two, and opens its stores in the middle of it. */
const START_MS = 1_500;

/** Kills it once, starts it again, and checks; the time that the kill came, in milliseconds, for who repeats it. */
export async function killMigrating(
  practice: Practice,
  random: Random,
  pause: (ms: number) => Promise<void>,
): Promise<number> {
  const directory = join(practice.directory, 'old');
  mkdirSync(directory, { mode: 0o700 });
  for (const { file, fixture } of OLD)
    writeFileSync(join(directory, file), gunzipSync(readFixture(fixture)), { mode: 0o600 });
  const args = ['daemon', ...practice.on('old'), '--quiet'];
  const child = spawn(process.execPath, [CLI, ...args], { stdio: 'ignore' });
  const closed = once(child, 'close');
  const afterMs = random.below(START_MS);
  await pause(afterMs);
  child.kill('SIGKILL');
  const [, signal] = await closed;
  assert.equal(signal, 'SIGKILL', 'the daemon ended by itself');
  assertAll(directory, false);
  const again = await startChild<DaemonReady>(args);
  assert.equal(await again.stop(), 0, again.stderr());
  assertAll(directory, true);
  rmSync(directory, { recursive: true });
  return afterMs;
}

function assertAll(directory: string, isDone: boolean): void {
  for (const { file, now, count, rows } of OLD) {
    const database = new DatabaseSync(join(directory, file));
    try {
      assert.equal(database.prepare('PRAGMA integrity_check').get()?.['integrity_check'], 'ok', file);
      const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
      const table = Number(database.prepare("SELECT value FROM meta WHERE name = 'version'").get()?.['value']);
      assert.equal(version, table, `${file}: its header and its table say another version`);
      // An index that nobody asks is opened when it is asked.
      const may = isDone && file === 'blocks.db' ? [now] : [now - 1, now];
      assert.ok(may.includes(version), `${file} has version ${version}`);
      assert.equal(Number(database.prepare(count).get()?.['count']), rows, `${file} lost some of what was in it`);
    } finally {
      database.close();
    }
  }
}
