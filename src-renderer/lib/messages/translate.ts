/** Looks up a message by its typed key, chooses its plural form and fills its places. */
import { en } from './en.ts';

type Forms = { readonly one: string; readonly other: string };
type Catalogue = typeof en;
export type MessageKey = keyof Catalogue;

type PlacesIn<Text> = Text extends `${string}{${infer Place}}${infer Rest}` ? Place | PlacesIn<Rest> : never;
type Places<Key extends MessageKey> = Catalogue[Key] extends Forms
  ? 'count' | PlacesIn<Catalogue[Key]['one']> | PlacesIn<Catalogue[Key]['other']>
  : PlacesIn<Catalogue[Key]>;
type Values<Key extends MessageKey> = {
  readonly [Place in Places<Key>]: Place extends 'count' ? number : string | number;
};
type Rest<Key extends MessageKey> = [Places<Key>] extends [never] ? [] : [values: Values<Key>];

/** The language of the catalogue; Intl formats in it, in the reader's own variant of it where there is one. */
export const LANGUAGE = 'en';
export const LOCALE: string =
  globalThis.navigator?.languages?.find((tag) => tag === LANGUAGE || tag.startsWith(`${LANGUAGE}-`)) ?? 'en-GB';

const plural = new Intl.PluralRules(LOCALE);
const numbers = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 2 });

export function t<Key extends MessageKey>(key: Key, ...rest: Rest<Key>): string {
  const values = (rest[0] ?? {}) as Readonly<Record<string, string | number>>;
  const message: string | Forms = en[key];
  const text =
    typeof message === 'string'
      ? message
      : plural.select(Number(values['count'])) === 'one'
        ? message.one
        : message.other;
  return text.replace(/\{(\w+)\}/g, (whole, place: string) => {
    const value = values[place];
    if (value === undefined) return whole;
    return typeof value === 'number' ? numbers.format(value) : value;
  });
}
