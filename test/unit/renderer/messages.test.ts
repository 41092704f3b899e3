import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { formatCount, formatDate, formatList, formatSize, series } from '../../../src-renderer/lib/format.ts';
import { ar } from '../../../src-renderer/lib/messages/ar.ts';
import { de } from '../../../src-renderer/lib/messages/de.ts';
import { en } from '../../../src-renderer/lib/messages/en.ts';
import type { Forms } from '../../../src-renderer/lib/messages/texts.ts';
import { direction, languageOf, speak, t, withoutIsolates } from '../../../src-renderer/lib/messages/translate.ts';

const ROOT = join(import.meta.dirname, '../../../src-renderer');
const paths = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter(
  (path) => /\.(svelte|ts)$/.test(path) && !/^lib.messages.(en|de|ar)\b/.test(path),
);
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const sources = paths.map(read);
type Message = string | Forms;
const formsOf = (message: Message): string[] => (typeof message === 'string' ? [message] : Object.values(message));
const textsOf = (catalogue: Readonly<Record<string, Message>>) =>
  Object.entries(catalogue).flatMap(([key, message]) =>
    formsOf(message).map((text): [key: string, text: string] => [key, text]),
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

for (const [name, catalogue] of Object.entries({ German: de, Arabic: ar })) {
  test(`${name} has every text of English, of the same form and with the same places`, () => {
    assert.deepEqual(Object.keys(catalogue).toSorted(), Object.keys(en).toSorted());
    const placesOf = (message: Message): string[] => [
      ...new Set(
        [
          ...formsOf(message)
            .join(' ')
            .matchAll(/\{(\w+)\}/g),
        ].map((match) => match[1]!),
      ),
    ];
    for (const [key, message] of Object.entries(en) as [keyof typeof en, Message][]) {
      assert.equal(typeof catalogue[key], typeof message, key);
      // What counts one thing may leave the figure out.
      const [english, other] = [placesOf(message), placesOf(catalogue[key])].map((places) =>
        places.filter((place) => place !== 'count').toSorted(),
      );
      assert.deepEqual(other, english, key);
    }
  });
}

test('German keeps to the words of the look', () => {
  assert.deepEqual(
    textsOf(de).filter(([, text]) => /[!<>]|"|\bbitte\b|\b(Peer|Seed|Hash|Slot|sicherlich|garantiert)\b/.test(text)),
    [],
  );
});

test('Arabic has all six forms of what is counted, and leaves nothing in English', () => {
  const categories = ['few', 'many', 'one', 'other', 'two', 'zero'];
  assert.deepEqual(new Intl.PluralRules('ar').resolvedOptions().pluralCategories.toSorted(), categories);
  for (const [key, message] of Object.entries(ar) as [string, Message][])
    if (typeof message !== 'string') assert.deepEqual(Object.keys(message).toSorted(), categories, key);
  const untranslated = textsOf(ar).flatMap(([key, text]) =>
    /[\u0600-\u06ff]/.test(text) || !/\p{L}/u.test(text.replace(/\{\w+\}/g, '')) ? [] : [key],
  );
  // Names, and two languages in their own words.
  assert.deepEqual(untranslated.toSorted(), [
    'about.licenceName',
    'app.name',
    'kind.pdf',
    'settings.language.de',
    'settings.language.en',
  ]);
  // The punctuation of Arabic; figures come from Intl, in the reader's own digits.
  assert.deepEqual(
    textsOf(ar).filter(([, text]) => /[!<>?"]|[\u0600-\u06ff] ?[,;]|[\u0600-\u06ff] \d/.test(text)),
    [],
  );
});

test('Arabic counts in its six ways, in its own figures, and isolates what it puts in', (context) => {
  context.after(() => speak('en', en));
  speak('ar', ar);
  assert.equal(direction(), 'rtl');
  const counted = [0, 1, 2, 3, 11, 100].map((count) => t('files.count', { count }));
  assert.deepEqual(counted, ['٠ ملف', 'ملف واحد', 'ملفان', '٣ ملفات', '١١ ملفًا', '١٠٠ ملف']);
  assert.equal(t('folders.totals', { count: 2, files: 'x' }), '\u2068x\u2069 في مجلدين');
  assert.equal(formatCount(1400), '١٬٤٠٠');
  assert.equal(formatSize(24_600_000), '٢٤٫٦ م.ب');
  assert.equal(formatDate(Date.UTC(2026, 2, 12, 12)), '١٢ مارس ٢٠٢٦');
  assert.equal(formatList([1, 2, 3]), '١ و٢ و٣');
  assert.equal(series(['أ', 'ب']), 'أ، ب');
  assert.equal(t('app.closeTab', { title: 'Tide tables' }), 'إغلاق \u2068Tide tables\u2069');
  assert.equal(withoutIsolates(t('app.closeTab', { title: 'Tide tables' })), 'إغلاق Tide tables');
});

test('another language is spoken at once, with its plurals, figures, sizes and dates', (context) => {
  context.after(() => speak('en', en));
  assert.equal(languageOf(['fr-CA', 'de-AT', 'en']), 'de');
  assert.equal(languageOf(['fr', 'ar-EG']), 'ar');
  assert.equal(languageOf(['fr', 'es-MX']), 'en');
  const dayMs = Date.UTC(2026, 2, 12, 12);
  assert.match(formatDate(dayMs), /March.*2026/);
  speak('de', de);
  assert.equal(t('files.count', { count: 1 }), '1 Datei');
  assert.equal(t('files.count', { count: 1400 }), '1.400 Dateien');
  assert.equal(formatSize(24_600_000), '24,6 MB');
  assert.equal(formatDate(dayMs), '12. März 2026');
});
