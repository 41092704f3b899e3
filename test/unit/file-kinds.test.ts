/** Kinds of files by their names, and names that mislead. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FILE_KINDS, fileKindOf, isProgram, nameWarnings } from '../../shared/base/file-kinds.ts';
import type { FileKind, NameWarning } from '../../shared/base/file-kinds.ts';

describe('kinds of files', () => {
  const cases: readonly (readonly [kind: FileKind, names: readonly string[]])[] = [
    ['audio', ['song.mp3', 'Song.FLAC', 'a.b.ogg']],
    ['video', ['film.mkv', 'film.mp4']],
    ['picture', ['scan.tif', 'photo.JPEG', 'drawing.svg']],
    ['document', ['minutes.pdf', 'page.html', 'table.csv', 'book.epub', 'مستند.pdf']],
    ['archive', ['all.tar.gz', 'all.zip']],
    ['other', ['', '.', 'README', 'a.', 'x.unknown-ending', 'no.ending-as-long-as-this-one-is', '.profile']],
    // Windows, macOS, Linux; installers; scripts; shortcuts; images that mount themselves; documents with macros.
    [
      'program',
      ['setup.exe', 'a.scr', 'a.msi', 'a.bat', 'a.ps1', 'a.vbs', 'a.js', 'a.hta', 'a.lnk', 'a.url', 'a.reg', 'a.cpl'],
    ],
    [
      'program',
      ['a.app', 'a.pkg', 'a.dmg', 'a.command', 'a.scpt', 'a.mobileconfig', 'a.webloc', 'a.terminal', 'a.workflow'],
    ],
    [
      'program',
      ['a.sh', 'a.run', 'a.AppImage', 'a.deb', 'a.rpm', 'a.desktop', 'a.flatpakref', 'a.py', 'a.jar', 'a.apk'],
    ],
    [
      'program',
      ['a.docm', 'a.xlsm', 'a.one', 'a.iso', 'a.vhdx', 'a.library-ms', 'a.settingcontent-ms', 'a.xll', 'a.chm'],
    ],
    [
      'program',
      [
        'photo.jpg.exe',
        'photo.exe.',
        'photo.exe . .',
        'photo.exe\u00a0',
        'photo.e\u200bxe',
        'photo.ｅｘｅ',
        'a. exe',
        'a．exe',
      ],
    ],
    ['picture', ['setup.exe.jpg', 'exe.jpg']],
  ];
  for (const [kind, names] of cases) {
    it(`${kind}: ${names[0]}`, () => {
      for (const name of names) {
        assert.equal(fileKindOf(name), kind, JSON.stringify(name));
        assert.equal(isProgram(name), kind === 'program', JSON.stringify(name));
      }
    });
  }

  const misleading: readonly (readonly [name: string, warnings: readonly NameWarning[]])[] = [
    ['minutes.pdf', []],
    ['setup.exe', []],
    ['archive.tar.gz', []],
    ['report.2.1.exe', []],
    ['photo.jpg.exe', ['double-ending']],
    ['photo.JPG        .scr', ['double-ending', 'invisible']],
    ['invoice_\u202efdp.exe', ['turned']],
    ['\u2066a\u2069.pdf', ['turned']],
    ['محاضر.pdf', []],
    ['‏محاضر.pdf', ['turned']],
    ['a\u200bb.pdf', ['invisible']],
    ['soft\u00adhyphen.pdf', ['invisible']],
    ['کتاب\u200cها.pdf', []],
    ['👩\u200d👧.png', []],
    ['❤\ufe0f.png', []],
    ['a\u2800\u2800\u2800\u2800.exe', ['invisible']],
    ['tags \u{e0041}.txt', ['invisible']],
    ['photo.jpg\u202egnp.exe', ['turned']],
  ];
  for (const [name, warnings] of misleading) {
    it(`${JSON.stringify(name)} ${warnings.length === 0 ? 'is plain' : `warns: ${warnings.join(', ')}`}`, () => {
      assert.deepEqual(nameWarnings(name), warnings);
    });
  }

  it('any name has a kind; blanks, dots and invisible characters at its end hide no program', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
        assert.ok(FILE_KINDS.includes(fileKindOf(name)));
        assert.equal(isProgram(name), fileKindOf(name) === 'program');
        nameWarnings(name);
      }),
    );
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(' ', '.', '\u200b', '\u202e', '\u00a0', '\u2060'), maxLength: 20 }),
        (end) => {
          assert.equal(isProgram(`photo.exe${end}`), true, JSON.stringify(end));
        },
      ),
    );
  });

  it('what is made to be slow is not', () => {
    for (const part of [' ', '. ', '.exe ', '\u2800', '\u0301', '\u202e', '\ud800']) {
      const begunMs = performance.now();
      nameWarnings(part.repeat(100_000));
      fileKindOf(part.repeat(100_000));
      assert.ok(performance.now() - begunMs < 500, JSON.stringify(part));
    }
  });
});
