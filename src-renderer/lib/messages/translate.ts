/** Looks up a message by its typed key in the language that is spoken, chooses its plural form and fills its places. */
import { en } from './en.ts';
import type { Forms, TextsOf } from './texts.ts';

type Catalogue = typeof en;
export type MessageKey = keyof Catalogue;
/** All texts of one language. */
export type Texts = TextsOf<Catalogue>;

type PlacesIn<Text> = Text extends `${string}{${infer Place}}${infer Rest}` ? Place | PlacesIn<Rest> : never;
type Places<Key extends MessageKey> = Catalogue[Key] extends Forms
  ? 'count' | PlacesIn<Catalogue[Key]['one']> | PlacesIn<Catalogue[Key]['other']>
  : PlacesIn<Catalogue[Key]>;
type Values<Key extends MessageKey> = {
  readonly [Place in Places<Key>]: Place extends 'count' ? number : string | number;
};
type Rest<Key extends MessageKey> = [Places<Key>] extends [never] ? [] : [values: Values<Key>];

/** Languages with a catalogue, and the variant of each whose Intl is used where the reader names none. */
const LANGUAGES = { en: 'en-GB', de: 'de-DE' } as const;
export type Language = keyof typeof LANGUAGES;

interface Spoken {
  readonly texts: Texts;
  /** The reader's own variant of the language where there is one. */
  readonly locale: string;
  readonly plural: Intl.PluralRules;
  readonly numbers: Intl.NumberFormat;
}

function spokenIn(language: Language, texts: Texts): Spoken {
  const own = globalThis.navigator?.languages?.find((tag) => tag === language || tag.startsWith(`${language}-`));
  const locale = own ?? LANGUAGES[language];
  return {
    texts,
    locale,
    plural: new Intl.PluralRules(locale),
    numbers: new Intl.NumberFormat(locale, { maximumFractionDigits: 2 }),
  };
}

let spoken = spokenIn('en', en);

/** From now on; what is shown is drawn anew by whoever calls this. */
export function speak(language: Language, texts: Texts): void {
  spoken = spokenIn(language, texts);
}

/** Intl formats in it. */
export function locale(): string {
  return spoken.locale;
}

/** The first of what the reader's system names that there is a catalogue for. */
export function languageOf(tags: readonly string[]): Language {
  for (const tag of tags) {
    const language = tag.split('-')[0]!.toLowerCase();
    if (language in LANGUAGES) return language as Language;
  }
  return 'en';
}

export function t<Key extends MessageKey>(key: Key, ...rest: Rest<Key>): string {
  const values = (rest[0] ?? {}) as Readonly<Record<string, string | number>>;
  const message: string | Forms = spoken.texts[key];
  const text =
    typeof message === 'string'
      ? message
      : spoken.plural.select(Number(values['count'])) === 'one'
        ? message.one
        : message.other;
  return text.replace(/\{(\w+)\}/g, (whole, place: string) => {
    const value = values[place];
    if (value === undefined) return whole;
    return typeof value === 'number' ? spoken.numbers.format(value) : value;
  });
}
