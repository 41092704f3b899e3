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
const LANGUAGES = { en: 'en-GB', de: 'de-DE', ar: 'ar-EG' } as const;
export type Language = keyof typeof LANGUAGES;

/** Which way each is written. */
const DIRECTIONS = { en: 'ltr', de: 'ltr', ar: 'rtl' } as const satisfies Record<Language, 'ltr' | 'rtl'>;

/** First strong isolate, and the end of it: what stands between keeps its own direction and turns nothing round it. */
const ISOLATE = '\u2068';
const END_OF_ISOLATE = '\u2069';

interface Spoken {
  readonly direction: 'ltr' | 'rtl';
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
    direction: DIRECTIONS[language],
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

/** Which way what is spoken is written. */
export function direction(): 'ltr' | 'rtl' {
  return spoken.direction;
}

/** A text for where no isolates may be, as in the name of a file. */
export function withoutIsolates(text: string): string {
  return text.replace(/[\u2066-\u2069]/g, '');
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
    typeof message === 'string' ? message : (message[spoken.plural.select(Number(values['count']))] ?? message.other);
  return text.replace(/\{(\w+)\}/g, (whole, place: string) => {
    const value = values[place];
    if (value === undefined) return whole;
    if (typeof value === 'number') return spoken.numbers.format(value);
    // A name of another script would carry the words beside it away; what is written from left to right is left as it is.
    return spoken.direction === 'rtl' ? `${ISOLATE}${value}${END_OF_ISOLATE}` : value;
  });
}
