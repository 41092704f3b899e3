/** Looks up a message by its typed key in the language that is spoken, chooses its plural form and fills its places. */
import { fillText } from '../../../shared/base/texts.ts';
import type { Spoken as SpokenLanguage, TextsOf, ValuesOf } from '../../../shared/base/texts.ts';
import { en } from './en.ts';

type Catalogue = typeof en;
export type MessageKey = keyof Catalogue;
/** All texts of one language. */
export type Texts = TextsOf<Catalogue>;

/** Languages with a catalogue, and the variant of each whose Intl is used where the reader names none. */
const LANGUAGES = { en: 'en-GB', de: 'de-DE', ar: 'ar-EG' } as const;
export type Language = keyof typeof LANGUAGES;

/** Which way each is written. */
const DIRECTIONS = { en: 'ltr', de: 'ltr', ar: 'rtl' } as const satisfies Record<Language, 'ltr' | 'rtl'>;

interface Spoken extends SpokenLanguage {
  readonly texts: Texts;
  /** The reader's own variant of the language where there is one. */
  readonly locale: string;
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

export function t<Key extends MessageKey>(key: Key, ...rest: ValuesOf<Catalogue[Key]>): string {
  return fillText(spoken.texts[key], rest[0] ?? {}, spoken);
}
