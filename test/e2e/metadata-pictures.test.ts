/** Chromium decodes pictures before and after stripping: the same pixels, the same side up. And a PDF that it printed. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { look, strip } from '../../src-main/workers/metadata/look.ts';
import { findChromium, launchChromium } from '../support/chromium.ts';
import * as files from '../support/metadata-files.ts';

const skip = findChromium() === undefined ? 'no Chromium on this machine' : false;
let browser: Browser;
let directory = '';

before(async () => {
  if (skip !== false) return;
  directory = await mkdtemp(join(tmpdir(), 'broadside-pictures-'));
  browser = await launchChromium();
});
after(async () => {
  await browser?.close();
  if (directory !== '') await rm(directory, { recursive: true, force: true });
});

async function stripped(bytes: Uint8Array, type: string): Promise<Uint8Array> {
  const absolutePath = join(directory, 'file');
  await writeFile(absolutePath, bytes);
  return strip({ absolutePath, type });
}

for (const [type, bytes] of [
  ['image/jpeg', files.jpeg()],
  ['image/png', files.png()],
  ['image/webp', files.webp()],
] as const) {
  test(`${type}: the same pixels after stripping`, { skip }, async () => {
    const page = await browser.newPage();
    const pixels = (picture: Uint8Array) =>
      page.evaluate(
        async ([data, mime]) => {
          const blob = await (await fetch(`data:${mime};base64,${data}`)).blob();
          const bitmap = await createImageBitmap(blob, { imageOrientation: 'from-image' });
          const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!;
          context.drawImage(bitmap, 0, 0);
          const { data: values, width, height } = context.getImageData(0, 0, bitmap.width, bitmap.height);
          return { width, height, values: [...values] };
        },
        [Buffer.from(picture).toString('base64'), type] as const,
      );
    const original = await pixels(bytes);
    assert.ok(original.values.length > 0);
    assert.deepEqual(await pixels(await stripped(bytes, type)), original);
    await page.close();
  });
}

test('a PDF that Chromium printed keeps its words and loses its program and dates', { skip }, async () => {
  const page = await browser.newPage();
  await page.setContent('<title>Minutes</title><h1>Minutes of the meeting</h1><p>Taken as read.</p>');
  const printed = new Uint8Array(await page.pdf());
  await page.close();
  await writeFile(join(directory, 'printed'), printed);
  const found = await look({ absolutePath: join(directory, 'printed'), type: 'application/pdf' });
  const told = new Set(found.items.map(({ what }) => what));
  assert.ok(told.has('software') && told.has('date'));
  const { getDocument } = await import('pdfjs-dist/legacy/build/pdf.mjs');
  const read = async (data: Uint8Array) => {
    const document = await getDocument({ data: new Uint8Array(data), verbosity: 0 }).promise;
    const { items } = await (await document.getPage(1)).getTextContent();
    const { info } = await document.getMetadata();
    const { Producer, CreationDate } = info as Record<string, unknown>;
    return { words: items.map((item) => ('str' in item ? item.str : '')).join(' '), Producer, CreationDate };
  };
  const before = await read(printed);
  assert.match(before.words, /Minutes of the meeting/);
  const after = await read(await stripped(printed, 'application/pdf'));
  assert.deepEqual(after, { words: before.words, Producer: undefined, CreationDate: undefined });
});
