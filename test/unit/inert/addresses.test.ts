import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isPlainlyInside, judge } from '../../../src-main/workers/inert/addresses.ts';

describe('addresses', () => {
  const inside: [value: string, text: string, path: string | undefined][] = [
    ['b.html', 'b.html', 'dir/b.html'],
    ['../c.html#x', '../c.html#x', 'c.html'],
    ['/root/d.html?v=3#y', '../root/d.html#y', 'root/d.html'],
    ['./', './', 'dir/'],
    ['..', '..', ''],
    ['../../../../e.html', '../../../../e.html', 'e.html'],
    ['#here', '#here', undefined],
    ['?save', '#', undefined],
    ['', '#', undefined],
    ['a%20b.html', 'a%20b.html', 'dir/a b.html'],
    ['1:2', './1:2', 'dir/1:2'],
    [' \n f.html\t', 'f.html', 'dir/f.html'],
    ['sub\\g.html', 'sub/g.html', 'dir/sub/g.html'],
  ];
  for (const [value, text, path] of inside) {
    it(`${JSON.stringify(value)} stays inside`, () => {
      assert.deepEqual(judge(value, 'dir/page.html'), { kind: 'inside', text, path });
      assert.ok(isPlainlyInside(text), text);
    });
  }

  const away = [
    'https://evil.example/',
    'HTTP:evil.example',
    '//evil.example/x',
    '\\\\evil.example',
    '/\\evil.example',
    '\\/evil.example',
    'ht\ntps://evil.example',
    '\u0001https://evil.example',
    'mailto:a@b',
    'broadside:abc',
    'file:///etc/passwd',
    'x-y+z.1:q',
    'blob:https://x/1',
    'filesystem:x',
    '/?away=https%3A%2F%2Fevil.example',
  ];
  for (const value of away)
    it(`${JSON.stringify(value)} leads away`, () => assert.equal(judge(value, 'p').kind, 'away'));

  it('tells scripts, however they are spelt', () => {
    for (const value of ['javascript:x', ' JaVa\tScRiPt:x', '\0javascript:x', 'vbscript:x', '/?away=javascript%3Ax'])
      assert.partialDeepStrictEqual(judge(value, ''), { kind: 'away', script: true });
  });

  it('property: what stays inside stays there for a browser too, from any address, and is judged the same again', () => {
    const letters = fc.constantFrom(
      '/',
      '\\',
      '.',
      ':',
      '?',
      '#',
      'a',
      '%2f',
      '%5c',
      '@',
      ' ',
      '\n',
      '\t',
      'http',
      'x.html',
      '..',
      '&',
      '"',
      '<',
    );
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 12 }), fc.constantFrom('x.html', 'a/b/x.html'), (parts, from) => {
        const judged = judge(parts.join(''), from);
        if (judged.kind !== 'inside') return;
        assert.ok(isPlainlyInside(judged.text), judged.text);
        for (const base of [
          `http://label.localhost:1/${from}`,
          `file:///home/x/${from}`,
          `broadside-content://label/${from}`,
        ]) {
          const url: URL = new URL(judged.text, base);
          assert.equal(url.protocol, new URL(base).protocol);
          assert.equal(url.host, new URL(base).host);
          assert.equal(url.search, '');
        }
        const again = judge(judged.text, from);
        assert.equal(again.kind === 'inside' && again.text, judged.text);
        assert.equal(again.kind === 'inside' && again.path, judged.path);
      }),
      { numRuns: 3000 },
    );
  });
});
