/**
 * Every format on disk that a version wrote opens in this one, and each has its fixture (test/vectors/disk): a schema that gets a new
 * version fails here until `node test/vectors/disk-fixtures.ts` has written what it looks like now.
 */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { DATABASE_FIXTURES, FIXTURES, readFixture } from '../../vectors/disk-contents.ts';
import { copyFixture, FILE_FIXTURES } from '../../vectors/disk-files.ts';
import { DATA_FILES, NO_FIXTURE } from '../../vectors/data-files.ts';
import { dataDirectoryAt } from '../../../src-main/host/data-directory.ts';
import { projectRoot } from '../../support/project-root.ts';

let directory = '';
before(() => {
  directory = mkdtempSync(join(tmpdir(), 'broadside-formats-'));
});
after(() => rmSync(directory, { recursive: true, force: true }));

function headerOf(path: string): { readonly applicationId: number; readonly version: number } {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const pragma = (name: string): number => Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
    return { applicationId: pragma('application_id'), version: pragma('user_version') };
  } finally {
    database.close();
  }
}

const fixtures = readdirSync(FIXTURES);

describe('databases', () => {
  for (const { name, applicationId, read, write } of DATABASE_FIXTURES) {
    const versions = fixtures
      .map((file) => new RegExp(`^${name}-(\\d+)\\.db\\.gz$`).exec(file)?.[1])
      .filter((version) => version !== undefined)
      .map(Number)
      .toSorted((a, b) => a - b);

    it(`${name}: there is a fixture of each version up to the present one`, async () => {
      const path = join(directory, `${name}-now.db`);
      await write(path);
      const present = headerOf(path);
      assert.equal(present.applicationId, applicationId);
      assert.deepEqual(
        versions,
        Array.from({ length: present.version }, (_, index) => index + 1),
      );
    });

    for (const version of versions) {
      it(`${name}: version ${version} opens with all that is in it, and goes on`, async () => {
        const path = join(directory, `${name}-${version}.db`);
        writeFileSync(path, gunzipSync(readFixture(`${name}-${version}.db.gz`)), { mode: 0o600 });
        chmodSync(path, 0o600);
        assert.deepEqual(headerOf(path), { applicationId, version });
        await read(path);
        assert.equal(headerOf(path).version, versions.at(-1));
      });
    }
  }
});

describe('files and folders', () => {
  for (const { name, read } of FILE_FIXTURES) {
    it(`${name} opens as it was written`, async () => {
      const path = join(directory, name);
      await copyFixture(join(FIXTURES, name), path);
      await read(path);
    });
  }

  it('nothing is there that no test opens', () => {
    const known = [...DATABASE_FIXTURES, ...FILE_FIXTURES].map(({ name }) => name);
    const unknown = fixtures.filter((file) => !known.includes(file.replace(/-\d+\.db\.gz$/, '')));
    assert.deepEqual(unknown, []);
  });
});

describe('what may lie in a data directory', () => {
  const known = new Set([...DATABASE_FIXTURES, ...FILE_FIXTURES].map(({ name }) => name));

  it('has a fixture each, or a reason for none', () => {
    for (const [name, fixture] of Object.entries(DATA_FILES)) assert.ok(known.has(fixture), `${name}: ${fixture}`);
    for (const [name, reason] of Object.entries(NO_FIXTURE)) {
      assert.ok(reason.length > 10, name);
      assert.ok(!(name in DATA_FILES), name);
    }
  });

  it('is all that the program has a name for', () => {
    const { path, ...places } = dataDirectoryAt(join(directory, 'any'));
    const names = Object.values(places).map((place) => place.slice(path.length + 1));
    const missing = names.filter((name) => ![name, `${name}/`].some((one) => one in DATA_FILES || one in NO_FIXTURE));
    assert.deepEqual(missing, []);
  });

  it('is what docs/spec/storage.md lists', () => {
    const page = readFileSync(join(projectRoot, 'docs', 'spec', 'storage.md'), 'utf8');
    const table = page.slice(page.indexOf('| file | what |'), page.indexOf('A database is made'));
    const listed = table.split('\n').flatMap((row) => {
      const [, first = ''] = row.split('|');
      return [...first.matchAll(/`([^`]+)`/g)].map(([, name]) => name!.replace(/<[^>]+>/, '*'));
    });
    assert.deepEqual(listed.toSorted(), [...Object.keys(DATA_FILES), ...Object.keys(NO_FIXTURE)].toSorted());
  });
});
