import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AWAY_PREFIX, filterHtml } from '../../../src-main/host/content/html-filter.ts';

async function filtered(text: string, chunkBytes = Number.POSITIVE_INFINITY): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += chunkBytes)
      yield bytes.subarray(at, Math.min(bytes.length, at + chunkBytes));
  }
  const parts: Uint8Array[] = [];
  for await (const part of filterHtml(chunks())) parts.push(part);
  return Buffer.concat(parts).toString();
}

describe('what stays', () => {
  const kept = [
    '<!doctype html><title>Ä 東京</title><p class="x">text & more < 3',
    '<link rel="stylesheet" href="style.css">',
    "<LINK href='a.css' rel='StyleSheet' media=print />",
    '<link rel="icon" href="icon.png"><link rel="alternate stylesheet" href=b.css>',
    '<meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta http-equiv="Content-Type" content="text/html">',
    '<a href="page.html#part">x</a><a href="/root">x</a><a href="#top">x</a><a href="?q">x</a><a href="">x</a><a name="n">x</a>',
    '<a href="dir/a:b">a colon after a slash is no scheme</a><a href="ü.html">x</a><a href=plain>x</a><a href="a?x=1&y=http://z">x</a>',
    '<article><abbr>x</abbr><linkage><metadata><objective></article>',
  ];
  for (const html of kept) {
    it(html.slice(0, 70), async () => {
      assert.equal(await filtered(html), html);
      for (const size of [1, 2, 3, 7, 16]) assert.equal(await filtered(html, size), html, `in chunks of ${size}`);
    });
  }
});

describe('what goes', () => {
  const renamed: [string, string][] = [
    ['<link rel="preconnect" href="//x">', '<l-nk rel="preconnect" href="//x">'],
    ['<LINK REL=dns-prefetch HREF=//x>', '<L-NK REL=dns-prefetch HREF=//x>'],
    ['<link rel="stylesheet preconnect" href="//x">', '<l-nk rel="stylesheet preconnect" href="//x">'],
    ['<link rel="pre&#99;onnect">', '<l-nk rel="pre&#99;onnect">'],
    ['<link href=a/title=" rel=preconnect href=//c ">', '<l-nk href=a/title=" rel=preconnect href=//c ">'],
    ['<link rel="stylesheet" rel="preconnect">', '<l-nk rel="stylesheet" rel="preconnect">'],
    ['<link/rel=preconnect/href=//x>', '<l-nk/rel=preconnect/href=//x>'],
    ['<meta http-equiv="refresh" content="0;url=//x">', '<m-ta http-equiv="refresh" content="0;url=//x">'],
    ['<meta\thttp-equiv=&#114;efresh>', '<m-ta\thttp-equiv=&#114;efresh>'],
    ['<iframe srcdoc="&lt;link rel=preconnect&gt;">', '<i-rame srcdoc="&lt;link rel=preconnect&gt;">'],
    ['<object data=x><embed src=y><frame src=z>', '<o-ject data=x><e-bed src=y><f-ame src=z>'],
    [
      '<svg><a><set attributeName=href to=//x><animate attributeName=href values=//x>',
      '<svg><a><s-t attributeName=href to=//x><a-imate attributeName=href values=//x>',
    ],
    ['<a href="x" href="//y">odd</a>', '<x href="x" href="//y">odd</a>'],
    ['<!-- <link rel=preconnect href=//x> -->', '<!-- <l-nk rel=preconnect href=//x> -->'],
  ];
  for (const [html, expected] of renamed) {
    it(html, async () => {
      assert.equal(await filtered(html), expected);
      for (const size of [1, 2, 5]) assert.equal(await filtered(html, size), expected, `in chunks of ${size}`);
    });
  }

  it('a tag that never ends is renamed and not waited for', async () => {
    const long = `<link rel=stylesheet title="${'x'.repeat(10_000)}`;
    assert.equal(await filtered(long, 100), long.replace('<link', '<l-nk'));
    assert.equal(await filtered('<link rel="stylesheet'), '<l-nk rel="stylesheet');
  });
});

describe('links that lead out', () => {
  const out = [
    'http://x/',
    'HTTPS://x',
    '//x',
    '/\\x',
    '\\\\x',
    '\thttp://x',
    'ht\ntp://x',
    ' //x',
    '/&#47;x',
    '&#104;ttp://x',
    '&sol;/x',
    'javascript:x',
    'mailto:a@b',
    'broadside:abc',
    'data:text/html,x',
    'h&#116;tp://x',
    '/\t/x',
    'a\\b',
  ];
  for (const address of out) {
    it(JSON.stringify(address), async () => {
      const html = await filtered(`<a class="c" href="${address}" ping="//x">word</a>`);
      const match = /^<a class="c" href="([^"]*)">word<\/a>$/.exec(html);
      assert.ok(match, html);
      assert.ok(match[1]!.startsWith(AWAY_PREFIX));
      assert.doesNotMatch(match[1]!.slice(AWAY_PREFIX.length), /[^\w%.~!*'()-]/);
    });
  }

  it('in SVG too, and in image maps', async () => {
    assert.match(await filtered('<a xlink:href="http://x">'), /^<a href="\/\?away=http%3A%2F%2Fx">$/);
    assert.match(
      await filtered('<area shape=rect href=http://x/y>'),
      /^<area shape=rect href="\/\?away=http%3A%2F%2Fx%2Fy">$/,
    );
  });

  it('whatever the address: it stays on this origin', () => {
    const piece = fc.constantFrom(
      '/',
      '\\',
      ':',
      'http',
      'x',
      '.',
      '&#47;',
      '&sol;',
      '&Tab;',
      ' ',
      '\t',
      '\n',
      '?',
      '#',
      '//',
      '&amp;',
      '%2f',
      '@',
      '\u3002',
      '\u2044',
      'javascript',
    );
    return fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 6 }), async (pieces) => {
        const html = await filtered(`<a href='${pieces.join('')}'>`);
        const value = /href=(?:'([^']*)'|"([^"]*)")/.exec(html)!;
        // What a browser makes of it: references decoded, then resolved as the URL standard says.
        const decoded = (value[1] ?? value[2]!)
          .replaceAll('&#47;', '/')
          .replaceAll('&sol;', '/')
          .replaceAll('&Tab;', '\t')
          .replaceAll('&amp;', '&');
        assert.equal(new URL(decoded, 'http://label.localhost:1/dir/page.html').origin, 'http://label.localhost:1');
      }),
      { numRuns: 3000 },
    );
  });
});
