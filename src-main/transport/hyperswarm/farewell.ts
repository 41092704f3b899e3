import type HyperDHT from 'hyperdht';

/** A farewell takes so long at most to leave; the link counts as ended from the beginning. */
const FAREWELL_MS = 1_000;

/** A farewell by TCP, which comes after all that was sent there, has so long before it is said by UDX as well. */
export const TCP_FAREWELL_MS = 250;

/** Ends a stream, at once or after a while, so that what was sent last gets through; and then whatever comes of it. */
export function endSlowly(stream: HyperDHT.SecretStream, end: () => void, endAfterMs: number): void {
  if (endAfterMs === 0) end();
  const timers = [setTimeout(() => stream.destroy(), FAREWELL_MS)];
  if (endAfterMs > 0) timers.push(setTimeout(end, endAfterMs));
  stream.once('close', () => timers.forEach(clearTimeout));
}
