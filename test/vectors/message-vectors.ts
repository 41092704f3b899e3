/** Golden vectors of the channels `link` and `route`: docs/spec/routing.md. */
import { toHex } from '../../shared/base/bytes.ts';
import { encodeHello, encodeRouteMessage } from '../../src-main/core/wire/messages.ts';
import type { RouteMessage } from '../../src-main/core/wire/messages.ts';

const counting = (length: number, first: number): Uint8Array => Uint8Array.from({ length }, (_, index) => (first + index) & 0xff);

const id = counting(16, 0x10);
/** Not a record that verifies, only bytes: a message does not look into it. */
const record = counting(8, 0xa0);

export const MESSAGES: readonly RouteMessage[] = [
  { type: 'request', id, kind: 1, priority: 1, htl: 18, address: counting(32, 0x40) },
  { type: 'request', id, kind: 2, priority: 0, htl: 1, address: counting(32, 0x40), best: counting(14, 0x80) },
  { type: 'insert', id, priority: 1, htl: 10, record },
  { type: 'replicate', id, record },
  { type: 'found', id, record },
  { type: 'stored', id, copies: 4 },
  { type: 'accepted', id },
  { type: 'notFound', id, htl: 0 },
  { type: 'loop', id, htl: 7 },
  { type: 'overload', id, htl: 8 },
  { type: 'noRoute', id, htl: 9 },
  { type: 'full', id, htl: 10 },
];

const printable = (message: RouteMessage): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(message).map(([name, value]) => [name, value instanceof Uint8Array ? toHex(value) : value]),
  );

export function messageVectors(): unknown {
  const hello = { version: 1, network: counting(16, 0x20), targetLinks: 16 };
  return {
    hello: { version: 1, network: toHex(hello.network), targetLinks: 16, bytes: toHex(encodeHello(hello)) },
    messages: MESSAGES.map((message) => ({ ...printable(message), bytes: toHex(encodeRouteMessage(message)) })),
  };
}
