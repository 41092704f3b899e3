/** IPv4 addresses as text. The DHT is IPv4, and so are the addresses of nodes that are remembered and handed on. */

/** Dotted form only, as it is written: no leading zeros. */
export function isIPv4(host: string): boolean {
  const parts = host.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256);
}

/** An address that one machine can have: neither 0.x.x.x nor multicast, broadcast or what is reserved above them. */
export function isHostIPv4(host: string): boolean {
  const first = Number(host.split('.', 1)[0]);
  return isIPv4(host) && first >= 1 && first < 224;
}

/** The first three numbers of an address, its /24; undefined for anything else. */
export function prefixOf(host: string | undefined): string | undefined {
  return host !== undefined && isIPv4(host) ? host.slice(0, host.lastIndexOf('.')) : undefined;
}

/**
 * The /24 of a public address; undefined for loopback, private and link-local ones (RFC 1122, 1918, 3927) and for anything
 * else. The source of a packet that came over the internet is never one of those: who has one is in the same house.
 */
export function publicPrefix(host: string | undefined): string | undefined {
  const prefix = prefixOf(host);
  if (prefix === undefined) return undefined;
  const [a, b] = prefix.split('.').map(Number) as [number, number, number];
  const isPrivate =
    a === 10 || a === 127 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168) || (a === 169 && b === 254);
  return isPrivate ? undefined : prefix;
}
