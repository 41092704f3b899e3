/**
 * Writes fixtures of the present formats on disk that have none yet, into test/vectors/disk: after a schema got a new version, say.
 * Those that are there are what earlier versions wrote, and stay as they are. Run: node test/vectors/disk-fixtures.ts
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gzipSync } from 'node:zlib';
import { DATABASE_FIXTURES, FIXTURES, writeFixture } from './disk-contents.ts';
import { FILE_FIXTURES } from './disk-files.ts';

const directory = mkdtempSync(join(tmpdir(), 'broadside-fixtures-'));
for (const { name, write } of DATABASE_FIXTURES) {
  const path = join(directory, `${name}.db`);
  await write(path);
  const database = new DatabaseSync(path);
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
  put(`${name}-${version}.db.gz`, gzipSync(readFileSync(path), { level: 9 }));
}
for (const fixture of FILE_FIXTURES) {
  const path = join(directory, fixture.name);
  for (const [name, bytes] of await fixture.write(path)) put(`${fixture.name}/${name}`, bytes);
}
rmSync(directory, { recursive: true, force: true });

function put(name: string, bytes: Uint8Array): void {
  if (existsSync(join(FIXTURES, name))) return;
  writeFixture(name, bytes);
  process.stdout.write(`${name}: ${bytes.length} bytes\n`);
}
