/** The schemes of the app, their origins, and what may go where. Pure: decided here, applied in security.ts. */

/** Serves the interface; one host only. */
export const APP_SCHEME = 'broadside-app';
/** Serves open publications, and our viewer for their PDFs; the host is a label, so that each has an origin of its own. */
export const CONTENT_SCHEME = 'broadside-content';
/** The scheme of links that people pass on. */
export const LINK_SCHEME = 'broadside';

export const APP_ORIGIN = `${APP_SCHEME}://app`;
export const APP_URL = `${APP_ORIGIN}/index.html`;

/** Longest link that is taken from outside, as in the contract (open.start). */
export const MAX_LINK_LENGTH = 8192;

/** A label as the services make them (base32); anything else is no address of content. */
const LABEL = /^[a-z2-7]{16,63}$/;

/** What may be done with an address that a page wants to go to. */
export type Destination =
  | { readonly kind: 'stay' }
  /** Opens in the app: a link to a publication. */
  | { readonly kind: 'link'; readonly link: string }
  | { readonly kind: 'refuse' };

export interface ContentAddress {
  readonly label: string;
  /** Path and query, still percent-encoded. */
  readonly target: string;
}

/** The parts of an address of content; undefined for everything else. */
export function readContentAddress(address: string): ContentAddress | undefined {
  const url = parse(address);
  if (url === undefined || url.username !== '' || url.password !== '' || url.port !== '') return undefined;
  if (url.protocol !== `${CONTENT_SCHEME}:` || !LABEL.test(url.hostname)) return undefined;
  return { label: url.hostname, target: `${url.pathname === '' ? '/' : url.pathname}${url.search}` };
}

/** Address of what is open under a label. */
export function contentUrlOf(label: string): string {
  return `${CONTENT_SCHEME}://${label}/`;
}

/** Where the interface itself may go: within its one page. Links to publications open; the rest is refused. */
export function fromInterface(address: string): Destination {
  const link = readLink(address);
  if (link !== undefined) return { kind: 'link', link };
  return isInterface(address) ? { kind: 'stay' } : { kind: 'refuse' };
}

/**
 * Where content may go: within its own publication, whose two labels (files, viewer) `isSamePublication` knows. Links to
 * publications open; the rest is refused.
 */
export function fromContent(
  current: string,
  address: string,
  isSamePublication: (label: string, other: string) => boolean,
): Destination {
  const link = readLink(address);
  if (link !== undefined) return { kind: 'link', link };
  const here = readContentAddress(current);
  const there = readContentAddress(address);
  if (there === undefined) return { kind: 'refuse' };
  // The first page of a view comes from nowhere.
  if (here === undefined) return current === '' || current === 'about:blank' ? { kind: 'stay' } : { kind: 'refuse' };
  return here.label === there.label || isSamePublication(here.label, there.label)
    ? { kind: 'stay' }
    : { kind: 'refuse' };
}

/** True for an address of the interface. */
export function isInterface(address: string): boolean {
  const url = parse(address);
  return (
    url !== undefined && `${url.protocol}//${url.host}` === APP_ORIGIN && url.username === '' && url.password === ''
  );
}

/** What a session may request at all; everything else, the network above all, is cut off before it leaves. */
export function mayRequest(session: 'interface' | 'content', address: string): boolean {
  if (session === 'interface') return isInterface(address) || address.startsWith(`blob:${APP_ORIGIN}/`);
  if (address.startsWith('data:') || address.startsWith(`blob:${CONTENT_SCHEME}://`)) return true;
  return readContentAddress(address) !== undefined;
}

/** The text of a `broadside:` link, or undefined. What is in it is for links.ts to judge. */
export function readLink(text: string): string | undefined {
  if (text.length > MAX_LINK_LENGTH) return undefined;
  // Schemes are case-insensitive (RFC 3986, 3.1); browsers pass on what stood in the page.
  return text.slice(0, LINK_SCHEME.length + 1).toLowerCase() === `${LINK_SCHEME}:` ? text : undefined;
}

/** A web address, as it is opened in the system's browser; undefined for every other, which other programs would take. */
export function readWebAddress(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > MAX_LINK_LENGTH) return undefined;
  const url = parse(value);
  return url !== undefined && (url.protocol === 'http:' || url.protocol === 'https:') ? url.href : undefined;
}

/** The first link among the arguments of a process: how Windows and Linux hand over a click on a link. */
export function linkFromArguments(args: readonly string[]): string | undefined {
  for (const argument of args) {
    const link = readLink(argument);
    if (link !== undefined) return link;
  }
  return undefined;
}

function parse(address: string): URL | undefined {
  try {
    return new URL(address);
  } catch {
    return undefined;
  }
}
