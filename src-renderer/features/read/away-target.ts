/** What an address is that a link in content leads to, and what may be done with it. */

export type AwayTarget =
  /** Another publication: opened in the app, as anonymously as this one. */
  | { readonly kind: 'publication' }
  | { readonly kind: 'direct' }
  | {
      readonly kind: 'web';
      /** As a browser reads it, for opening. */
      readonly url: string;
      readonly before: string;
      readonly host: string;
      readonly after: string;
      /** The host has letters beyond ASCII; it is shown in the form that no two names share (RFC 3492). */
      readonly encoded: boolean;
    }
  | { readonly kind: 'other' };

export function readAwayTarget(address: string): AwayTarget {
  if (/^broadside:\s*file\//i.test(address)) return { kind: 'direct' };
  if (/^broadside:/i.test(address)) return { kind: 'publication' };
  if (!URL.canParse(address)) return { kind: 'other' };
  const url = new URL(address);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return { kind: 'other' };
  // What stands before an @ looks like a host and is none; nobody needs it.
  url.username = '';
  url.password = '';
  const [before, after] = [`${url.protocol}//`, `${url.pathname}${url.search}${url.hash}`];
  return { kind: 'web', url: url.href, before, host: url.host, after, encoded: /(?:^|\.)xn--/.test(url.hostname) };
}
