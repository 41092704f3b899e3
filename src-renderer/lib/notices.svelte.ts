/** One line in the masthead, read out by screen readers; a newer one takes its place. */
import { toBroadsideError } from '../../shared/base/errors.ts';
import { errorWords } from './error-words.ts';

/** How long a notice stays. Guess; long enough to read a sentence twice. */
const SHOWN_MS = 8000;

class Notices {
  text = $state('');
  bad = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;

  say(text: string, bad = false): void {
    this.text = text;
    this.bad = bad;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.text = ''), SHOWN_MS);
  }

  /** Runs something that may fail, and says so if it does. Resolves to undefined then. */
  async attempt<Value>(run: () => Promise<Value>): Promise<Value | undefined> {
    try {
      return await run();
    } catch (thrown) {
      this.say(errorWords(toBroadsideError(thrown)), true);
      return undefined;
    }
  }

  async copy(text: string, said: string): Promise<boolean> {
    try {
      await navigator.clipboard.writeText(text);
      this.say(said);
      return true;
    } catch {
      return false;
    }
  }
}

export const notices = new Notices();
