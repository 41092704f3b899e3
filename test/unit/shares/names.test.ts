/** Names that are left out of shared folders. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nameExclusion } from '../../../src-main/workers/hashing/excluded.ts';

describe('names that are left out of a shared folder', () => {
  it('are those of systems, always, in whatever case', () => {
    for (const name of [
      'Thumbs.db',
      'DESKTOP.INI',
      '.DS_Store',
      '$RECYCLE.BIN',
      'lost+found',
      '.Trash-1000',
      '._a.jpg',
    ])
      assert.equal(nameExclusion(name, true), 'system', name);
    for (const name of [
      '~$letter.docx',
      '.~lock.table.ods#',
      'film.mkv.part',
      'a.crdownload',
      '.ssh',
      '.git',
      '.nfs0000000000c0ffee',
    ])
      assert.equal(nameExclusion(name, true), 'system', name);
  });

  it('are hidden ones, unless they are wanted', () => {
    assert.equal(nameExclusion('.profile', false), 'hidden');
    assert.equal(nameExclusion('.profile', true), undefined);
  });

  it('are no others', () => {
    for (const name of ['a.txt', 'Icon', 'thumbs.db.txt', 'party.mp3', 'part', 'git', 'Trash', '~', 'constructor'])
      assert.equal(nameExclusion(name, false), undefined, name);
  });
});
