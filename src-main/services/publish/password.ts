/**
 * Passwords of publications. Whoever has the link can try passwords offline, with no other limit than what each try
 * costs (Argon2id), so a weak one is refused and a strong one is offered.
 */
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { Random } from '../../core/ports.ts';

/** Words of 11 bits each: 88 bits, over the 80 that protocol.md section 4 asks for. */
export const PASSPHRASE_WORDS = 8;

/** English words of BIP-39, each uniform and independent, joined by spaces. */
export function generatePassphrase(random: Random): string {
  return Array.from({ length: PASSPHRASE_WORDS }, () => wordlist[random.below(wordlist.length)]!).join(' ');
}

/** Longer ones are estimated by their beginning: the estimator takes seconds for what is longer. */
const ESTIMATED_LENGTH = 100;

interface Estimator {
  check(
    password: string,
    known: string[],
  ): { readonly guessesLog10: number; readonly feedback: { readonly warning: string | null } };
}
let estimator: WeakRef<Estimator> | undefined;

/** Its word lists take 13 MiB, and what it makes of them 14 more (measured), which most runs never need: those go when nobody asks any more. */
async function loadEstimator(): Promise<Estimator> {
  const [{ ZxcvbnFactory }, common, english] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
    import('@zxcvbn-ts/language-en'),
  ]);
  const made = estimator?.deref();
  if (made !== undefined) return made;
  const fresh: Estimator = new ZxcvbnFactory({
    dictionary: { ...common.dictionary, ...english.dictionary },
    graphs: common.adjacencyGraphs,
    translations: english.translations,
    useLevenshteinDistance: false,
  });
  estimator = new WeakRef(fresh);
  return fresh;
}

/** Random words once, known to everybody since (xkcd 936). */
const FAMOUS = ['correct horse battery staple', 'correcthorsebatterystaple'];

/** What an own password has to withstand. */
interface Strength {
  /** Tries that it must withstand, as a power of two. */
  readonly leastBits: number;
  /** Why: the end of a sentence. */
  readonly because: string;
}
/** 2^60 tries of Argon2id at 256 MiB are out of anybody's reach. */
const PUBLICATION: Strength = { leastBits: 60, because: 'because whoever has the link can try without limit' };

/**
 * Resolves for a password that is strong enough; throws `weak-password` with why and what to do. `known` are words that
 * who has the link knows, such as the title.
 */
export async function requireStrongPassword(
  password: string,
  known: readonly string[] = [],
  { leastBits, because }: Strength = PUBLICATION,
): Promise<void> {
  const leastLog10 = leastBits * Math.log10(2);
  const advice = 'Leave it out to be given one of eight words, or use a longer one of random words.';
  if (password.trim() === '') throw new BroadsideError('weak-password', `The password is empty. ${advice}`);
  const { guessesLog10, feedback } = (await loadEstimator()).check(
    password.normalize('NFKC').slice(0, ESTIMATED_LENGTH),
    [...FAMOUS, ...known],
  );
  if (guessesLog10 >= leastLog10) return;
  const why =
    feedback.warning === null || feedback.warning === '' ? '' : ` ${feedback.warning.replace(/[.!]*$/u, '')}.`;
  throw new BroadsideError(
    'weak-password',
    `This password is too weak: about 10^${Math.floor(guessesLog10)} tries find it, and 10^${Math.floor(leastLog10)} are asked for, ${because}.${why} ${advice}`,
  );
}
