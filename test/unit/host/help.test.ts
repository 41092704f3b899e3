import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HELP_LANGUAGES } from '../../../shared/ipc/help-calls.ts';
import type { ServedPublication } from '../../../src-main/host/content/answer.ts';
import { readHelp } from '../../../src-main/host/help.ts';
import { inertCss } from '../../../src-main/workers/inert/css.ts';
import { inertHtml } from '../../../src-main/workers/inert/markup.ts';
import { Tally } from '../../../src-main/workers/inert/tally.ts';

/** An index and ten pages, in a language that reads one way. */
const PAGES = 11;

async function textOf(help: ServedPublication, path: string): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of help.read(path, 0, help.file(path)!.sizeBytes)) parts.push(part);
  return new TextDecoder().decode(Buffer.concat(parts));
}

for (const language of HELP_LANGUAGES) {
  test(`help, ${language}: ten pages that lead to each other, and none of which asks for anything`, async () => {
    const help = await readHelp(language);
    const pages = help.files.map(({ path }) => path).filter((path) => path.endsWith('.html'));
    assert.equal(pages.length, PAGES);
    const linked = new Set<string>();
    for (const path of pages) {
      const tally = new Tally();
      const html = await textOf(help, path);
      // What the sanitiser leaves to its own head is all that it takes away.
      const ownHead = html.replace(/<!doctype html>|<meta [^>]*>/g, '');
      assert.equal(inertHtml(html, { from: path, tally, purpose: 'show' }).trim(), ownHead.trim(), path);
      assert.deepEqual(tally.blocked, [], path);
      assert.match(html, new RegExp(`<html lang="${language}"${language === 'ar' ? ' dir="rtl"' : ''}>`), path);
      assert.doesNotMatch(html, /(?:https?:)?\/\/|<script|style=/, path);
      for (const target of tally.targets) linked.add(target);
    }
    for (const target of linked) assert.ok(help.file(target), `${target} is in it`);
    assert.deepEqual([...linked].toSorted(), [...pages, 'style.css'].toSorted());
    const css = await textOf(help, 'style.css');
    const tally = new Tally();
    assert.equal(inertCss(css, 'style.css', tally).trim(), css.trim());
    assert.deepEqual(tally.blocked, []);
  });
}

test('help: the same pages in every language, each short and with a title of its own', async () => {
  const [english, ...others] = await Promise.all(HELP_LANGUAGES.map((language) => readHelp(language)));
  for (const other of others)
    assert.deepEqual(
      other.files.map(({ path }) => path),
      english!.files.map(({ path }) => path),
    );
  // Each folder is a publication whole in itself, so each has the style.
  for (const other of others) assert.equal(await textOf(other, 'style.css'), await textOf(english!, 'style.css'));
  for (const help of [english!, ...others]) {
    const texts = await Promise.all(
      help.files.filter(({ type }) => type === 'text/html').map(({ path }) => textOf(help, path)),
    );
    const titles = texts.map((html) => /<title>(.*?)<\/title>/.exec(html)?.[1]);
    assert.equal(new Set(titles).size, PAGES);
    for (const html of texts) {
      assert.ok(html.includes(`<h1>${/<title>(.*?)<\/title>/.exec(html)![1]}</h1>`));
      const words = html.replace(/<head>[\s\S]*<\/head>|<[^>]+>/g, ' ').split(/\s+/).length;
      assert.ok(words < 450, `${words} words`);
    }
  }
});
