import type HyperDHT from 'hyperdht';

/** HOST:PORT; undefined for anything else. */
export function parseHostPort(text: string): HyperDHT.Address | undefined {
  const match = /^([^:\s]+):([0-9]{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  return match !== null && isPort(port) ? { host: match[1]!, port } : undefined;
}

/** The port of last time, from the file of known nodes. */
export function savedPort(saved: unknown): number | undefined {
  const port = typeof saved === 'object' && saved !== null && 'port' in saved ? Number(saved.port) : 0;
  return isPort(port) ? port : undefined;
}

export function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port < 65_536;
}
