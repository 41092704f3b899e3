import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nameParts, shownName } from '../../../src-renderer/features/search/shown-name.ts';

test('what turns letters round or is drawn as nothing is not shown', () => {
  assert.equal(shownName('invoice_\u202efdp.exe'), 'invoice_fdp.exe');
  assert.equal(shownName('a\u200b\u2066b\u2069\u00ad.txt'), 'ab.txt');
  assert.equal(shownName(`photo.jpg${' '.repeat(40)}.exe`), 'photo.jpg .exe');
  assert.equal(shownName('line\nfeed'), 'linefeed');
});

test('letters that need joiners keep them', () => {
  const persian = 'می\u200cخواهم';
  const family = '👩\u200d👩\u200d👧';
  assert.equal(shownName(persian), persian);
  assert.equal(shownName(family), family);
});

test('no name keeps a character that turns direction', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      assert.doesNotMatch(shownName(name), /\p{Bidi_Control}/u);
    }),
  );
});

test('marks stand where the words are, and those that do not fit are left out', () => {
  assert.deepEqual(
    nameParts('The harbour, 1911', [
      { from: 4, to: 11 },
      { from: 8, to: 10 },
      { from: 13, to: 99 },
    ]),
    [
      { text: 'The ', isMarked: false },
      { text: 'harbour', isMarked: true },
      { text: ', 1911', isMarked: false },
    ],
  );
  assert.deepEqual(nameParts('har\u202ebour', [{ from: 0, to: 8 }]), [{ text: 'harbour', isMarked: true }]);
});
