/** Requests and answers of Electron's schemes, with the Request and Response of Node, which are the same as Electron's. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { answerAppFile } from '../../../src-main/host/electron/app-answer.ts';
import { destinationOf, toContentRequest, toResponse } from '../../../src-main/host/electron/answers.ts';
import { readPlacement } from '../../../src-main/host/electron/placement.ts';
import { contentUrlOf } from '../../../src-main/host/electron/schemes.ts';
import { listAppFiles } from '../../../src-main/host/headless/app-files.ts';

const LABEL = 'abcdefghijklmnop';

test('what a request is for is read from Accept; in doubt it is a document', () => {
  assert.equal(destinationOf('text/html,application/xhtml+xml;q=0.9'), 'document');
  assert.equal(destinationOf('text/css,*/*;q=0.1'), 'style');
  assert.equal(destinationOf('image/avif,image/webp,*/*;q=0.8'), 'image');
  assert.equal(destinationOf('*/*'), 'empty');
  assert.equal(destinationOf(null), 'document');
});

test('a request keeps its method, range and target; a header that Chromium did send wins', () => {
  const request = new Request('https://a.invalid/x', {
    method: 'HEAD',
    headers: { Range: 'bytes=0-1', Accept: 'image/png' },
  });
  const question = toContentRequest(request, '/x?save');
  assert.equal(question.method, 'HEAD');
  assert.equal(question.target, '/x?save');
  assert.equal(question.headers['range'], 'bytes=0-1');
  assert.equal(question.headers['sec-fetch-dest'], 'image');
});

test('an answer in pieces becomes a response, read no faster than it is taken, and ended when it is given up', async () => {
  let taken = 0;
  let isEnded = false;
  async function* pieces(): AsyncGenerator<Uint8Array> {
    try {
      for (; taken < 100; taken += 1) yield new Uint8Array([taken]);
    } finally {
      isEnded = true;
    }
  }
  const response = toResponse({ status: 206, headers: { 'content-range': 'bytes 0-99/200' }, body: pieces() });
  assert.equal(response.status, 206);
  assert.equal(response.headers.get('content-range'), 'bytes 0-99/200');
  const reader = response.body?.getReader();
  assert.ok(reader);
  assert.deepEqual((await reader.read()).value, new Uint8Array([0]));
  assert.ok(taken <= 2, `read ahead by ${taken}`);
  await reader.cancel();
  assert.equal(isEnded, true);
});

test('an answer without a body has none, 304 included', async () => {
  assert.equal(toResponse({ status: 304, headers: {}, body: new Uint8Array() }).body, null);
  assert.equal(await toResponse({ status: 200, headers: {}, body: new Uint8Array([65]) }).text(), 'A');
});

test('a piece that cannot be had breaks the response, it does not end it', async () => {
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array([1]);
    await Promise.reject(new Error('gone'));
  }
  await assert.rejects(toResponse({ status: 200, headers: {}, body: failing() }).bytes(), /gone/);
});

test('the interface is served from its directory alone, under a policy without connections or frames', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'broadside-interface-'));
  t.after(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, 'index.html'), '<p>here</p>');
  const files = listAppFiles(directory);
  const page = await answerAppFile(files, 'GET', '/index.html');
  assert.equal(page.status, 200);
  const policy = page.headers['content-security-policy'] ?? '';
  assert.match(policy, /default-src 'none'/);
  for (const absent of ['connect-src', 'frame-src', 'unsafe-eval', 'http:', 'https:'])
    assert.ok(!policy.includes(absent), absent);
  assert.match(policy, /script-src 'self'(;|$)/);
  for (const path of ['/../index.html', '/%2e%2e/x', '/etc/passwd', '//index.html', '']) {
    assert.equal((await answerAppFile(files, 'GET', path)).status, 404, path);
  }
  assert.equal((await answerAppFile(files, 'POST', '/index.html')).status, 405);
  assert.equal((await answerAppFile(files, 'HEAD', '/index.html')).body, undefined);
});

test('a placement of content is taken only when it is one', () => {
  const bounds = { x: 0.4, y: 96, width: 800, height: 600 };
  assert.deepEqual(readPlacement({ url: contentUrlOf(LABEL), bounds }), {
    url: contentUrlOf(LABEL),
    bounds: { x: 0, y: 96, width: 800, height: 600 },
  });
  assert.equal(readPlacement(null), 'hidden');
  for (const wrong of [
    undefined,
    'x',
    1,
    {},
    { url: 'https://example.org/', bounds },
    { url: contentUrlOf(LABEL) },
    { url: contentUrlOf(LABEL), bounds: { ...bounds, width: -1 } },
    { url: contentUrlOf(LABEL), bounds: { ...bounds, x: Number.NaN } },
    { url: contentUrlOf(LABEL), bounds: { ...bounds, height: 1e9 } },
    { url: contentUrlOf(LABEL), bounds: { ...bounds, y: '1' } },
  ]) {
    assert.equal(readPlacement(wrong), undefined, JSON.stringify(wrong));
  }
});
