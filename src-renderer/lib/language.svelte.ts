/** The language of the interface: as the settings say, or as the reader's system does. Its texts are fetched when it is spoken. */
import { direction, languageOf, speak } from './messages/translate.ts';
import type { Language, Texts } from './messages/translate.ts';

const TEXTS: Readonly<Record<Language, () => Promise<Texts>>> = {
  en: async () => (await import('./messages/en.ts')).en,
  de: async () => (await import('./messages/de.ts')).de,
  ar: async () => (await import('./messages/ar.ts')).ar,
};

class LanguageChoice {
  current = $state<Language>('en');
  #wanted: Language = 'en';

  /** `setting`: 'system' or a language. Resolves when it is spoken. */
  async follow(setting: string): Promise<void> {
    const wanted = languageOf(setting === 'system' ? navigator.languages : [setting]);
    this.#wanted = wanted;
    if (wanted === this.current) return;
    const texts = await TEXTS[wanted]();
    // Another was chosen while this one came.
    if (this.#wanted !== wanted) return;
    speak(wanted, texts);
    document.documentElement.lang = wanted;
    document.documentElement.dir = direction();
    this.current = wanted;
  }
}

export const language = new LanguageChoice();
