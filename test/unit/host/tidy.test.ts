/** What a process that was killed in a write left behind goes at the next start; everything else stays. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { dataDirectoryAt } from '../../../src-main/host/data-directory.ts';
import { tidyDataDirectory } from '../../../src-main/host/tidy.ts';

/** As the writers name them (storage/files, data-directory.ts), and earlier versions did. */
const LEFT = [
  '.identity.key.0123456789abcdef',
  '.addresses.key.ffffffffffffffff',
  '.settings.json.new',
  '.library.key.new',
  'daemon.json.new',
  'daemon.json.new-4711',
  'known-nodes.json.0a1b2c3d.tmp',
];
/** What is there on purpose, and what has only a similar name. */
const KEPT = [
  'identity.key',
  'settings.json',
  'known-nodes.json',
  'blocks.db',
  'blocks.db-wal',
  '.hidden',
  'notes.new',
  'my.json.new.txt',
  '.identity.key.0123456789abcde',
  '.identity.key.0123456789abcdeg',
  'known-nodes.json.0a1b2c3d4e.tmp',
  'Daemon.json.new',
];

describe('tidying a data directory', () => {
  let path: string;

  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'broadside-tidy-'));
    mkdirSync(join(path, 'pens'));
  });
  afterEach(() => rmSync(path, { recursive: true, force: true }));

  const fill = (directory: string, names: readonly string[]): void => {
    for (const name of names) writeFileSync(join(directory, name), 'x');
  };
  const tidy = (): void => tidyDataDirectory(dataDirectoryAt(path));

  it('takes away what was left, and nothing else', () => {
    fill(path, [...LEFT, ...KEPT]);
    tidy();
    assert.deepEqual(readdirSync(path).sort(), [...KEPT, 'pens'].sort());
  });

  it('among the secrets of pens too, whose names are numbers', () => {
    const pen = `${'ab'.repeat(32)}.key`;
    fill(join(path, 'pens'), [pen, `.${pen}.0123456789abcdef`, `.${pen}.new`]);
    tidy();
    assert.deepEqual(readdirSync(join(path, 'pens')), [pen]);
  });

  it('leaves alone what lies deeper: staging and journals are looked after by their own', () => {
    mkdirSync(join(path, 'staging'));
    fill(join(path, 'staging'), LEFT);
    tidy();
    assert.equal(readdirSync(join(path, 'staging')).length, LEFT.length);
  });

  it('passes over what it cannot remove or look at', () => {
    mkdirSync(join(path, 'daemon.json.new'));
    fill(path, ['.settings.json.new']);
    rmSync(join(path, 'pens'), { recursive: true });
    tidy();
    assert.equal(existsSync(join(path, 'daemon.json.new')), true);
    assert.equal(existsSync(join(path, '.settings.json.new')), false);
    assert.doesNotThrow(() => tidyDataDirectory(dataDirectoryAt(join(path, 'nowhere'))));
  });
});
