import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { inertCss } from '../../../src-main/workers/inert/css.ts';
import { Tally } from '../../../src-main/workers/inert/tally.ts';

function clean(css: string): { css: string; blocked: string } {
  const tally = new Tally();
  return {
    css: inertCss(css, 'css/style.css', tally),
    blocked: tally.blocked.map(({ kind, count }) => `${count} ${kind}`).join(', '),
  };
}

describe('style sheets', () => {
  const gone: [css: string, blocked: string][] = [
    ['a{background:url(http://evil.example/x)}', '1 picture'],
    ['a{background:URL( "//evil.example/x" )}', '1 picture'],
    ['a{background:u\\72 l(//evil.example/x)}', '1 picture'],
    ['a{background:\\75\\52\\4c("\\2f\\2f evil.example/x")}', '1 picture'],
    ['a{background:url(\\68ttp://evil.example/x)}', '1 picture'],
    ['@import "http://evil.example/x";', '1 style'],
    ['@IMPORT url(//evil.example/x) screen;', '1 style'],
    ['@im\\70ort url("//evil.example/x");', '1 style'],
    ['@import/**/"//evil.example/x";', '1 style'],
    ['@import data:text/css,x;', '1 style'],
    ['@font-face{font-family:x;src:url(//evil.example/x) format("woff2")}', '1 font'],
    ['a{background:image-set("//evil.example/x" 1x)}', '1 picture'],
    ['a{background:-webkit-image-set(url(//evil.example/x) 1x)}', '1 picture'],
    ['a{--x:"//evil.example/x";background:image-set(var(--x) 1x)}', '1 picture'],
    ['a{background:src("//evil.example/x")}', '1 picture'],
    ['a{background:src(var(--x))}', '1 picture'],
    ['a{width:expression(alert(1))}', '1 script'],
    ['a{-moz-binding:url(//evil.example/x)}', '1 script, 1 picture'],
    ['a{b\\65havior:url(x.htc)}', '1 script'],
    ['a{cursor:url(//evil.example/x),auto}', '1 picture'],
    ['a{--x:url(//evil.example/x);background:var(--x)}', '1 picture'],
    ['a{background:url(//evil.example/x', '1 picture'],
  ];
  for (const [css, blocked] of gone) {
    it(css, () => {
      const out = clean(css);
      assert.equal(out.blocked, blocked);
      // The name may stand in a rule that is no rule any more, and in the value of a custom property.
      assert.doesNotMatch(out.css, /(?:url|src|image-set)\(\s*["']?(?:http|\/\/|\\)/i);
      assert.deepEqual(clean(out.css), { css: out.css, blocked: '' });
    });
  }

  it('keeps what is of the publication, or in the sheet itself', () => {
    const tally = new Tally();
    const css =
      '@import "more.css";a{background:url(../pic.png);b:url(#f);c:url(data:image/png;base64,AA==)}@media (width<9px){&:hover{x:y}}';
    assert.equal(
      inertCss(css, 'css/style.css', tally),
      '@import "more.css";a{background:url("../pic.png");b:url("#f");c:url("data:image/png;base64,AA==")}@media (width<9px){&:hover{x:y}}',
    );
    assert.deepEqual(tally.targets, ['pic.png']);
  });

  it('property: reads the same as raw text and as markup, and does not change again', () => {
    const letters = fc.constantFrom(
      '<',
      '&',
      '/',
      '!',
      'a',
      '"',
      "'",
      '\\',
      '(',
      ')',
      '{',
      '}',
      ';',
      ':',
      '@import',
      'url(',
      '//evil.example',
      '\n',
      ' ',
      '/*',
      '*/',
      '</style',
      '&lt;',
      '<!--',
      '-->',
      '\\3c ',
      '\0',
      '#x',
      '&#47;',
      'image-set(',
      'var(--x)',
      ',',
      '-',
      '.5',
      'é',
    );
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 20 }), (parts) => {
        const { css } = clean(parts.join(''));
        assert.doesNotMatch(css, /<[A-Za-z/!?]|&[A-Za-z#]/);
        assert.equal(clean(css).css, css);
        assert.equal(clean(css).blocked, '');
      }),
      { numRuns: 4000 },
    );
  });
});
