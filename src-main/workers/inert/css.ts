/**
 * Style sheets and style attributes without addresses outside of the publication, and without what old browsers ran.
 * Works on the tokens of CSS Syntax 3 (@csstools/css-tokenizer), escapes decoded, so that no spelling of `url` or of an
 * address is missed; how the tokens are nested matters only inside functions that load something.
 *
 * What comes out reads the same as raw text (<style> in HTML), as markup (<style> in SVG) and as text of an attribute: no
 * '<' in it begins a tag, no '&' a character reference.
 */
import { tokenize, TokenType } from '@csstools/css-tokenizer';
import type { CSSToken } from '@csstools/css-tokenizer';
import type { BlockedKind } from '../../../shared/base/blocked.ts';
import { judge } from './addresses.ts';
import type { Tally } from './tally.ts';

/** Functions whose strings are addresses. */
const LOADING = new Set(['url', 'src', 'image', 'image-set', '-webkit-image-set', 'cross-fade', '-webkit-cross-fade']);
/** What may stand in them: what puts a value in their place later (var, attr, env, functions of the page's own) may not. */
const HARMLESS_INSIDE =
  /^(?:url|x-left-out|type|calc|min|max|rgba?|hsla?|hwb|oklab|oklch|lab|lch|color|color-mix|image-set|(?:repeating-)?(?:linear|radial|conic)-gradient)$/;
/** Ran scripts, or loaded what ran them, in browsers that some still have. */
const RAN_SCRIPTS = new Set(['behavior', '-moz-binding', '-ms-behavior']);
/** Loads nothing and is valid wherever an address is. */
const NOTHING = 'url("data:,")';

const LEFT_OUT = 'x-left-out';

/** `from`: the path of the sheet, or of the page that it stands in. */
export function inertCss(css: string, from: string, tally: Tally): string {
  return new SheetWriter(css, from, tally).write();
}

class SheetWriter {
  readonly #tokens: readonly CSSToken[];
  readonly #from: string;
  readonly #tally: Tally;
  /** Functions and blocks that are open; a name for functions and at-rules. */
  readonly #open: { readonly name: string; readonly loads: boolean }[] = [];
  #atRule = '';
  #out = '';

  constructor(css: string, from: string, tally: Tally) {
    // Illustrations wrap their sheets so; in CSS it is an error that would spoil the first rule.
    const bare = css.replace(/^\s*<!\[CDATA\[|\]\]>\s*$/g, '');
    this.#tokens = tokenize({ css: bare });
    this.#from = from;
    this.#tally = tally;
  }

  write(): string {
    for (let at = 0; at < this.#tokens.length; at += 1) {
      const text = this.#token(this.#tokens[at]!, at);
      // What two tokens make together must be no tag and no reference either.
      if (this.#out.endsWith('<') && /^[A-Za-z/!?]/.test(text)) this.#out += ' ';
      if (this.#out.endsWith('&') && /^[A-Za-z#]/.test(text)) this.#out += '/**/';
      this.#out += text;
    }
    return this.#out;
  }

  #token(token: CSSToken, at: number): string {
    switch (token[0]) {
      case TokenType.Comment:
        return '/**/';
      case TokenType.CDO:
      case TokenType.CDC:
      case TokenType.BadString:
      case TokenType.BadURL:
        return ' ';
      case TokenType.EOF:
        return '';
      case TokenType.AtKeyword:
        return this.#atKeyword(token[4].value.toLowerCase(), token[1], at);
      case TokenType.URL:
        return this.#address(token[4].value);
      case TokenType.String:
        return this.#open.at(-1)?.loads === true ? this.#stringAddress(token[4].value) : quoted(token[4].value);
      case TokenType.Function:
        return this.#function(token[4].value.toLowerCase(), token[1], at);
      case TokenType.OpenParen:
      case TokenType.OpenSquare:
        this.#open.push({ name: '', loads: false });
        return token[1];
      case TokenType.OpenCurly:
        this.#open.push({ name: this.#atRule, loads: false });
        this.#atRule = '';
        return '{';
      case TokenType.CloseParen:
      case TokenType.CloseSquare:
      case TokenType.CloseCurly:
        this.#open.pop();
        return token[1];
      case TokenType.Semicolon:
        this.#atRule = '';
        return ';';
      case TokenType.Ident:
        if (RAN_SCRIPTS.has(token[4].value.toLowerCase()) && this.#next(at)?.[0] === TokenType.Colon) {
          this.#tally.block('script');
          return 'x-left-out';
        }
        return escaped(token[1]);
      case TokenType.Delim:
        // A backslash that escapes nothing would escape what is written after it.
        return token[4].value === '\\' || token[4].value === '\0' ? ' ' : token[4].value;
      default:
        return escaped(token[1]);
    }
  }

  #atKeyword(name: string, raw: string, at: number): string {
    this.#atRule = name;
    if (name === 'import') {
      const next = this.#next(at);
      const isAddress = next?.[0] === TokenType.URL || next?.[0] === TokenType.String;
      const address = isAddress ? next[4].value : this.#quotedUrl(next, at);
      const judged = address === undefined ? undefined : judge(address, this.#from);
      if (judged?.kind === 'inside' && judged.path !== undefined) return '@import';
      this.#tally.block('style');
      this.#atRule = LEFT_OUT;
      return '@x-left-out';
    }
    // An encoding that is not the one it is served in, and names that only matter to XML.
    if (name === 'charset' || name === 'namespace') return '@x-left-out';
    return escaped(raw);
  }

  /** The string of url("..."), whose token is a function's. */
  #quotedUrl(next: CSSToken | undefined, at: number): string | undefined {
    if (next?.[0] !== TokenType.Function || next[4].value.toLowerCase() !== 'url') return undefined;
    const inner = this.#next(this.#tokens.indexOf(next, at));
    return inner?.[0] === TokenType.String ? inner[4].value : undefined;
  }

  #function(name: string, raw: string, at: number): string {
    const loads = LOADING.has(name);
    if (!loads) {
      this.#open.push({ name, loads: false });
      if (name !== 'expression') return escaped(raw);
      this.#tally.block('script');
      return 'x-left-out(';
    }
    const allowed = name === 'url' || name === 'src' ? this.#isLoneString(at) : this.#hasOnlyHarmless(at);
    this.#open.push({ name, loads: allowed });
    if (allowed) return `${name}(`;
    this.#tally.block(this.#kind());
    return 'x-left-out(';
  }

  /** url("...") and nothing else; modifiers of addresses are in no browser. */
  #isLoneString(at: number): boolean {
    const first = this.#nextIndex(at);
    if (this.#tokens[first]?.[0] !== TokenType.String) return false;
    const after = this.#next(first);
    return after === undefined || after[0] === TokenType.CloseParen || after[0] === TokenType.EOF;
  }

  #hasOnlyHarmless(at: number): boolean {
    let depth = 1;
    for (let index = at + 1; index < this.#tokens.length && depth > 0; index += 1) {
      const token = this.#tokens[index]!;
      if (token[0] === TokenType.Function) {
        if (!HARMLESS_INSIDE.test(token[4].value.toLowerCase())) return false;
        depth += 1;
      } else if (token[0] === TokenType.OpenParen) depth += 1;
      else if (token[0] === TokenType.CloseParen) depth -= 1;
      else if (token[0] === TokenType.OpenCurly || token[0] === TokenType.OpenSquare) return false;
    }
    return true;
  }

  #address(value: string): string {
    const text = this.#judged(value);
    return text === undefined ? NOTHING : `url(${quoted(text)})`;
  }

  #stringAddress(value: string): string {
    return quoted(this.#judged(value) ?? 'data:,');
  }

  #judged(value: string): string | undefined {
    const judged = judge(value, this.#from);
    if (judged.kind === 'inside') {
      if (judged.path !== undefined) this.#tally.refer(judged.path);
      return judged.text;
    }
    if (judged.kind === 'data') return judged.text;
    // Of a sheet that is left out, which was counted.
    if (this.#atRule !== LEFT_OUT) this.#tally.block(this.#kind());
    return undefined;
  }

  #kind(): BlockedKind {
    return this.#open.some(({ name }) => name === 'font-face') ? 'font' : 'picture';
  }

  #next(at: number): CSSToken | undefined {
    return this.#tokens[this.#nextIndex(at)];
  }

  #nextIndex(at: number): number {
    let index = at + 1;
    while (this.#tokens[index]?.[0] === TokenType.Whitespace || this.#tokens[index]?.[0] === TokenType.Comment)
      index += 1;
    return index;
  }
}

/** A name or a number as it was written. */
function escaped(raw: string): string {
  return raw.replace(/\\?([<&\0])/g, (_, character: string) => hex(character));
}

function quoted(value: string): string {
  // eslint-disable-next-line no-control-regex
  return `"${value.replace(/[\0-\x1f\x7f"\\<&]/g, hex)}"`;
}

function hex(character: string): string {
  return `\\${(character === '\0' ? 0xfffd : character.charCodeAt(0)).toString(16)} `;
}
