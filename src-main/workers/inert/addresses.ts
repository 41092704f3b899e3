/**
 * Where an address in a document leads: within its publication, to bytes that it carries itself, or away. Told from its
 * letters, as the URL standard reads them, and never by resolving it: what a base is differs between the content origin,
 * a saved copy and a preview.
 */

export type Judged =
  | {
      readonly kind: 'inside';
      /** As it is written out: relative, without a query. */ readonly text: string;
      /** Decoded, from the root of the publication; undefined for a place on the same page. */ readonly path:
        string | undefined;
    }
  /** Media type without parameters, in lower case. */
  | { readonly kind: 'data'; readonly text: string; readonly type: string }
  | { readonly kind: 'away'; readonly address: string; readonly script: boolean };

/** The page of ours that says where a link leads (host/content/pages.ts). */
export const AWAY_PREFIX = '/?away=';

/** `from`: the path of the document in its publication, '' for none. */
export function judge(value: string, from: string): Judged {
  // What a browser takes away before it reads an address (URL standard, 4.4).
  // eslint-disable-next-line no-control-regex
  const trimmed = value.replace(/^[\0-\x20]+|[\0-\x20]+$/g, '').replace(/[\t\n\r]/g, '');
  if (trimmed.startsWith(AWAY_PREFIX)) return away(decodeLoosely(trimmed.slice(AWAY_PREFIX.length)));
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(trimmed)?.[1]!.toLowerCase();
  if (scheme === 'data') {
    const type = /^data:([^;,]*)/i.exec(trimmed)![1]!.trim().toLowerCase();
    return { kind: 'data', text: trimmed, type };
  }
  if (scheme !== undefined) return away(trimmed);
  if (/^[\\/]{2}/.test(trimmed)) return away(`https:${trimmed.replace(/^[\\/]+/, '//')}`);
  return inside(trimmed, from);
}

function away(address: string): Judged {
  const scheme = /^\s*([a-z][a-z0-9+.-]*):/i.exec(address)?.[1]!.toLowerCase();
  return { kind: 'away', address, script: scheme === 'javascript' || scheme === 'vbscript' };
}

function inside(trimmed: string, from: string): Judged {
  const hash = trimmed.indexOf('#');
  const fragment = hash === -1 ? '' : tidy(trimmed.slice(hash));
  const beforeHash = hash === -1 ? trimmed : trimmed.slice(0, hash);
  // A publication is files: a query asks for nothing that it has, and those that the content origin knows are the app's.
  const raw = beforeHash.split('?', 1)[0]!.replaceAll('\\', '/');
  if (raw === '') return { kind: 'inside', text: fragment === '' ? '#' : fragment, path: undefined };
  const fromParts = from.split('/').slice(0, -1);
  const rooted = raw.startsWith('/');
  const parts = rooted ? [] : [...fromParts];
  const segments = (rooted ? raw.slice(1) : raw).split('/');
  for (const [index, segment] of segments.entries()) {
    const plain = decodeLoosely(segment);
    if (plain === '..') parts.pop();
    if (plain === '.' || plain === '..') {
      if (index === segments.length - 1) parts.push('');
    } else parts.push(plain);
  }
  // The way from the root is written as a way from the document, which a saved copy understands too. A leading './' keeps a
  // name such as 'a:b' or one that begins with a slash a path.
  const way = rooted ? `${'../'.repeat(fromParts.length)}${segments.join('/')}` : raw;
  const plainWay = /^(?:\.{1,2}(?:\/|$)|[^:/]+(?:\/|$))/.test(way) ? way : `./${way.replace(/^\/+/, '')}`;
  return { kind: 'inside', text: `${tidy(plainWay)}${fragment}`, path: parts.join('/') };
}

function tidy(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(
    /[\0-\x20\x7f"<>`]/g,
    (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`,
  );
}

function decodeLoosely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** True for what `judge` writes out for an address inside: no scheme can end before the first '/', '?' or '#', no host follows. */
export function isPlainlyInside(text: string): boolean {
  return /^(?:(?:\.{1,2}(?:\/|(?=#|$))|[^:/?#\\\s]+(?:\/|(?=#|$)))[^\\?#\s]*)?(?:#\S*)?$/.test(text);
}
