import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorWords, reasonWords } from '../../../src-renderer/lib/error-words.ts';
import { ar } from '../../../src-renderer/lib/messages/ar.ts';
import { de } from '../../../src-renderer/lib/messages/de.ts';
import { en } from '../../../src-renderer/lib/messages/en.ts';
import { speak } from '../../../src-renderer/lib/messages/translate.ts';

const busy = { code: 'busy', message: 'Node 3 has too much to do.' } as const;
const refused = { code: 'refused', message: 'This is not its password.' } as const;

test('what the node says is said as it is in English, and after its kind in other languages', (context) => {
  context.after(() => speak('en', en));
  assert.equal(errorWords(busy), busy.message);
  speak('de', de);
  assert.equal(errorWords(busy), `${de['failed.busy']}: ${busy.message}`);
  assert.equal(errorWords(refused), refused.message);
  speak('ar', ar);
  // Isolated, or its full stop would stand at its other end.
  assert.equal(errorWords(busy), `\u2068${ar['failed.busy']}\u2069: \u2068${busy.message}\u2069`);
  assert.equal(reasonWords(busy), `\u2068${busy.message}\u2069`);
});
