/**
 * Who may talk to the daemon. A web site can make a browser send requests to 127.0.0.1, and by DNS rebinding even under a
 * name of its own; so the Host must be one of the few names that this server has, the Origin must be the app's own,
 * and every call needs the token, which a web site cannot know.
 */
import { createHash, timingSafeEqual } from 'node:crypto';

export const SUBPROTOCOL = 'broadside.1';
/** Carries the token in the list of subprotocols, the one header of a WebSocket that a browser lets a page set. */
export const TOKEN_SUBPROTOCOL_PREFIX = 'token.';

export type Site =
  { readonly kind: 'app'; readonly origin: string } | { readonly kind: 'content'; readonly label: string };

/** A label of a content origin: base32 in lower case, at most the 63 characters of a host label (RFC 1035). */
const LABEL = /^[a-z2-7]{16,63}$/;

/** Whose site a Host header speaks of; undefined for every other, which gets an answer without detail. */
export function siteOfHost(host: string | undefined, port: number): Site | undefined {
  if (host === undefined) return undefined;
  const suffix = `:${port}`;
  if (!host.endsWith(suffix)) return undefined;
  const name = host.slice(0, -suffix.length);
  // Not [::1]: the server does not listen there, and a Content Security Policy has no way to write it.
  if (name === '127.0.0.1' || name === 'localhost') return { kind: 'app', origin: `http://${host}` };
  if (!name.endsWith('.localhost')) return undefined;
  const label = name.slice(0, -'.localhost'.length);
  return LABEL.test(label) ? { kind: 'content', label } : undefined;
}

/**
 * A browser at this machine's own names, but another port: somebody forwards a port of another number to this one. No web site can make
 * that, for the name of its own that it would have to use is in the Host.
 */
export function isOtherPort(host: string | undefined, port: number): boolean {
  const match = /^(?:127\.0\.0\.1|localhost)(?::(\d{1,5}))?$/.exec(host ?? '');
  return match !== null && Number(match[1] ?? 80) !== port;
}

/** Browsers say the Origin of every call that could change something; a program that has the token need not. */
export function isOwnOrigin(origin: string | undefined, site: Site & { kind: 'app' }): boolean {
  return origin === undefined || origin === site.origin;
}

/** In constant time, whatever the lengths. */
export function isToken(given: string | undefined, token: string): boolean {
  if (given === undefined) return false;
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

/** The token among the subprotocols that a WebSocket asks for; undefined unless ours is among them too. */
export function tokenOfSubprotocols(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const offered = header.split(',').map((part) => part.trim());
  if (!offered.includes(SUBPROTOCOL)) return undefined;
  return offered.find((part) => part.startsWith(TOKEN_SUBPROTOCOL_PREFIX))?.slice(TOKEN_SUBPROTOCOL_PREFIX.length);
}

export function tokenOfAuthorization(header: string | undefined): string | undefined {
  return /^Bearer ([\w-]{1,256})$/.exec(header ?? '')?.[1];
}

/** The app's own headers: its scripts, styles and fonts, its socket, and content in frames of *.localhost. */
export function appHeaders(port: number, permissions: string): Record<string, string> {
  return {
    'content-security-policy': [
      "default-src 'none'",
      "script-src 'self'",
      // Svelte sets style attributes (the length of a bar) through the DOM's own calls, which need nothing; 'unsafe-inline' is
      // for the attributes that it writes as text. A style sheet of the app's origin can load from the app's origin alone.
      "style-src 'self' 'unsafe-inline'",
      "img-src 'self' data: blob:",
      "font-src 'self'",
      // Older browsers do not count ws: on the same host as 'self'.
      `connect-src 'self' ws://127.0.0.1:${port} ws://localhost:${port}`,
      `frame-src http://*.localhost:${port}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'x-content-type-options': 'nosniff',
    'x-dns-prefetch-control': 'off',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': permissions,
  };
}
