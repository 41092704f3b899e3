/** The language of the interface: as the settings say, or as the reader's system does. Its texts are fetched when it is spoken. */
import { languageOf, speak } from './messages/translate.ts';
import type { Language } from './messages/translate.ts';

class LanguageChoice {
  current = $state<Language>('en');
  #wanted: Language = 'en';

  /** `setting`: 'system' or a language. Resolves when it is spoken. */
  async follow(setting: string): Promise<void> {
    const wanted = languageOf(setting === 'system' ? navigator.languages : [setting]);
    this.#wanted = wanted;
    if (wanted === this.current) return;
    const texts = wanted === 'de' ? (await import('./messages/de.ts')).de : (await import('./messages/en.ts')).en;
    // Another was chosen while this one came.
    if (this.#wanted !== wanted) return;
    speak(wanted, texts);
    document.documentElement.lang = wanted;
    this.current = wanted;
  }
}

export const language = new LanguageChoice();
