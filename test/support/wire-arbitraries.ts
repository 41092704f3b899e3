/** Everything that the channels `link` and `route` can carry, for properties. Records are short: no message looks into one. */
import fc from 'fast-check';
import { MAX_CHECKED, MAX_HTL, MAX_SOUGHT, MAX_STAMP_BITS, MAX_TOLD_NEIGHBOURS } from '../../src-main/core/limits.ts';
import type { KnownNode } from '../../src-main/core/ports.ts';
import type { LinkMessage } from '../../src-main/core/wire/link-messages.ts';
import { MAX_AGE } from '../../src-main/core/wire/messages.ts';
import type { RouteMessage } from '../../src-main/core/wire/messages.ts';

const fixed = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
/** Plain objects, as decoders give them: deepEqual sees prototypes. */
const shape = <Fields>(fields: { [Name in keyof Fields]: fc.Arbitrary<Fields[Name]> }): fc.Arbitrary<Fields> =>
  fc.record(fields, { noNullPrototype: true }) as fc.Arbitrary<Fields>;
const upTo = (max: number) => fc.integer({ min: 0, max });
const is = <const Type extends string>(...types: readonly Type[]) => fc.constantFrom(...types);

const id = fixed(16);
const kind = fc.constantFrom(1 as const, 2 as const);
const priority = fc.constantFrom(0 as const, 1 as const);
const htl = upTo(MAX_HTL);
const hops = upTo(2 * MAX_HTL);
const stamp = fixed(8);
const address = fixed(32);
const record = fc.uint8Array({ maxLength: 64 });

export const contact: fc.Arbitrary<KnownNode> = fc.oneof(
  shape({ publicKey: fixed(32) }),
  shape({
    publicKey: fixed(32),
    host: fc.tuple(upTo(255), upTo(255), upTo(255), upTo(255)).map((numbers) => numbers.join('.')),
    port: fc.integer({ min: 1, max: 65_535 }),
  }),
);

/** A field that is there or is not, as it is in what a decoder gives. */
const maybe = <Name extends string, Value>(name: Name, value: fc.Arbitrary<Value>) =>
  fc.option(value, { nil: undefined }).map((drawn) => (drawn === undefined ? {} : { [name]: drawn })) as fc.Arbitrary<
    Partial<Record<Name, Value>>
  >;
const answer = fc.tuple(shape({ id, hops }), maybe('offer', contact)).map(([head, offer]) => ({ ...head, ...offer }));

/** One arbitrary for each type, so that a new type without one does not type-check. */
export const routeMessages: { [Type in RouteMessage['type']]: fc.Arbitrary<RouteMessage & { readonly type: Type }> } = {
  request: fc
    .tuple(shape({ type: is('request'), id, kind, priority, htl, address }), maybe('best', fixed(14)))
    .map(([head, best]) => ({ ...head, ...best })),
  insert: shape({ type: is('insert'), id, priority, htl, stamp, record }),
  replicate: shape({ type: is('replicate'), id, stamp, record }),
  found: fc
    .tuple(answer, upTo(MAX_AGE), record)
    .map(([head, age, found]) => ({ type: 'found', ...head, age, record: found })),
  stored: fc.tuple(answer, upTo(255)).map(([head, copies]) => ({ type: 'stored', ...head, copies })),
  accepted: shape({ type: is('accepted'), id }),
  notFound: shape({ type: is('notFound'), id, htl }),
  loop: shape({ type: is('loop'), id, htl }),
  overload: shape({ type: is('overload'), id, htl }),
  noRoute: shape({ type: is('noRoute'), id, htl }),
  full: shape({ type: is('full'), id, htl }),
  underpaid: shape({ type: is('underpaid'), id, bits: upTo(MAX_STAMP_BITS) }),
  stemRequest: shape({ type: is('stemRequest'), id, kind, priority, address }),
  stemInsert: shape({ type: is('stemInsert'), id, priority, stamp, record }),
  seek: shape({ type: is('seek'), id, htl, place: fixed(8) }),
  sought: shape({ type: is('sought'), id, contacts: fc.array(contact, { maxLength: MAX_SOUGHT }) }),
  check: shape({ type: is('check'), id, addresses: fc.array(fixed(32), { minLength: 1, maxLength: MAX_CHECKED }) }),
  checked: shape({ type: is('checked'), id, proofs: fc.array(fixed(16), { maxLength: MAX_CHECKED }) }),
};
export const routeMessage: fc.Arbitrary<RouteMessage> = fc.oneof(...Object.values(routeMessages));

const expiresMinutes = upTo(2 ** 32 - 1);
const signature = fixed(64);
const told = shape({ contact, expiresMinutes, signature });

export const linkMessages: { [Type in LinkMessage['type']]: fc.Arbitrary<LinkMessage & { readonly type: Type }> } = {
  hello: shape({ type: is('hello'), version: upTo(255), network: fixed(16), targetLinks: upTo(255) }),
  proof: shape({ type: is('proof'), expiresMinutes, signature }),
  neighbours: shape({
    type: is('neighbours'),
    gained: fc.array(told, { maxLength: MAX_TOLD_NEIGHBOURS, size: 'max' }),
    lost: fc.array(fixed(32), { maxLength: MAX_TOLD_NEIGHBOURS, size: 'max' }),
  }),
};
export const linkMessage: fc.Arbitrary<LinkMessage> = fc.oneof(...Object.values(linkMessages));
