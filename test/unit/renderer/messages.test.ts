import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { formatDate, formatSize } from '../../../src-renderer/lib/format.ts';
import { de } from '../../../src-renderer/lib/messages/de.ts';
import { en } from '../../../src-renderer/lib/messages/en.ts';
import { languageOf, speak, t } from '../../../src-renderer/lib/messages/translate.ts';

const ROOT = join(import.meta.dirname, '../../../src-renderer');
const paths = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter(
  (path) => /\.(svelte|ts)$/.test(path) && !/^lib.messages.(en|de)\b/.test(path),
);
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const sources = paths.map(read);
type Message = string | { readonly one: string; readonly other: string };
const textsOf = (catalogue: Readonly<Record<string, Message>>) =>
  Object.entries(catalogue).flatMap(([key, message]): [key: string, text: string][] =>
    typeof message === 'string'
      ? [[key, message]]
      : [
          [key, message.one],
          [key, message.other],
        ],
  );
const texts = textsOf(en);

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

test('German has every text of English, of the same form and with the same places', () => {
  assert.deepEqual(Object.keys(de).toSorted(), Object.keys(en).toSorted());
  const placesOf = (message: Message): string[] => {
    const all = typeof message === 'string' ? message : `${message.one} ${message.other}`;
    return [...new Set([...all.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!))].toSorted();
  };
  for (const [key, message] of Object.entries(en) as [keyof typeof en, Message][]) {
    assert.equal(typeof de[key], typeof message, key);
    // What counts one thing may leave the figure out.
    const [english, german] = [placesOf(message), placesOf(de[key])].map((places) =>
      places.filter((place) => place !== 'count'),
    );
    assert.deepEqual(german, english, key);
  }
  assert.deepEqual(
    textsOf(de).filter(([, text]) => /[!<>]|"|\bbitte\b|\b(Peer|Seed|Hash|Slot|sicherlich|garantiert)\b/.test(text)),
    [],
  );
});

test('another language is spoken at once, with its plurals, figures, sizes and dates', (context) => {
  context.after(() => speak('en', en));
  assert.equal(languageOf(['fr-CA', 'de-AT', 'en']), 'de');
  assert.equal(languageOf(['fr', 'ar-EG']), 'en');
  const dayMs = Date.UTC(2026, 2, 12, 12);
  assert.match(formatDate(dayMs), /March.*2026/);
  speak('de', de);
  assert.equal(t('files.count', { count: 1 }), '1 Datei');
  assert.equal(t('files.count', { count: 1400 }), '1.400 Dateien');
  assert.equal(formatSize(24_600_000), '24,6 MB');
  assert.equal(formatDate(dayMs), '12. März 2026');
});
