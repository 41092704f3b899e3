/**
 * Precision and recall as in Dandelion (Venkatakrishnan, Fanti, Viswanath 2017, section 2): the adversary maps every
 * message to an origin. Recall of v: the share of v's messages that is mapped to v. Precision of v: the share of v's among
 * all that is mapped to v, 0 when nothing is. Both are averaged over the origins.
 */
import type { Random } from '../../../src-main/core/ports.ts';
import type { Guess } from './trace.ts';

export interface Case {
  readonly origin: number;
  /** The origin handed it to a colluder itself. */
  readonly colluderFirst: boolean;
}

export interface Score {
  readonly precision: number;
  readonly recall: number;
  /** Recall where a colluder was the first hop. */
  readonly recallColluderFirst: number;
  /** Recall where none was. */
  readonly recallOtherwise: number;
  /** Share of the cases in which the estimator holds itself to be right with one in two or more. */
  readonly sure: number;
  /** Share of those in which it is; 0 when there are none. */
  readonly sureRight: number;
}

/** Below this a guess would not convince anybody. */
const SURE = 0.5;

export function score(
  cases: readonly Case[],
  guesses: readonly Guess[],
  honest: readonly number[],
  random: Random,
): Score {
  const mapped = guesses.map((guess) => guess.node ?? honest[random.below(honest.length)]!);
  const mappedTo = new Map<number, number>();
  for (const node of mapped) mappedTo.set(node, (mappedTo.get(node) ?? 0) + 1);
  const own = new Map<number, { messages: number; right: number }>();
  const first = new Share();
  const otherwise = new Share();
  const sure = new Share();
  for (const [index, { origin, colluderFirst }] of cases.entries()) {
    const right = mapped[index] === origin;
    const tally = own.get(origin) ?? { messages: 0, right: 0 };
    own.set(origin, { messages: tally.messages + 1, right: tally.right + (right ? 1 : 0) });
    (colluderFirst ? first : otherwise).add(right);
    if (guesses[index]!.confidence >= SURE) sure.add(right);
  }
  let precision = 0;
  let recall = 0;
  for (const [node, { messages, right }] of own) {
    recall += right / messages;
    precision += right / (mappedTo.get(node) ?? 1);
  }
  return {
    precision: precision / Math.max(1, own.size),
    recall: recall / Math.max(1, own.size),
    recallColluderFirst: first.value,
    recallOtherwise: otherwise.value,
    sure: cases.length === 0 ? 0 : sure.of / cases.length,
    sureRight: sure.value,
  };
}

class Share {
  of = 0;
  #right = 0;

  add(right: boolean): void {
    this.of += 1;
    if (right) this.#right += 1;
  }

  get value(): number {
    return this.of === 0 ? 0 : this.#right / this.of;
  }
}
