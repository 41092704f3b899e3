/**
 * The few pages of our own that a content origin shows: a folder, a Markdown text, a picture on a page, and notices. No
 * script; one small style sheet in the page, after the tokens of the app. Everything that comes from a publication is escaped.
 */
import { formatSize } from '../../../shared/base/size.ts';
import type { PlayKind } from '../../../shared/base/playable.ts';
import { essenceOf } from './answer.ts';
import type { ServedFile } from './answer.ts';
import { FOUND_STYLE } from '../../workers/inert/find.ts';

const STYLE = `:root{color-scheme:light dark;--sheet:light-dark(#f8f7f3,#19191d);--ink:light-dark(#1a191d,#edebe5);
--ink-2:light-dark(#47464c,#bfbdb9);--rule:light-dark(#cdcbc2,#37373d);--indelible:light-dark(#5b2ca0,#bda3f5);--proof:light-dark(#fff,#232328)}
*{box-sizing:border-box}html{background:var(--sheet)}
body{margin:0 auto;padding:24px;max-width:72ch;color:var(--ink);font:15px/1.55 "Public Sans Variable",system-ui,sans-serif;overflow-wrap:anywhere}
h1,h2,h3,h4{font-family:"Besley Variable","Source Serif 4 Variable",Georgia,serif;line-height:1.25;font-weight:640;letter-spacing:-.01em;margin:1.4em 0 .5em}
h1{font-size:1.8rem;margin-top:.2em}h2{font-size:1.4rem}h3,h4{font-size:1.1rem}
header{border-top:1px solid;border-bottom:3px solid;height:6px;margin-bottom:16px}
a{color:var(--indelible)}a:focus-visible{outline:2px solid var(--indelible);outline-offset:2px}
p.address{background:var(--proof);border:1px solid var(--rule);padding:12px;user-select:all}p.least{color:var(--ink-2);font-size:.87rem}
table{border-collapse:collapse;inline-size:100%}th,td{text-align:start;padding:11px 12px 11px 0;border-bottom:1px solid var(--rule);vertical-align:top}
th{font-size:.87rem;font-weight:680;border-bottom:2px solid var(--ink)}td.size,th.size{text-align:end;padding-inline-end:0;white-space:nowrap;font-variant-numeric:tabular-nums}
img{max-inline-size:100%;block-size:auto}pre,code{font-family:ui-monospace,monospace;font-size:.9em}
pre{background:var(--proof);border:1px solid var(--rule);padding:12px;overflow-x:auto}
blockquote{margin-inline:0;padding-inline-start:16px;border-inline-start:3px solid var(--rule);color:var(--ink-2)}hr{border:0;border-top:1px solid var(--rule)}`;

const SOURCE_STYLE = `body{max-width:none}h1.name{font:600 15px/1.4 "Public Sans Variable",system-ui,sans-serif;margin:0 0 12px}
ol.lines{margin:0;padding:0;list-style:none;counter-reset:line;font:13px/1.5 ui-monospace,monospace}
ol.lines li{counter-increment:line;padding-inline-start:5.5em;position:relative;white-space:pre-wrap;overflow-wrap:anywhere;min-height:1.5em}
ol.lines li::before{content:counter(line);position:absolute;inset-inline-start:0;width:4.5em;text-align:end;color:var(--ink-2);user-select:none}`;

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

function page(title: string, body: string): Uint8Array {
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
<body>
<main>
${body}
</main>
</body>
</html>
`;
  return new TextEncoder().encode(html);
}

/** What happened and what to do, on a sheet. Both are our own words. */
export function noticePage(
  title: string,
  sentence: string,
  link?: { readonly href: string; readonly text: string },
): Uint8Array {
  const further = link === undefined ? '' : `<p><a href="${escapeHtml(link.href)}">${escapeHtml(link.text)}</a></p>`;
  return page(title, `<header></header>\n<h1>${escapeHtml(title)}</h1>\n<p>${escapeHtml(sentence)}</p>\n${further}`);
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
export function awayPage(address: string): Uint8Array {
  const another = address.toLowerCase().startsWith('broadside:');
  const [title, sentence] = another
    ? [
        'A link to another publication',
        'It is not opened from here. Copy it into the field for links, above, to open it.',
      ]
    : [
        'This link leads out of Broadside',
        'It is not followed from here: the site that it leads to would learn your address, and that you read this. If you still want to go there, copy it into a browser.',
      ];
  return page(
    title,
    `<header></header>\n<h1>${title}</h1>\n<p>${sentence}</p>\n<p dir="ltr" class="address"><bdi>${escapeHtml(address)}</bdi></p>`,
  );
}

/** At most as many rows as are shown of a folder at once: a page of 10,000 rows is 1.5 MB and still scrolls. A guess. */
export const MAX_LISTED = 10_000;

/** A row for each file and folder directly in `directory` ('' or ending in '/'); undefined when there is nothing in it. */
export function listingPage(title: string, directory: string, files: readonly ServedFile[]): Uint8Array | undefined {
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
  const collator = new Intl.Collator('en', { numeric: true });
  const lines: string[] = [];
  if (directory !== '') lines.push('<tr><td><a href="../">Up</a></td><td></td><td class="size"></td></tr>');
  for (const [name, folder] of [...folders].sort((a, b) => collator.compare(a[0], b[0]))) {
    const about = folder.count === 1 ? 'folder, 1 file' : `folder, ${formatCount(folder.count)} files`;
    lines.push(row(`${encodeSegment(name)}/`, `${name}/`, about, folder.sizeBytes));
  }
  for (const { name, file } of rows.sort((a, b) => collator.compare(a.name, b.name))) {
    lines.push(row(encodeSegment(name), name, essenceOf(file.type), file.sizeBytes));
  }
  const shown = lines.slice(0, MAX_LISTED);
  const more =
    lines.length > shown.length
      ? `<p class="least">The first ${formatCount(shown.length)} of ${formatCount(lines.length)} are shown.</p>`
      : '';
  const heading = directory === '' ? title : directory;
  return page(
    heading,
    `<header></header>
<h1 dir="auto">${escapeHtml(heading)}</h1>
<table><thead><tr><th scope="col">Name</th><th scope="col">Type</th><th scope="col" class="size">Size</th></tr></thead><tbody>
${shown.join('\n')}
</tbody></table>
${more}`,
  );
}

function row(href: string, name: string, about: string, sizeBytes: number): string {
  return `<tr><td><a href="${escapeHtml(href)}" dir="auto">${escapeHtml(name)}</a></td><td>${escapeHtml(about)}</td><td class="size">${escapeHtml(formatSize(sizeBytes))}</td></tr>`;
}

let format: Intl.NumberFormat | undefined;

/** With the first page that has a number: to make a format takes 20 ms, a twentieth of a node's start. */
function formatCount(count: number): string {
  format ??= new Intl.NumberFormat('en');
  return format.format(count);
}
/** './' keeps a name such as 'javascript:x' or '//host' a path. */
function encodeSegment(name: string): string {
  return `./${encodeURIComponent(name)}`;
}

/** Longest Markdown that is laid out; a longer one is shown as plain text. A guess: a long book is 2 MB. */
export const MAX_MARKDOWN_BYTES = 2_000_000;

/** `body`: laid out and made inert. */
export function markdownPage(title: string, body: string): Uint8Array {
  return page(title, `<header></header>\n<div dir="auto">\n${FOUND_STYLE}${body}</div>`);
}

/** Text as it is written: `lines` is a list of its lines. */
export function sourcePage(title: string, lines: string): Uint8Array {
  return page(
    title,
    `<style>${SOURCE_STYLE}</style>${FOUND_STYLE}<h1 class="name">${escapeHtml(title)}</h1>\n${lines}`,
  );
}

/** A picture on a page of its own: an SVG shown as a picture loads nothing and runs nothing, opened as a document it is one. */
export function picturePage(name: string): Uint8Array {
  return page(name, `<img src="${escapeHtml(encodeSegment(name))}?picture" alt="${escapeHtml(name)}">`);
}

/** The browser's own player, or a picture, and nothing else; `source`: address of the bytes. The interface around it says the rest. */
export function playerPage(kind: PlayKind, name: string, source: string): Uint8Array {
  const about = `src="${escapeHtml(source)}" aria-label="${escapeHtml(name)}" title="${escapeHtml(name)}"`;
  const shown =
    kind === 'picture'
      ? `<img src="${escapeHtml(source)}" alt="${escapeHtml(name)}">`
      : kind === 'video'
        ? `<video ${about} controls preload="metadata"></video>`
        : `<audio ${about} controls preload="metadata"></audio>`;
  return page(name, `<style>${PLAYER_STYLE}</style>${shown}`);
}
