import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { en } from '../../../src-renderer/lib/messages/en.ts';
import { t } from '../../../src-renderer/lib/messages/translate.ts';

const ROOT = join(import.meta.dirname, '../../../src-renderer');
const paths = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter(
  (path) => /\.(svelte|ts)$/.test(path) && !path.startsWith(join('lib', 'messages', 'en')),
);
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const sources = paths.map(read);
const texts = Object.entries(en).flatMap(([key, message]): [key: string, text: string][] =>
  typeof message === 'string'
    ? [[key, message]]
    : [
        [key, message.one],
        [key, message.other],
      ],
);

test('plurals and places', () => {
  assert.equal(t('files.count', { count: 1 }), '1 file');
  assert.equal(t('files.count', { count: 1400 }), '1,400 files');
  assert.equal(t('count.of', { done: 3, total: '9' }), '3 of 9');
});

test('a value with braces or dollars is put in as it is', () => {
  assert.equal(t('app.closeTab', { title: '{title} $& $1' }), 'Close {title} $& $1');
});

test('every message is used', () => {
  const all = sources.join('\n');
  const unused = Object.keys(en).filter((key) => {
    if (all.includes(`'${key}'`)) return false;
    // Some are made of a group and a name, as in t(`section.${name}`).
    return !all.includes(`\`${key.slice(0, key.lastIndexOf('.') + 1)}\${`);
  });
  assert.deepEqual(unused, []);
});

test('the words of the look: no exclamation marks, and none of those that it bans', () => {
  const banned =
    /!|\b(peers?|swarm|seed|leech|hash|blob|DHT|slot|manifest|HTL|secure|untraceable|guaranteed|oops|please|successfully)\b/i;
  assert.deepEqual(
    texts.filter(([, text]) => banned.test(text)),
    [],
  );
});

test('no text of the interface stands outside of the catalogue', () => {
  // Between tags: letters that no expression makes. The wordmark and the form of an address are the same everywhere.
  const stray = paths
    .filter((path) => path.endsWith('.svelte'))
    .flatMap((path) =>
      [
        ...read(path)
          .replace(/<(script|style)[\s\S]*?<\/\1>|<!--[\s\S]*?-->/g, '')
          .matchAll(/>\s*([A-Za-z][a-z]{2,}[^<>{}]*)\s*</g),
      ].map((match) => match[1]),
    );
  assert.deepEqual(
    stray.filter((text) => text !== 'Broadside' && !text!.startsWith('http://127.0.0.1')),
    [],
  );
});
