/** What the program itself shows beside the interface: complete in each language, and in the one that was chosen. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { Forms } from '../../../shared/base/texts.ts';
import { SETTINGS } from '../../../shared/ipc/settings.ts';
import { CATALOGUES, hostWords } from '../../../src-main/host/words/words.ts';
import { de } from '../../../src-renderer/lib/messages/de.ts';
import { ar } from '../../../src-renderer/lib/messages/ar.ts';
import { en } from '../../../src-renderer/lib/messages/en.ts';

type Message = string | Forms;
const HOST = join(import.meta.dirname, '../../../src-main/host');
const entries = (catalogue: object): [key: string, message: Message][] => Object.entries(catalogue);
const formsOf = (message: Message): string[] => (typeof message === 'string' ? [message] : Object.values(message));
const textsOf = (catalogue: object): string[] => entries(catalogue).flatMap(([, message]) => formsOf(message));
const placesOf = (message: Message): string[] => [
  ...new Set(
    [
      ...formsOf(message)
        .join(' ')
        .matchAll(/\{(\w+)\}/g),
    ].map((match) => match[1]!),
  ),
];

describe('the words of the program beside the interface', () => {
  it('are there in every language that can be chosen, of the same form and with the same places', () => {
    const languages = SETTINGS.language.choices.filter((language) => language !== 'system');
    assert.deepEqual(Object.keys(CATALOGUES).toSorted(), languages.toSorted());
    for (const [language, catalogue] of Object.entries(CATALOGUES)) {
      assert.deepEqual(Object.keys(catalogue), Object.keys(CATALOGUES.en), language);
      for (const [key, message] of entries(catalogue)) {
        const english = CATALOGUES.en[key as keyof typeof CATALOGUES.en] as Message;
        assert.equal(typeof message, typeof english, `${language} ${key}`);
        // What counts one thing may leave the figure out.
        const [there, here] = [english, message].map((each) => placesOf(each).filter((place) => place !== 'count'));
        assert.deepEqual(here!.toSorted(), there!.toSorted(), `${language} ${key}`);
        for (const text of formsOf(message)) assert.ok(text.trim() !== '', `${language} ${key}`);
      }
    }
  });

  it('are in that language, in its punctuation, and in all of its forms of what is counted', () => {
    for (const [key, message] of entries(CATALOGUES.ar)) {
      for (const text of formsOf(message)) {
        if (/\p{L}/u.test(text.replace(/\{\w+\}/g, ''))) assert.match(text, /[\u0600-\u06ff]/, key);
        assert.doesNotMatch(text, /[!<>?"]|[\u0600-\u06ff] ?[,;]|[\u0600-\u06ff] \d/, key);
      }
      if (typeof message !== 'string')
        assert.deepEqual(Object.keys(message).toSorted(), ['few', 'many', 'one', 'other', 'two', 'zero'], key);
    }
    // Words that are the same in both languages, and what is nothing but places.
    const same = Object.keys(CATALOGUES.en).filter(
      (key) => CATALOGUES.de[key as keyof typeof CATALOGUES.de] === CATALOGUES.en[key as keyof typeof CATALOGUES.en],
    );
    for (const key of same) {
      const text = formsOf(CATALOGUES.en[key as keyof typeof CATALOGUES.en] as Message).join(' ');
      assert.ok(!/\p{L}/u.test(text.replace(/\{\w+\}/g, '')) || text === 'Name', `${key}: ${text}`);
    }
    assert.deepEqual(
      textsOf(CATALOGUES.de).filter((text) => /[!<>]|"|\bbitte\b/.test(text)),
      [],
    );
  });

  it('call what failed as the interface does', () => {
    const interfaces = { en, de, ar };
    for (const [language, catalogue] of Object.entries(CATALOGUES))
      for (const [key, text] of entries(catalogue))
        if (key.startsWith('failed.') && key !== 'failed.kindAndReason')
          assert.equal(text, (interfaces[language as 'en'] as Readonly<Record<string, Message>>)[key], key);
  });

  it('are all used, and no page and no dialog has words of its own', () => {
    const sources = readdirSync(HOST, { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.(?:ts|js|html)$/.test(path) && !/words.(?:en|de|ar)\.ts$|content.help/.test(path))
      .map((path) => readFileSync(join(HOST, path), 'utf8'))
      .join('\n');
    const unused = Object.keys(CATALOGUES.en).filter(
      (key) =>
        !sources.includes(`'${key}'`) &&
        !sources.includes(`{{${key}}}`) &&
        !(key.endsWith('Text') && sources.includes(`'${key.slice(0, -'Text'.length)}'`)) &&
        !(key.startsWith('desktop.') && new RegExp(`named\\([^)]*'${key.slice('desktop.'.length)}'`).test(sources)),
    );
    assert.deepEqual(unused, []);
    assert.deepEqual([...sources.matchAll(/showErrorBox\(\s*['"`]/g)], []);
    assert.deepEqual([...sources.matchAll(/noticePage\([^,()]+,\s*['"`]/g)], []);
    for (const name of ['viewer.html', 'print.html']) {
      const page = readFileSync(join(HOST, 'content', 'viewer', name), 'utf8');
      const words = [...page.replace(/<title>PDF<\/title>/, '').matchAll(/>\s*([A-Za-z]{2}[^<{]*)</g)];
      assert.deepEqual(
        words.map((match) => match[1]),
        [],
        name,
      );
    }
  });

  it('are of the language that was chosen, else of the first that whoever asks speaks, else English', () => {
    const of = (chosen: string, preferred?: string) => hostWords(chosen, preferred);
    assert.equal(of('de', 'ar').language, 'de');
    assert.equal(of('system', 'fr-CH, de-AT;q=0.9, ar;q=0.8').language, 'de');
    assert.equal(of('system', 'AR-MA').direction, 'rtl');
    for (const preferred of [undefined, '', 'fr', '*', ';;,', 'toString', 'constructor;q=1'])
      assert.equal(of('system', preferred).language, 'en', preferred);
    assert.equal(of('de').t('notice.notOpen'), 'Nicht geöffnet');
    assert.equal(of('ar', 'ar-EG').t('list.folder', { count: 12 }), 'مجلد، ١٢ ملفًا');
    assert.match(of('de').size(2_500), /^2,5\skB$/);
    assert.equal(of('en', 'en-IN').size(2_500), '2.5 kB');
    // A tag that no Intl takes is none.
    assert.equal(
      of('de', 'de-!!').t('list.first', { shown: 1000, total: 2000 }),
      'Die ersten 1.000 von 2.000 werden gezeigt.',
    );
  });

  it('say what failed in English as the node does, with its kind in another language', () => {
    const error = new BroadsideError('offline', 'No neighbour answers.');
    assert.equal(hostWords('en').failure(error), 'No neighbour answers.');
    assert.equal(hostWords('de').failure(error), 'Keine Verbindung: No neighbour answers.');
    assert.equal(hostWords('ar').failure(error), '\u2068لا اتصال\u2069: \u2068No neighbour answers.\u2069');
    assert.equal(hostWords('de').failure(new BroadsideError('usage', 'Not so.')), 'Not so.');
  });
});
