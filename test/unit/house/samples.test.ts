/** The samples are what they say: a PDF that a reader opens, pages whose links and pictures are there, the same every time. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeSamples } from '../../../src-main/host/cli/samples/samples.ts';
import { makePdf } from '../../../src-main/host/cli/samples/pdf.ts';
import { PDF_PAGES } from '../../../src-main/host/cli/samples/texts.ts';

test('the PDF’s table names the place of every object, and pdf.js reads every page', async () => {
  const bytes = makePdf('Dredging', PDF_PAGES);
  const text = Buffer.from(bytes).toString('latin1');
  const table = text.slice(Number(/startxref\n(\d+)/.exec(text)?.[1]));
  const offsets = [...table.matchAll(/^(\d{10}) 00000 n $/gm)].map(([, offset]) => Number(offset));
  assert.ok(offsets.length > PDF_PAGES.length * 2);
  offsets.forEach((offset, index) => assert.ok(text.startsWith(`${index + 1} 0 obj`, offset), `object ${index + 1}`));
  const pdf = await import('pdfjs-dist/legacy/build/pdf.mjs');
  const loading = pdf.getDocument({ data: bytes, verbosity: 0 });
  const document = await loading.promise;
  assert.equal(document.numPages, PDF_PAGES.length);
  const content = await (await document.getPage(3)).getTextContent();
  const words = content.items.map((item) => ('str' in item ? item.str : '')).join(' ');
  assert.match(words, /Where it is to go/);
  assert.match(words, /brick pits/);
  await loading.destroy();
});

test('every link and picture of the site leads to one of its files', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'broadside-samples-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const paths = makeSamples(directory);
  assert.equal(paths.length, readdirSync(directory).length, 'each entry is one publication');
  const site = join(directory, 'The Saltmarsh Survey');
  const files = readdirSync(site, { recursive: true }).map((path) => String(path).replaceAll('\\', '/'));
  const pages = files.filter((path) => path.endsWith('.html'));
  assert.ok(pages.length >= 3);
  for (const page of pages) {
    const targets = [...readFileSync(join(site, page), 'utf8').matchAll(/(?:href|src)="([^"]+)"/g)].map(
      ([, target]) => target ?? '',
    );
    assert.ok(targets.length > 3);
    for (const target of targets) assert.ok(files.includes(target), `${page}: ${target}`);
  }
  const again = mkdtempSync(join(tmpdir(), 'broadside-samples-'));
  t.after(() => rmSync(again, { recursive: true }));
  makeSamples(again);
  for (const file of files.filter((path) => path.includes('.'))) {
    assert.deepEqual(readFileSync(join(again, 'The Saltmarsh Survey', file)), readFileSync(join(site, file)), file);
  }
});
