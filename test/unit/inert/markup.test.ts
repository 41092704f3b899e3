import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { finish, NotInert } from '../../../src-main/workers/inert/finish.ts';
import { markWords } from '../../../src-main/workers/inert/find.ts';
import { inertHtml, inertSvg } from '../../../src-main/workers/inert/markup.ts';
import { Tally } from '../../../src-main/workers/inert/tally.ts';
import { hostileMarkup } from './arbitrary-markup.ts';

function html(markup: string, purpose: 'show' | 'save' = 'show'): { out: string; blocked: string } {
  const tally = new Tally();
  const out = inertHtml(markup, { from: 'dir/page.html', tally, purpose });
  return { out, blocked: tally.blocked.map(({ kind, count }) => `${count} ${kind}`).join(', ') };
}

describe('HTML made inert', () => {
  const cases: [name: string, markup: string, out: string, blocked: string][] = [
    ['a script goes with its text', '<p>a<script>x</script>b</p>', '<p>ab</p>', '1 script'],
    ['handlers go', '<p onclick=x ONLOAD=y>a</p>', '<p>a</p>', '2 script'],
    ['what stands in for scripts is shown', '<noscript><p>a</p></noscript>', '<p>a</p>', ''],
    ['a frame goes whole', '<iframe src=x srcdoc="<p>">a</iframe>b', 'b', '1 frame'],
    ['what stands in for an object is shown', '<object data=x><p>a</p></object>', '<p>a</p>', '1 frame'],
    [
      'a form goes, its text stays',
      '<form action=//e><label>a</label><input name=b></form>',
      '<label>a</label>',
      '1 form',
    ],
    ['boxes stay', '<input type=checkbox id=a>', '<input type="checkbox" id="a" />', ''],
    ['it sends nobody on', '<meta http-equiv=refresh content="0;url=//e"><p>a', '<p>a</p>', '1 redirect'],
    ['connections ahead', '<link rel="preconnect stylesheet" href=//e><link rel=dns-prefetch href=//e>', '', '2 hint'],
    ['a base', '<base href=//e><a href=x>a</a>', '<a href="x">a</a>', '1 hint'],
    ['reports of clicks', '<a href=x ping=//e>a</a>', '<a href="x">a</a>', '1 hint'],
    ['a foreign sheet', '<link rel=stylesheet href=//e/x.css>', '<link rel="stylesheet" />', '1 style'],
    ['all of a srcset or none of it', '<img srcset="a.png 1x, //e/b.png 2x">', '<img />', '1 picture'],
    [
      'SVG cannot draw from elsewhere',
      '<svg><use href="//e#x" /></svg>',
      '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"><use></use></svg>',
      '1 picture',
    ],
    [
      'nothing moves',
      '<svg><a><set attributeName=href to=javascript:x /></a></svg>',
      '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"><a></a></svg>',
      '1 animation',
    ],
  ];
  for (const [name, markup, out, blocked] of cases) it(name, () => assert.deepEqual(html(markup), { out, blocked }));

  it('links away lead to the page that asks; in a saved copy nowhere', () => {
    const link = '<a href="https://e.example/?a=1&b=2">a</a>';
    assert.equal(html(link).out, '<a href="/?away=https%3A%2F%2Fe.example%2F%3Fa%3D1%26b%3D2">a</a>');
    assert.equal(html(link, 'save').out, '<a title="https://e.example/?a=1&amp;b=2">a</a>');
    assert.equal(html(html(link).out, 'save').out, html(link, 'save').out);
  });

  it('old encodings are read as what they are', async () => {
    const { decodeHtml } = await import('../../../src-main/workers/inert/charset.ts');
    const bytes = Uint8Array.from(
      [...'<meta charset=windows-1251>'].map((letter) => letter.charCodeAt(0)).concat(0xcf, 0xf0),
    );
    assert.match(decodeHtml(bytes), /Пр$/);
    assert.equal(decodeHtml(Uint8Array.of(0xff, 0xfe, 0x41, 0)), 'A');
    assert.equal(decodeHtml(Uint8Array.of(0x63, 0x61, 0x66, 0xe9)), 'café');
    assert.equal(decodeHtml(new TextEncoder().encode('<meta charset=utf-16>é')), '<meta charset=utf-16>é');
  });

  for (const form of [inertHtml, inertSvg]) {
    it(`property: ${form.name} of what it made is the same again, with nothing left to take out`, () => {
      fc.assert(
        fc.property(hostileMarkup, fc.constantFrom('show' as const, 'save' as const), (markup, purpose) => {
          const out = form(markup, { from: 'dir/page.html', tally: new Tally(), purpose });
          const tally = new Tally();
          assert.equal(form(out, { from: 'dir/page.html', tally, purpose }), out);
          assert.deepEqual(tally.blocked, []);
        }),
        { numRuns: 300 },
      );
    });
  }
});

describe('the last look', () => {
  const options = { from: '', tally: new Tally(), purpose: 'show' as const };
  for (const markup of [
    '<script>',
    '<p onclick="x">',
    '<a href="javascript:x">',
    '<img src="//e">',
    '<img src="http://e">',
    '<p x="<">',
    '<p title=a>',
    '<!-- -->',
    '<![CDATA[x]]>',
    '<iframe>',
    '</script>',
    '<form>',
    '<p',
    '<svg xmlns="http://www.w3.org/1999/xhtml">',
    '<use href="/?away=x">',
    '<a href="data:text/html,x">',
    '<img srcset="//e 1x">',
    '<p\n>',
    '<textarea>',
    '<a href="/?away=x&quot;y">',
  ]) {
    it(`refuses ${markup}`, () => assert.throws(() => finish(markup, 'html', options), NotInert));
  }
  it('takes what is inert as it is', () => {
    const markup = '<p class="a" title="a &lt; b">x &lt; y<br /><a href="../b.html#c">d</a></p>';
    assert.equal(finish(markup, 'html', options), markup);
  });
});

describe('finding words', () => {
  it('across elements of a paragraph, whatever the case, and not across paragraphs', () => {
    const { markup, found } = markWords('<p>The <b>Har</b>bour &amp; sea</p><p>harb</p><p>our</p>', 'harbour & SEA');
    assert.equal(found, 1);
    assert.match(
      markup,
      /<b><mark class="broadside-found" id="broadside-found-1">Har<\/mark><\/b><mark class="broadside-found">bour &amp; sea<\/mark>/,
    );
  });
  it('not in sheets, titles and drawings', () => {
    assert.equal(
      markWords('<title>sea</title><style>sea</style><svg><g><text>sea</text></g></svg><p>sea</p>', 'sea').found,
      1,
    );
  });
  it('takes signs as they are, and adds only marks', () => {
    const markup = '<p>a.b (c) a&lt;b *</p>';
    for (const words of ['a.b', '(c)', 'a<b', '*', '\\']) {
      const marked = markWords(markup, words);
      assert.equal(marked.markup.replace(/<\/?mark[^>]*>/g, ''), markup);
      assert.equal(marked.found, words === '\\' ? 0 : 1, words);
    }
  });
});
