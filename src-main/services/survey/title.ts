/** A title to begin with, which the person may change: what the text calls itself, else what the file is called. */

/** Characters of a title (shared/ipc/contract.ts). */
export const MAX_TITLE_LENGTH = 512;

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/** `text` is the beginning of the document. Undefined when it says no title. */
export function titleInText(type: string, text: string): string | undefined {
  if (type === 'text/html' || type === 'application/xhtml+xml') {
    const found =
      /<title\b[^>]*>([^<]*)<\/title\s*>/iu.exec(text)?.[1] ?? /<h1\b[^>]*>([^<]*)<\/h1\s*>/iu.exec(text)?.[1];
    return found === undefined ? undefined : tidyTitle(decodeEntities(found));
  }
  if (type === 'text/markdown') {
    const found = /^#{1,2}[ \t]+(.+?)[ \t#]*$/mu.exec(text)?.[1];
    return found === undefined ? undefined : tidyTitle(found.replace(/[*_`]/gu, ''));
  }
  return undefined;
}

/** The name of a file without its ending, or of a directory as it is. */
export function titleFromName(name: string, isFile: boolean): string {
  const dot = isFile ? name.lastIndexOf('.') : -1;
  return tidyTitle(dot > 0 ? name.slice(0, dot) : name) ?? 'Untitled';
}

/** One line, at most MAX_TITLE_LENGTH, cut between characters; undefined when nothing is left. */
export function tidyTitle(text: string): string | undefined {
  // eslint-disable-next-line no-control-regex -- control characters are what is taken out
  const line = text
    .toWellFormed()
    .replace(/[\s\u0000-\u001f\u007f]+/gu, ' ')
    .trim();
  if (line === '') return undefined;
  if (line.length <= MAX_TITLE_LENGTH) return line;
  return line.slice(0, MAX_TITLE_LENGTH - 1).replace(/[\ud800-\udbff]$/u, '') + '…';
}

function decodeEntities(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w{1,10}));/giu,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? whole;
      const code = decimal === undefined ? Number.parseInt(hex!, 16) : Number.parseInt(decimal, 10);
      return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : whole;
    },
  );
}
