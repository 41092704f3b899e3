/** One document made inert, whatever it is written in: what the thread does. */
import MarkdownIt from 'markdown-it';
import { decodeHtml } from './charset.ts';
import { inertCss } from './css.ts';
import { FOUND_STYLE, markWords } from './find.ts';
import { inertHtml, inertSvg } from './markup.ts';
import type { InertRequest, InertResult } from './messages.ts';
import { Tally } from './tally.ts';

/** Of a saved copy, which no server sends headers with: files beside it, and what it carries itself. */
const SAVED_POLICY = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src 'self' file: data:; media-src 'self' file: data:; font-src 'self' file: data:; style-src 'self' file: 'unsafe-inline'; base-uri 'none'; form-action 'none'"><meta name="referrer" content="no-referrer">`;

const markdown = new MarkdownIt({ html: false, linkify: false, typographer: false });

/** Throws NotInert. */
export function inertDocument({ kind, path, purpose, find, bytes }: InertRequest): InertResult {
  const tally = new Tally();
  const options = { from: path, tally, purpose };
  const made = make();
  const { markup, found } = find === undefined || find === '' ? { markup: made, found: 0 } : markWords(made, find);
  const written = kind === 'html' ? `${headOf(bytes, purpose)}${found > 0 ? FOUND_STYLE : ''}${markup}` : markup;
  return { bytes: new TextEncoder().encode(written), blocked: tally.blocked, targets: tally.targets, found };

  function make(): string {
    switch (kind) {
      case 'html':
        return inertHtml(decodeHtml(bytes), options);
      case 'svg':
        return inertSvg(decodeHtml(bytes), options);
      case 'css':
        return inertCss(new TextDecoder().decode(bytes), path, tally);
      case 'markdown':
        return inertHtml(markdown.render(new TextDecoder().decode(bytes)), options);
      case 'text':
        return numberedLines(decodeHtml(bytes));
    }
  }
}

/** A document with a doctype is laid out by the standard, one without as browsers of the nineties did. */
function headOf(bytes: Uint8Array, purpose: 'show' | 'save'): string {
  const hasDoctype = /^\s*(?:<!--[\s\S]{0,2000}?-->\s*|<\?[^>]*>\s*)*<!doctype\s/i.test(
    decodeHtml(bytes.subarray(0, 4096)),
  );
  return `${hasDoctype ? '<!doctype html>\n' : ''}<meta charset="utf-8">${purpose === 'save' ? SAVED_POLICY : ''}`;
}

function numberedLines(text: string): string {
  // eslint-disable-next-line no-control-regex
  const lines = text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f]/g, '�').split(/\r\n?|\n/);
  if (lines.at(-1) === '') lines.pop();
  const escaped = lines.map(
    (line) =>
      `<li>${line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')}</li>`,
  );
  return `<ol class="lines">${escaped.join('\n')}</ol>`;
}
