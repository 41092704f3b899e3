import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { InertPool, InertRefusal, MAX_DOCUMENT_BYTES } from '../../../src-main/workers/inert/pool.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const page = { kind: 'html', path: 'a.html', purpose: 'show' } as const;

describe('threads that make documents inert', () => {
  const pool = new InertPool({ threads: 1, timeoutMs: 5000 });
  after(() => pool.close());

  it('a document that takes too long is refused, and those behind it are not', { timeout: 60_000 }, async () => {
    // Elements within elements cost the parser the square of their depth.
    const tangled = pool.make({ ...page, bytes: encode('<i>'.repeat(600_000)) });
    const behind = pool.make({ ...page, bytes: encode('<p>a') });
    await assert.rejects(tangled, (thrown) => thrown instanceof InertRefusal && thrown.problem === 'too-slow');
    assert.equal(new TextDecoder().decode((await behind).bytes), '<meta charset="utf-8"><p>a</p>');
  });

  it('one that is too large is refused at once', async () => {
    await assert.rejects(
      pool.make({ ...page, bytes: new Uint8Array(MAX_DOCUMENT_BYTES + 1) }),
      (thrown) => thrown instanceof InertRefusal && thrown.problem === 'too-large',
    );
  });

  it('the event loop goes on meanwhile', { timeout: 60_000 }, async () => {
    const bytes = encode('<p class="x">Lorem <b>ipsum</b> <a href="c.html">x</a> &amp; so on</p>\n'.repeat(15_000));
    let longestMs = 0;
    let lastMs = performance.now();
    const timer = setInterval(() => {
      const nowMs = performance.now();
      longestMs = Math.max(longestMs, nowMs - lastMs);
      lastMs = nowMs;
    }, 5);
    const patient = new InertPool({ threads: 1, timeoutMs: 50_000 });
    try {
      const { bytes: made } = await patient.make({ ...page, bytes });
      assert.ok(made.length > 1_000_000);
    } finally {
      clearInterval(timer);
      await patient.close();
    }
    // A few tens of milliseconds is what is wanted; this is what a busy machine of tests can promise.
    assert.ok(longestMs < 250, `${longestMs} ms`);
  });
});
