/** Links as they are shown: in groups of four, whole or shortened. What is copied is the link itself. */

const SCHEME = 'broadside:';

export interface LinkParts {
  readonly scheme: string;
  /** The coded part, a group of four at a time. */
  readonly groups: readonly string[];
  /** Path within the publication, with its leading slash, decoded for reading; empty when there is none. */
  readonly path: string;
}

export function linkParts(link: string): LinkParts {
  const bare = link.toLowerCase().startsWith(SCHEME) ? link.slice(SCHEME.length) : link;
  const slash = bare.indexOf('/');
  const code = slash < 0 ? bare : bare.slice(0, slash);
  const path = slash < 0 ? '' : bare.slice(slash);
  return { scheme: SCHEME, groups: code.match(/.{1,4}/g) ?? [], path: readablePath(path) };
}

function readablePath(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

/** broadside:dumq 7xkt w2ve ... for places with little room. */
export function shortLink(link: string, groups = 3): string {
  const parts = linkParts(link);
  const shown = parts.groups.slice(0, groups).join(' ');
  const rest = parts.groups.length > groups ? ' …' : '';
  return `${parts.scheme}${shown}${rest}${parts.path}`;
}

/** The letters of a pen name's key are too many to be a word that somebody looks for, blanks between them or not. */
const PEN_KEY = /^\s*@(?:\s*[a-z2-7]){24}/i;

/** Whether somebody who typed this meant a link, or the address of a pen name without what stands before it, and not words. */
export function looksLikeLink(text: string): boolean {
  return /^\s*broadside:/i.test(text) || PEN_KEY.test(text);
}

/** As it is opened: what stands before the address of a pen name is put there where it was left out. */
export function wholeLink(text: string): string {
  return PEN_KEY.test(text) ? `${SCHEME}${text.trim()}` : text;
}

/** A path within a publication, each part percent-encoded, for the content origin. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

/** The key of a pen name in fours, or the first of them: @dumq 7xkt ... `text` may go on with '/' and a name. */
export function shortKey(text: string, groups = Number.POSITIVE_INFINITY): string {
  const parts =
    text
      .slice(1)
      .split('/', 1)[0]!
      .match(/.{1,4}/g) ?? [];
  return `@${parts.slice(0, groups).join(' ')}${parts.length > groups ? ' …' : ''}`;
}

/** What a pen name calls something: the part of its address that is for people. */
export function addressName(address: string): string {
  const name = address.slice(address.indexOf('/') + 1);
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
