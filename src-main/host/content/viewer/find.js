/**
 * Finds words in all pages of a PDF: case, accents and the width of letters do not count, nor how lines are broken. Pages are looked
 * through one after the other, from the one that is shown on; what is found is marked in the words that lie over each page.
 */
import { words } from '/texts.js';

/** Found at most: more is nothing that anybody goes through. A guess. */
const MOST = 10_000;
/** The words of so many pages are kept; those that were looked at longest ago go first. A guess: a megabyte or two. */
const KEPT_PAGES = 500;

const field = document.getElementById('words');
const said = document.getElementById('found');
/** Ours alone where the browser can mark without changing the page; the one that is shown is selected in any case. */
const marks = globalThis.CSS?.highlights !== undefined && typeof Highlight === 'function' ? CSS.highlights : undefined;

/** Text as it is compared, and of each of its letters where it stands in the text. */
function folded(text) {
  let out = '';
  const at = [];
  let blank = true;
  for (let index = 0; index < text.length;) {
    const letter = String.fromCodePoint(text.codePointAt(index));
    const plain = /\s/u.test(letter) ? ' ' : letter.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
    // Blanks are one, and a soft hyphen is none.
    if (plain !== '\u00ad' && !(plain === ' ' && blank)) {
      for (let part = 0; part < plain.length; part += 1) at.push(index);
      out += plain;
      if (plain !== '') blank = plain === ' ';
    }
    index += letter.length;
  }
  return { out, at };
}

export class Finder {
  /** The document, its views, and what shows one of them. */
  #document;
  #views;
  #show;
  #words = '';
  /** Of each page, by number: where in its text something was found, as [from, to]. */
  #found = new Map();
  #count = 0;
  #unread = 0;
  #lookedAt = 0;
  /** The one that is shown, by page and place in it. */
  #shown;
  #texts = new Map();
  #run = 0;

  constructor(pdf, views, show) {
    this.#document = pdf;
    this.#views = views;
    this.#show = show;
  }

  /** Looks for other words, from this page on; for the same ones it goes to the next. */
  async look(asked, fromPage) {
    if (asked === this.#words && asked !== '') return this.step(1);
    this.#run += 1;
    const run = this.#run;
    this.#words = asked;
    this.#found.clear();
    this.#count = 0;
    this.#unread = 0;
    this.#lookedAt = 0;
    this.#shown = undefined;
    this.mark();
    const wanted = folded(asked.trim()).out.trim();
    this.#say(wanted === '' ? 'nothing asked' : 'looking');
    if (wanted === '') return;
    const pages = this.#views.length;
    for (let looked = 0; looked < pages && this.#count < MOST; looked += 1) {
      const page = ((fromPage - 1 + looked) % pages) + 1;
      const places = await this.#placesIn(page, wanted);
      if (run !== this.#run) return;
      this.#lookedAt = page;
      if (places.length > 0) {
        this.#found.set(page, places.slice(0, MOST - this.#count));
        this.#count += this.#found.get(page).length;
        if (this.#shown === undefined) this.#go(page, 0);
        else this.mark(this.#views[page - 1]);
      }
      this.#say(looked + 1 < pages && this.#count < MOST ? 'looking' : 'done');
    }
  }

  /** Goes to the next place, or the one before; round at the ends. */
  step(by) {
    if (this.#shown === undefined) return;
    const { page, index } = this.#shown;
    const inPage = this.#found.get(page);
    if (inPage[index + by] !== undefined) return this.#go(page, index + by);
    const pages = [...this.#found.keys()].sort((a, b) => a - b);
    const next = pages[(pages.indexOf(page) + by + pages.length) % pages.length];
    this.#go(next, by === 1 ? 0 : this.#found.get(next).length - 1);
  }

  /** Marks what was found in the words that are drawn: of one page, or of all. */
  mark(view) {
    if (marks !== undefined) {
      const ranges = this.#views.filter(({ spans }) => spans !== undefined).flatMap((other) => this.#rangesOf(other));
      marks.set('found', new Highlight(...ranges));
    }
    if (this.#shown === undefined) {
      marks?.delete('shown');
      return;
    }
    const shown = this.#views[this.#shown.page - 1];
    if (view !== undefined && view !== shown) return;
    const range = this.#rangesOf(shown)[this.#shown.index];
    if (range === undefined) return;
    if (marks !== undefined) {
      const mark = new Highlight(range);
      // Over that of all.
      mark.priority = 1;
      marks.set('shown', mark);
    } else
      getSelection().setBaseAndExtent(range.startContainer, range.startOffset, range.endContainer, range.endOffset);
    if (!this.#shown.isSeen) {
      this.#shown.isSeen = true;
      this.#show(shown, range);
    }
  }

  #go(page, index) {
    this.#shown = { page, index, isSeen: false };
    this.#say(undefined);
    const view = this.#views[page - 1];
    if (view.spans === undefined) this.#show(view, undefined);
    else this.mark(view);
  }

  #state = 'done';
  #say(state = this.#state) {
    this.#state = state;
    document.documentElement.dataset.found = state === 'done' ? String(this.#count) : '';
    if (state === 'nothing asked') {
      said.textContent = '';
      return;
    }
    let before = 0;
    for (const [page, places] of this.#found) if (page < (this.#shown?.page ?? 0)) before += places.length;
    const parts =
      this.#count === 0 ? [] : [words('pdf.found', { at: before + this.#shown.index + 1, count: this.#count })];
    if (state === 'looking')
      parts.push(words('pdf.pageOf', { page: Math.max(1, this.#lookedAt), total: this.#views.length }));
    else if (this.#count === 0) parts.push(words('pdf.nothing'));
    if (state !== 'looking' && this.#unread > 0) parts.push(words('pdf.unread', { count: this.#unread }));
    said.textContent = parts.join(' · ');
    field.toggleAttribute('aria-invalid', state === 'done' && this.#count === 0);
  }

  async #placesIn(page, wanted) {
    const text = await this.#textOf(page);
    const places = [];
    for (
      let from = text.out.indexOf(wanted);
      from >= 0 && places.length < MOST;
      from = text.out.indexOf(wanted, from + wanted.length)
    ) {
      places.push([text.at[from], text.at[from + wanted.length - 1] + 1]);
    }
    return places;
  }

  /** The words of a page in one piece; what could not be read has none. */
  async #textOf(page) {
    const known = this.#texts.get(page);
    if (known !== undefined) return known;
    let text = { out: '', at: [] };
    try {
      const content = await (await this.#document.getPage(page)).getTextContent();
      text = folded(joined(content.items));
    } catch {
      this.#unread += 1;
      return text;
    }
    this.#texts.set(page, text);
    if (this.#texts.size > KEPT_PAGES) this.#texts.delete(this.#texts.keys().next().value);
    return text;
  }

  /** Where the places of a page stand in the words that lie over it. */
  #rangesOf({ number: page, spans }) {
    const places = this.#found.get(page);
    if (places === undefined || spans === undefined) return [];
    return places.flatMap(([from, to]) => {
      const range = document.createRange();
      const [start, end] = [spans.find((span) => from < span.to), spans.find((span) => to <= span.to)];
      if (start?.node === undefined || end?.node === undefined) return [];
      range.setStart(start.node, Math.max(0, from - start.from));
      range.setEnd(end.node, Math.min(end.node.length, Math.max(0, to - end.from)));
      return [range];
    });
  }
}

/** The text of a page as it is searched: a line that ends is a blank. */
function joined(items) {
  let text = '';
  for (const { str, hasEOL } of items) if (str !== undefined) text += hasEOL ? `${str} ` : str;
  return text;
}

/** The words that lie over a page, each with its place in the text as it is searched. */
export function spansOf(layer, items) {
  const divs = layer.textDivs;
  let from = 0;
  return items
    .filter(({ str }) => str !== undefined)
    .map(({ str, hasEOL }, index) => {
      const to = from + str.length + (hasEOL ? 1 : 0);
      const span = { from, to, node: divs[index]?.firstChild ?? undefined };
      from = to;
      return span;
    })
    .filter(({ node }) => node !== undefined);
}
