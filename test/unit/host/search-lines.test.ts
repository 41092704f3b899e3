/** Results of a search in a terminal: columns that stand under each other in any script, and nothing that moves the cursor. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Result, SearchState } from '../../../shared/ipc/search-model.ts';
import { resultTable, summary } from '../../../src-main/host/cli/search-lines.ts';

const RESULT: Result = {
  id: 'direct:00',
  kind: 'direct',
  link: 'broadside:file/aaaa',
  name: 'Harbour board minutes.pdf',
  otherNames: [],
  sizeBytes: 212_000_000,
  fileKind: 'document',
  isProgram: false,
  sources: 9,
  freeSources: 6,
  isHere: false,
};
const STATE: SearchState = {
  ...{ id: 'a', query: 'harbour', state: 'done', startedMs: 0, timeoutMs: 30_000, wanted: 250 },
  ...{ hubsAsked: 3, hubsKnown: 3, messages: 5, results: 2, hits: 4, hidden: 0, anonymousOnly: false },
};

describe('results of a search as lines', () => {
  it('stand under each other, also where letters take two columns or none', () => {
    const names = ['minutes.pdf', '東京都庁.pdf', 'e\u0301lan.pdf', '🎄.mp3'];
    const lines = resultTable(
      names.map((name) => ({ ...RESULT, name })),
      100,
    ).split('\n');
    assert.match(lines[0]!, /^name +travels {2}type +size {2}from$/);
    const start = lines[0]!.indexOf('travels');
    // Where letters are wide or have marks, fewer or more units come before the same column.
    const offsets = [0, -4, 1, 0];
    for (const [at, offset] of offsets.entries())
      assert.equal(lines[1 + 2 * at]!.indexOf('direct'), start + offset, names[at]);
    assert.equal(lines[2], '  broadside:file/aaaa');
  });

  it('are cut to the width of the terminal, and say what is to be said', () => {
    const long = {
      ...RESULT,
      name: 'x'.repeat(300),
      folder: 'Port records',
      warnings: ['turned' as const],
      isProgram: true,
    };
    const shared = resultTable([{ ...RESULT, sourceNames: [{ name: 'mory wfqu', publicKey: 'ab12' }] }], 80, true);
    assert.match(shared, /^ {2}shared by ab12$/m);
    const [, line] = resultTable([long], 80).split('\n');
    assert.match(line!, /^x+… \[misleading name\] +direct +program \(!\) {2}212 MB {2}9 sources, 6 free$/);
    assert.ok(line!.length <= 80, String(line!.length));
    const anonymous: Result = { ...RESULT, kind: 'anonymous', sinceMs: 0 };
    delete anonymous.sources;
    assert.match(resultTable([anonymous], 80), /anonymous +document +212 MB +1970-01-01/);
    assert.match(resultTable([{ ...RESULT, sources: 1, freeSources: 0 }], 80), /1 source$/m);
  });

  it('never move the cursor nor turn letters round', () => {
    const table = resultTable([{ ...RESULT, name: 'a\u001b[2Jb\u202ec\nd' }], 80);
    assert.ok(!/[\u0000-\u0009\u000b-\u001f\u202e]/u.test(table));
    assert.equal(table.split('\n').length, 3);
  });

  it('the summary says how it went', () => {
    assert.equal(summary({ ...STATE, end: 'exhausted' }, 2), '2 found; 3 hubs asked, all that could have more.');
    assert.equal(
      summary({ ...STATE, end: 'exhausted', hubsAsked: 1, hidden: 2 }, 0),
      'Nothing found; one hub asked, all that could have more. 2 hidden.',
    );
    assert.match(summary({ ...STATE, end: 'enough' }, 250), /^250 found; there may be more/);
    assert.match(summary({ ...STATE, end: 'time' }, 1), /time was over/);
    assert.match(summary({ ...STATE, end: 'no-hubs' }, 0), /nobody to ask/);
    assert.match(summary({ ...STATE, state: 'stopped', end: 'stopped' }, 1), /stopped/);
  });
});
