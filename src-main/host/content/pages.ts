/**
 * The few pages of our own that a content origin shows: a folder, a Markdown text, a picture on a page, and notices. No
 * script; one small style sheet in the page, after the tokens of the app. Everything that comes from a publication is escaped.
 */
import type { PlayKind } from '../../../shared/base/playable.ts';
import { essenceOf } from './answer.ts';
import type { ServedFile } from './answer.ts';
import { FOUND_STYLE } from '../../workers/inert/find.ts';
import type { HostWords } from '../words/words.ts';

const STYLE = `:root{color-scheme:light dark;--sheet:light-dark(#f8f7f3,#19191d);--ink:light-dark(#1a191d,#edebe5);
--ink-2:light-dark(#47464c,#bfbdb9);--rule:light-dark(#cdcbc2,#37373d);--indelible:light-dark(#5b2ca0,#bda3f5);--proof:light-dark(#fff,#232328)}
*{box-sizing:border-box}html{background:var(--sheet)}
body{margin:0 auto;padding:24px;max-width:72ch;color:var(--ink);font:15px/1.55 "Public Sans Variable",system-ui,sans-serif;overflow-wrap:anywhere}
h1,h2,h3,h4{font-family:"Besley Variable","Source Serif 4 Variable",Georgia,serif;line-height:1.25;font-weight:640;letter-spacing:-.01em;margin:1.4em 0 .5em}
h1{font-size:1.8rem;margin-top:.2em}h2{font-size:1.4rem}h3,h4{font-size:1.1rem}
header{border-top:1px solid;border-bottom:3px solid;height:6px;margin-bottom:16px}
a{color:var(--indelible)}a:focus-visible{outline:2px solid var(--indelible);outline-offset:2px}
p.address{background:var(--proof);border:1px solid var(--rule);padding:12px;user-select:all}p.least{color:var(--ink-2);font-size:.87rem}
table{border-collapse:collapse;inline-size:100%}th,td{text-align:start;padding-block:11px;padding-inline:0 12px;border-bottom:1px solid var(--rule);vertical-align:top}
th{font-size:.87rem;font-weight:680;border-bottom:2px solid var(--ink)}td.size,th.size{text-align:end;padding-inline-end:0;white-space:nowrap;font-variant-numeric:tabular-nums}
img{max-inline-size:100%;block-size:auto}pre,code{font-family:ui-monospace,monospace;font-size:.9em}
pre{background:var(--proof);border:1px solid var(--rule);padding:12px;overflow-x:auto;direction:ltr}
blockquote{margin-inline:0;padding-inline-start:16px;border-inline-start:3px solid var(--rule);color:var(--ink-2)}hr{border:0;border-top:1px solid var(--rule)}`;

const SOURCE_STYLE = `body{max-width:none}h1.name{font:600 15px/1.4 "Public Sans Variable",system-ui,sans-serif;margin:0 0 12px}
ol.lines{margin:0;padding:0;list-style:none;counter-reset:line;font:13px/1.5 ui-monospace,monospace}
ol.lines li{counter-increment:line;padding-inline-start:5.5em;position:relative;white-space:pre-wrap;overflow-wrap:anywhere;min-height:1.5em}
ol.lines li::before{content:counter(line);position:absolute;inset-inline-start:0;width:4.5em;text-align:end;color:var(--ink-2);user-select:none}`;

/** Each line of a text begins on the side of its own letters, as browsers have it for what is dir=auto (HTML, rendering, 15.3.5). */
const PROSE_STYLE = 'ol.lines li{unicode-bidi:plaintext}';

/** Paragraphs and items of a document written in several languages, each from its own side; what is code goes from left to right. */
const MARKDOWN_STYLE = ':is(p,li,h1,h2,h3,h4,h5,h6,td,th,dt,dd,blockquote){unicode-bidi:plaintext}';

/** Of a plain text: in its own lines, on the whole width; its name is for who hears it. */
const TEXT_STYLE = `body{max-width:none}h1{position:absolute;inline-size:1px;block-size:1px;overflow:hidden;clip-path:inset(50%);user-select:none}pre.text{margin:0;padding:0;border:0;background:none;direction:inherit;white-space:pre-wrap;overflow:visible;font:14px/1.55 ui-monospace,monospace}`;

const PLAYER_STYLE = `body{padding:0}main{position:fixed;inset:0;display:grid;grid-template:minmax(0,1fr)/minmax(0,1fr);place-items:center}
video,img{inline-size:100%;block-size:100%;object-fit:contain}img{object-fit:scale-down}audio{inline-size:min(100% - 32px,48rem)}`;

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

function page(words: HostWords, title: string, body: string): Uint8Array {
  return new TextEncoder().encode(`${before(words, title)}${body}${AFTER}`);
}

function before({ language, direction }: HostWords, title: string): string {
  return `<!doctype html>
<html lang="${language}" dir="${direction}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
<body>
<main>
`;
}

const AFTER = `
</main>
</body>
</html>
`;

/** What happened and what to do, on a sheet. Both are our own words. */
export function noticePage(
  words: HostWords,
  title: string,
  sentence: string,
  link?: { readonly href: string; readonly text: string },
): Uint8Array {
  const further = link === undefined ? '' : `<p><a href="${escapeHtml(link.href)}">${escapeHtml(link.text)}</a></p>`;
  return page(
    words,
    title,
    `<header></header>\n<h1><bdi>${escapeHtml(title)}</bdi></h1>\n<p>${escapeHtml(sentence)}</p>\n${further}`,
  );
}

/** An address as it is carried in a query; as it stands where it is not percent-encoded. */
export function decodeAddress(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

/**
 * Where a link leads that leaves this publication. It is shown and not followed: following it from here would tell that
 * site, and whoever set the link as a trap, who reads this.
 */
export function awayPage(words: HostWords, address: string): Uint8Array {
  const another = address.toLowerCase().startsWith('broadside:');
  const title = words.t(another ? 'notice.toPublication' : 'notice.away');
  const sentence = words.t(another ? 'notice.toPublicationText' : 'notice.awayText');
  return page(
    words,
    title,
    `<header></header>\n<h1>${escapeHtml(title)}</h1>\n<p>${escapeHtml(sentence)}</p>\n<p dir="ltr" class="address"><bdi>${escapeHtml(address)}</bdi></p>`,
  );
}

/** At most as many rows as are shown of a folder at once: a page of 10,000 rows is 1.5 MB and still scrolls. A guess. */
export const MAX_LISTED = 10_000;

/** A row for each file and folder directly in `directory` ('' or ending in '/'); undefined when there is nothing in it. */
export function listingPage(
  words: HostWords,
  title: string,
  directory: string,
  files: readonly ServedFile[],
): Uint8Array | undefined {
  const folders = new Map<string, { count: number; sizeBytes: number }>();
  const rows: { name: string; file: ServedFile }[] = [];
  for (const file of files) {
    if (!file.path.startsWith(directory)) continue;
    const rest = file.path.slice(directory.length);
    const slash = rest.indexOf('/');
    if (slash === -1) {
      rows.push({ name: rest, file });
      continue;
    }
    const folder = folders.get(rest.slice(0, slash)) ?? { count: 0, sizeBytes: 0 };
    folder.count += 1;
    folder.sizeBytes += file.sizeBytes;
    folders.set(rest.slice(0, slash), folder);
  }
  if (folders.size === 0 && rows.length === 0) return undefined;
  const collator = new Intl.Collator(words.locale, { numeric: true });
  const lines: string[] = [];
  if (directory !== '')
    lines.push(`<tr><td><a href="../">${escapeHtml(words.t('list.up'))}</a></td><td></td><td class="size"></td></tr>`);
  for (const [name, folder] of [...folders].sort((a, b) => collator.compare(a[0], b[0]))) {
    const about = words.t('list.folder', { count: folder.count });
    lines.push(row(`${encodeSegment(name)}/`, `${name}/`, about, words.size(folder.sizeBytes)));
  }
  for (const { name, file } of rows.sort((a, b) => collator.compare(a.name, b.name))) {
    lines.push(row(encodeSegment(name), name, essenceOf(file.type), words.size(file.sizeBytes)));
  }
  const shown = lines.slice(0, MAX_LISTED);
  const more =
    lines.length > shown.length
      ? `<p class="least">${escapeHtml(words.t('list.first', { shown: shown.length, total: lines.length }))}</p>`
      : '';
  const heading = directory === '' ? title : directory;
  const column = (key: 'list.name' | 'list.type' | 'list.size', name = ''): string =>
    `<th scope="col"${name}>${escapeHtml(words.t(key))}</th>`;
  return page(
    words,
    heading,
    `<header></header>
<h1 dir="auto">${escapeHtml(heading)}</h1>
<table><thead><tr>${column('list.name')}${column('list.type')}${column('list.size', ' class="size"')}</tr></thead><tbody>
${shown.join('\n')}
</tbody></table>
${more}`,
  );
}

function row(href: string, name: string, about: string, size: string): string {
  return `<tr><td><a href="${escapeHtml(href)}" dir="auto">${escapeHtml(name)}</a></td><td><bdi>${escapeHtml(about)}</bdi></td><td class="size">${escapeHtml(size)}</td></tr>`;
}

/** './' keeps a name such as 'javascript:x' or '//host' a path. */
function encodeSegment(name: string): string {
  return `./${encodeURIComponent(name)}`;
}

/** Longest Markdown that is laid out; a longer one is shown as plain text. A guess: a long book is 2 MB. */
export const MAX_MARKDOWN_BYTES = 2_000_000;

/** `body`: laid out and made inert. */
export function markdownPage(words: HostWords, title: string, body: string): Uint8Array {
  const style = `<style>${MARKDOWN_STYLE}</style>${FOUND_STYLE}`;
  return page(words, title, `<header></header>\n<div dir="auto">\n${style}${body}</div>`);
}

/** Text as it is written: `lines` is a list of its lines. `isProse`: what people wrote for people, in any script. */
export function sourcePage(words: HostWords, title: string, lines: string, isProse: boolean): Uint8Array {
  const style = `<style>${SOURCE_STYLE}${isProse ? PROSE_STYLE : ''}</style>${FOUND_STYLE}`;
  const body = isProse ? lines : `<div dir="ltr">${lines}</div>`;
  return page(words, title, `${style}<h1 class="name" dir="auto">${escapeHtml(title)}</h1>\n${body}`);
}

/**
 * A plain text of any length as it arrives. With dir=auto on a `pre` browsers lay out each line by its own first letter that has a direction.
 * Throws what reading throws, in the middle of the page.
 */
export async function* textPage(
  words: HostWords,
  title: string,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  // The first line end of a pre is not part of it.
  const head = `<style>${TEXT_STYLE}</style><h1>${escapeHtml(title)}</h1>`;
  yield encoder.encode(`${before(words, title)}${head}<pre class="text" dir="auto">\n`);
  for await (const part of source) yield encoder.encode(escapeHtml(decoder.decode(part, { stream: true })));
  yield encoder.encode(`${escapeHtml(decoder.decode())}</pre>${AFTER}`);
}

/** A picture on a page of its own: an SVG shown as a picture loads nothing and runs nothing, opened as a document it is one. */
export function picturePage(words: HostWords, name: string): Uint8Array {
  return page(words, name, `<img src="${escapeHtml(encodeSegment(name))}?picture" alt="${escapeHtml(name)}">`);
}

/** The browser's own player, or a picture, and nothing else; `source`: address of the bytes. The interface around it says the rest. */
export function playerPage(words: HostWords, kind: PlayKind, name: string, source: string): Uint8Array {
  const about = `src="${escapeHtml(source)}" aria-label="${escapeHtml(name)}" title="${escapeHtml(name)}"`;
  const shown =
    kind === 'picture'
      ? `<img src="${escapeHtml(source)}" alt="${escapeHtml(name)}">`
      : kind === 'video'
        ? `<video ${about} controls preload="metadata"></video>`
        : `<audio ${about} controls preload="metadata"></audio>`;
  return page(words, name, `<style>${PLAYER_STYLE}</style>${shown}`);
}
