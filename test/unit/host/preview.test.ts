import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { answerContent } from '../../../src-main/host/content/content.ts';
import { lookThrough, servedFromDisk } from '../../../src-main/host/content/preview.ts';
import { survey } from '../../../src-main/services/survey/survey.ts';
import { inertDocument } from '../../../src-main/workers/inert/document.ts';
import type { InertRequest } from '../../../src-main/workers/inert/messages.ts';
import { MAX_DOCUMENT_BYTES } from '../../../src-main/workers/inert/pool.ts';

const directory = mkdtempSync(join(tmpdir(), 'broadside-preview-'));
after(() => rmSync(directory, { recursive: true, force: true }));
const FILES: Readonly<Record<string, string | Uint8Array>> = {
  'index.html': `<!doctype html><title>A site</title><link rel=stylesheet href=style.css>
<a href="pages/">folder</a> <a href="pages/a.html?x=1#part">page</a> <a href="/pages/A.html">case</a> <a href="gone.html">gone</a>
<a href="https://elsewhere.example/">away</a> <a href="#here">here</a> <img src="pic.png"><script>x()</script>`,
  'style.css': 'body{background:url(pages/paper.png);src:url(//evil.example/f)}',
  'pages/a.html':
    '<a href="../index.html">back</a> <a href="../notes.md">notes</a> <a href="..">top</a><img src="https://evil.example/x">',
  'pages/b.txt': '<script>is text</script>',
  'notes.md': '[a](pages/a.html) ![b](missing.png) [c](https://evil.example)',
  'pic.png': new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
  'huge.html': new Uint8Array(MAX_DOCUMENT_BYTES + 1).fill(0x61),
};
mkdirSync(join(directory, 'pages'));
for (const [path, contents] of Object.entries(FILES)) writeFileSync(join(directory, path), contents);
const inert = async (request: InertRequest) => inertDocument(request);

describe('a preview', () => {
  it('tells what is left out of which document, and which links lead nowhere, from which page', async () => {
    const looked = await lookThrough(servedFromDisk(await survey(directory)), inert);
    assert.deepEqual(looked, {
      blocked: [
        { kind: 'script', count: 1 },
        { kind: 'picture', count: 2 },
      ],
      pages: [
        { path: 'index.html', blocked: [{ kind: 'script', count: 1 }] },
        { path: 'pages/a.html', blocked: [{ kind: 'picture', count: 1 }] },
        { path: 'style.css', blocked: [{ kind: 'picture', count: 1 }] },
      ],
      brokenLinks: [
        { page: 'index.html', target: 'gone.html' },
        { page: 'index.html', target: 'pages/A.html' },
        { page: 'notes.md', target: 'missing.png' },
        { page: 'style.css', target: 'pages/paper.png' },
      ],
      brokenCount: 4,
      notShown: ['huge.html'],
      documents: 5,
      unchecked: 0,
    });
  });

  it('is served by what serves a publication, byte for byte', async () => {
    const publication = servedFromDisk(await survey(directory));
    const options = { appOrigins: [], allowTopLevel: false, inert };
    const answer = await answerContent(
      publication,
      { method: 'GET', target: '/index.html', headers: { 'sec-fetch-dest': 'iframe' } },
      options,
    );
    const { bytes } = inertDocument({
      kind: 'html',
      path: 'index.html',
      purpose: 'show',
      bytes: new TextEncoder().encode(FILES['index.html'] as string),
    });
    assert.deepEqual(answer.body, bytes);
    const picture = await answerContent(
      publication,
      { method: 'GET', target: '/pic.png', headers: { 'sec-fetch-dest': 'image', range: 'bytes=1-3' } },
      options,
    );
    assert.equal(picture.status, 206);
    const parts: Uint8Array[] = [];
    for await (const part of picture.body as AsyncIterable<Uint8Array>) parts.push(part);
    assert.equal(Buffer.concat(parts).toString('latin1'), 'PNG');
  });
});
