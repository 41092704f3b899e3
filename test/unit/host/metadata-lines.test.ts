import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FileFindings, MetadataPage } from '../../../shared/ipc/contract.ts';
import { askAll, findingLines } from '../../../src-main/host/cli/metadata-lines.ts';

const file = (path: string, over: Partial<FileFindings> = {}): FileFindings => ({
  path,
  kind: 'jpeg',
  items: [{ what: 'location', value: '59.5, 10.75' }],
  more: 0,
  severity: 'identifies',
  canStrip: true,
  leaves: [],
  ...over,
});

test('one line a file, the worst first, saying what can be removed and what stays', () => {
  const dated = file('dated.pdf', { items: [{ what: 'date', value: '2026' }], severity: 'hints' });
  const song = file('song.mp3', { canStrip: false, reason: 'kind', leaves: ['location'] });
  const paper = file('paper.docx', {
    items: [
      { what: 'person', value: 'O.' },
      { what: 'comment', value: 'ask' },
    ],
    leaves: ['comment'],
  });
  assert.deepEqual(findingLines({ fileCount: 4, findings: [dated, file('pier.jpg'), song, paper], more: 0 }), [
    'pier.jpg tells where it was made (59.5, 10.75). It can be removed.',
    'song.mp3 tells where it was made (59.5, 10.75). It cannot be removed from this kind of file here.',
    'paper.docx tells a name (O.); comments (ask). It can be removed, except comments.',
    'dated.pdf tells when (2026). It can be removed.',
  ]);
});

test('nothing found says what was not looked for, and never that it is safe', () => {
  const [line, ...rest] = findingLines({ fileCount: 2, findings: [], more: 0 });
  assert.match(line!, /^Nothing that tells about its author was found in 2 files\. Only what is stored beside/);
  assert.doesNotMatch(line!, /safe|clean|anonymous/);
  assert.deepEqual(rest, []);
});

test('values of a file cannot turn a line or move the cursor', () => {
  const evil = file('a\u202Eb.jpg', { items: [{ what: 'person', value: '\u001B[2J\u202Eevil' }] });
  const [line] = findingLines({ fileCount: 1, findings: [evil], more: 0 });
  assert.doesNotMatch(line!, /[\p{Cc}\u202A-\u202E]/u);
});

test('lines and files are bounded, and the rest is counted', async () => {
  const pages = Array.from({ length: 3 }, (_, page): MetadataPage => ({
    fileCount: 300,
    looked: (page + 1) * 100,
    done: page === 2,
    findings: Array.from({ length: 100 }, (__, index) => file(`${page}-${index}.jpg`)),
  }));
  const all = await askAll(
    async (from) => pages[from / 100]!,
    () => undefined,
  );
  assert.deepEqual([all.findings.length, all.more], [200, 100]);
  const lines = findingLines(all);
  assert.deepEqual([lines.length, lines.at(-1)], [21, 'And 280 files more.']);
});
