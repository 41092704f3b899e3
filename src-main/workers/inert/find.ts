/**
 * Marks words in markup that finish.ts wrote: there is no script in a publication's frame that could look for them, and the
 * interface cannot see into it. Found across elements within a paragraph, whatever the case; not in drawings and formulas, where
 * a mark would spoil them.
 */

/** Marks of one document; more are of no use to anybody. */
export const MAX_FOUND = 1_000;
/** Anchors of the marks: broadside-found-1 ... */
const ANCHOR = 'broadside-found-';

/** Ends a paragraph in what is searched; control characters are in no markup that is inert. */
const BREAK = '\0';
const WITHIN_PARAGRAPH =
  /^<\/?(?:a|abbr|acronym|b|bdi|bdo|big|cite|code|data|del|dfn|em|font|i|ins|kbd|label|mark|nobr|q|rb|ruby|s|samp|small|span|strike|strong|sub|sup|time|tt|u|var|wbr)[ >]/i;
const SKIPPED = new Set(['style', 'title', 'svg', 'math']);

export const FOUND_STYLE = `<style>mark.broadside-found{background:#f2d675;color:#1a191d;scroll-margin:30vh}mark.broadside-found:target{background:#5b2ca0;color:#fff;outline:2px solid #5b2ca0}</style>`;

interface Piece {
  readonly start: number;
  readonly end: number;
  readonly number: number;
  readonly first: boolean;
}

export function markWords(markup: string, words: string): { markup: string; found: number } {
  const pattern = patternOf(words);
  if (pattern === undefined) return { markup, found: 0 };
  const parts = markup.split(/(<[^>]*>)/);
  const { text, partOf, offsetOf } = flatten(parts);
  const pieces = new Map<number, Piece[]>();
  let found = 0;
  for (const match of text.matchAll(pattern)) {
    if (found >= MAX_FOUND) break;
    found += 1;
    let at = match.index;
    const end = at + match[0].length;
    while (at < end) {
      const part = partOf[at]!;
      let stop = at + 1;
      while (stop < end && partOf[stop] === part) stop += 1;
      const list = pieces.get(part) ?? [];
      list.push({
        start: offsetOf[at]!,
        end: endOffset(parts[part]!, offsetOf[stop - 1]!),
        number: found,
        first: at === match.index,
      });
      pieces.set(part, list);
      at = stop;
    }
  }
  for (const [part, list] of pieces) parts[part] = marked(parts[part]!, list);
  return { markup: parts.join(''), found };
}

function patternOf(words: string): RegExp | undefined {
  const escaped = words
    .trim()
    .split(/\s+/)
    .map((word) => word.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
  return escaped[0] === '' ? undefined : new RegExp(escaped.join('[^\\S\\0]+'), 'giu');
}

/** The text of all paragraphs, and for each letter the part that it is in and where its writing begins there. */
function flatten(parts: readonly string[]): { text: string; partOf: Uint32Array; offsetOf: Uint32Array } {
  const length = parts.reduce((sum, part) => sum + part.length + 1, 0);
  const partOf = new Uint32Array(length);
  const offsetOf = new Uint32Array(length);
  const pieces: string[] = [];
  let at = 0;
  let skipping = '';
  let depth = 0;
  for (const [index, part] of parts.entries()) {
    if (index % 2 === 1) {
      const name = /^<\/?([a-z0-9]+)/i.exec(part)?.[1]!.toLowerCase() ?? '';
      if (skipping === '' && SKIPPED.has(name) && !part.startsWith('</') && !part.endsWith('/>')) skipping = name;
      if (skipping === name) {
        depth += part.startsWith('</') ? -1 : 1;
        if (depth === 0) skipping = '';
      }
      if (!WITHIN_PARAGRAPH.test(part)) {
        pieces.push(BREAK);
        at += 1;
      }
      continue;
    }
    if (skipping !== '') continue;
    for (const match of part.matchAll(/&(amp|lt|gt|quot);|[^&]|&/g)) {
      pieces.push(match[1] === undefined ? match[0] : { amp: '&', lt: '<', gt: '>', quot: '"' }[match[1]]!);
      partOf[at] = index;
      offsetOf[at] = match.index;
      at += 1;
    }
  }
  return { text: pieces.join(''), partOf, offsetOf };
}

function endOffset(part: string, start: number): number {
  const reference = /&(?:amp|lt|gt|quot);/y;
  reference.lastIndex = start;
  return reference.test(part) ? reference.lastIndex : start + 1;
}

function marked(part: string, pieces: readonly Piece[]): string {
  let out = '';
  let at = 0;
  for (const { start, end, number, first } of pieces) {
    const id = first ? ` id="${ANCHOR}${number}"` : '';
    out += `${part.slice(at, start)}<mark class="broadside-found"${id}>${part.slice(start, end)}</mark>`;
    at = end;
  }
  return out + part.slice(at);
}
