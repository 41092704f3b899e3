/** What the origin of a player answers: a page without script, ranges of one file under one media type, and nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { playableOf } from '../../../shared/base/playable.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { ContentAnswer, ServedPlay } from '../../../src-main/host/content/answer.ts';
import { answerPlayer } from '../../../src-main/host/content/player.ts';

const BYTES = new TextEncoder().encode('<script>not run</script>');
const OPTIONS = { appOrigins: ['http://127.0.0.1:1'], allowTopLevel: false };

function playOf(name: string, over: Partial<ServedPlay> = {}): ServedPlay & { readonly signals: unknown[] } {
  const signals: unknown[] = [];
  return {
    name,
    ...(playableOf(name) ?? { kind: 'other' as const, type: 'application/octet-stream' }),
    root: new Uint8Array(32).fill(7),
    sizeBytes: async () => BYTES.length,
    async *read(start, end, signal) {
      signals.push(signal);
      yield BYTES.subarray(start, end);
    },
    signals,
    ...over,
  };
}
async function ask(
  play: ServedPlay,
  target: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<ContentAnswer & { text: string }> {
  const answer = await answerPlayer(play, { method, target, headers }, OPTIONS);
  const pieces: Uint8Array[] = [];
  if (answer.body instanceof Uint8Array) pieces.push(answer.body);
  else if (answer.body !== undefined) for await (const piece of answer.body) pieces.push(piece);
  return { ...answer, text: Buffer.concat(pieces).toString() };
}

test('the page has the player of its kind, no script, and the name is text in it', async () => {
  for (const [name, element] of [
    ['a"><script>.webm', '<video '],
    ['a.mp3', '<audio '],
    ['a.png', '<img '],
  ] as const) {
    const { status, headers, text } = await ask(playOf(name), '/', { 'sec-fetch-dest': 'iframe' });
    assert.equal(status, 200);
    assert.ok(text.includes(element), text);
    assert.doesNotMatch(text, /<script/);
    assert.match(
      headers['content-security-policy']!,
      /default-src 'none'.*media-src 'self'.*sandbox allow-same-origin$/,
    );
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['cache-control'], 'no-store');
  }
});

test('ranges of the file under the type of its name, whatever is in it', async () => {
  const play = playOf('a.wav');
  const part = await ask(play, '/media', { range: 'bytes=1-6', 'sec-fetch-dest': 'audio' });
  assert.equal(part.status, 206);
  assert.equal(part.text, 'script');
  assert.equal(part.headers['content-type'], 'audio/wav');
  assert.equal(part.headers['content-range'], `bytes 1-6/${BYTES.length}`);
  assert.equal(part.headers['accept-ranges'], 'bytes');
  const whole = await ask(play, '/media', { range: 'bytes=1-6', 'if-range': '"another"' });
  assert.equal(whole.status, 200);
  assert.equal((await ask(play, '/media', {}, 'HEAD')).text, '');
  assert.equal((await ask(play, '/media', { range: 'bytes=99-' })).status, 416);
});

test('what is asked for is read under the signal of the request', async () => {
  const play = playOf('a.wav');
  const abort = new AbortController();
  const answer = await answerPlayer(
    play,
    { method: 'GET', target: '/media', headers: {}, signal: abort.signal },
    OPTIONS,
  );
  assert.equal(answer.status, 200);
  assert.deepEqual(play.signals, [abort.signal]);
});

test('no page of its own in a tab, no other path, no other method; to be saved it may be', async () => {
  const play = playOf('a.wav');
  for (const target of ['/', '/media'])
    assert.equal((await ask(play, target, { 'sec-fetch-dest': 'document' })).status, 403);
  assert.equal((await ask(play, '/other')).status, 404);
  assert.equal((await ask(play, '/media', {}, 'POST')).status, 405);
  const saved = await ask(play, '/media?save', { 'sec-fetch-dest': 'document' });
  assert.equal(saved.status, 200);
  assert.equal(saved.headers['content-type'], 'application/octet-stream');
  assert.match(saved.headers['content-disposition']!, /^attachment; filename="a\.wav"/);
});

test('what is of another kind is not shown, and is saved as bytes', async () => {
  for (const name of ['page.html', 'drawing.svg', 'setup.exe', 'film.mp4.exe', 'notes']) {
    assert.equal(playableOf(name), undefined);
    assert.equal((await ask(playOf(name), '/')).status, 404);
    assert.equal((await ask(playOf(name), '/media')).status, 404);
    const saved = await ask(playOf(name), '/media?save');
    assert.equal(saved.headers['content-type'], 'application/octet-stream');
    assert.match(saved.headers['content-disposition']!, /^attachment/);
  }
});

test('what cannot be read is an error before anything is answered', async () => {
  const failing = playOf('a.wav', {
    // oxlint-disable-next-line require-yield
    async *read() {
      throw new BroadsideError('damaged', 'It was changed on the disk.');
    },
  });
  const answer = await ask(failing, '/media');
  assert.equal(answer.status, 503);
  assert.match(answer.text, /It was changed on the disk/);
});
