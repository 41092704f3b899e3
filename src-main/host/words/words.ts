/** The words of en.ts in the language that was chosen in the settings, or, where that is the computer's, that whoever asks speaks. */
import { toBroadsideError } from '../../../shared/base/errors.ts';
import type { ErrorCode } from '../../../shared/base/errors.ts';
import { formatSize } from '../../../shared/base/size.ts';
import { fillText } from '../../../shared/base/texts.ts';
import type { Spoken, TextsOf, ValuesOf } from '../../../shared/base/texts.ts';
import { ar } from './ar.ts';
import { de } from './de.ts';
import { en } from './en.ts';

type Catalogue = typeof en;
export type WordKey = keyof Catalogue;
/** Keys of texts that have no places to fill. */
export type PlainKey = { [Key in WordKey]: ValuesOf<Catalogue[Key]> extends [] ? Key : never }[WordKey];
type HostLanguage = 'en' | 'de' | 'ar';

export const CATALOGUES = { en, de, ar } as const satisfies Record<HostLanguage, TextsOf<Catalogue>>;
/** The variant of each whose Intl is used where nobody names one. English as it is written in the United States, as in all that the node says. */
const LOCALES: Readonly<Record<HostLanguage, string>> = { en: 'en', de: 'de-DE', ar: 'ar-EG' };

const KINDS: Partial<Record<ErrorCode, PlainKey & `failed.${string}`>> = {
  'not-found': 'failed.notFound',
  'no-route': 'failed.noRoute',
  offline: 'failed.offline',
  busy: 'failed.busy',
  damaged: 'failed.damaged',
  'bad-link': 'failed.badLink',
  deleted: 'failed.deleted',
  'no-space': 'failed.noSpace',
  'not-in-version': 'failed.notInVersion',
  unexpected: 'failed.unexpected',
};

export class HostWords {
  readonly language: HostLanguage;
  readonly direction: 'ltr' | 'rtl';
  readonly #texts: TextsOf<Catalogue>;
  readonly #locale: string;
  #spoken: Spoken | undefined;

  constructor(language: HostLanguage, locale = LOCALES[language]) {
    this.language = language;
    this.direction = language === 'ar' ? 'rtl' : 'ltr';
    this.#texts = CATALOGUES[language];
    this.#locale = locale;
  }

  t<Key extends WordKey>(key: Key, ...rest: ValuesOf<Catalogue[Key]>): string {
    return fillText(this.#texts[key], rest[0] ?? {}, this.#speaker());
  }

  /** As it stands in the catalogue, for a page that fills its places by itself. */
  raw(key: WordKey): string {
    const text = this.#texts[key];
    return typeof text === 'string' ? text : text.other;
  }

  get locale(): string {
    return this.#locale;
  }

  size(sizeBytes: number): string {
    return formatSize(sizeBytes, this.#locale);
  }

  /** The node says what went wrong in English; in another language its kind is said first. */
  failure(thrown: unknown): string {
    const { code, message } = toBroadsideError(thrown);
    const kind = KINDS[code];
    if (kind === undefined || this.language === 'en') return message;
    return this.t('failed.kindAndReason', { kind: this.t(kind), reason: message });
  }

  /** With the first text that needs it: to make a format takes 20 ms, a twentieth of a node's start. */
  #speaker(): Spoken {
    return (this.#spoken ??= {
      direction: this.direction,
      plural: new Intl.PluralRules(this.#locale),
      numbers: new Intl.NumberFormat(this.#locale),
    });
  }
}

export const ENGLISH = new HostWords('en');
/** By locale. */
const made = new Map<string, HostWords>([['en', ENGLISH]]);
/** A browser can name any variant of three languages; those that people have are some dozens. */
const MAX_MADE = 64;

/** `chosen`: the setting; `preferred`: languages of whoever asks, the first first, as in the header Accept-Language. */
export function hostWords(chosen: string, preferred = ''): HostWords {
  const tags = preferred.split(',').map((part) => part.split(';', 1)[0]!.trim());
  if (chosen in CATALOGUES) {
    const language = chosen as HostLanguage;
    return wordsOf(
      language,
      tags.find((tag) => languageOf(tag) === language),
    );
  }
  for (const tag of tags) {
    const language = languageOf(tag);
    if (language !== undefined) return wordsOf(language, tag);
  }
  return ENGLISH;
}

function languageOf(tag: string): HostLanguage | undefined {
  const language = tag.split('-', 1)[0]!.toLowerCase();
  return Object.hasOwn(CATALOGUES, language) ? (language as HostLanguage) : undefined;
}

function wordsOf(language: HostLanguage, tag: string | undefined): HostWords {
  // English figures are the same in all that the node says; a tag that Intl does not know would throw.
  const locale = language === 'en' || tag === undefined || !isLocale(tag) ? LOCALES[language] : tag;
  let words = made.get(locale);
  if (words === undefined) {
    if (made.size >= MAX_MADE) return new HostWords(language);
    words = new HostWords(language, locale);
    made.set(locale, words);
  }
  return words;
}

function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}
