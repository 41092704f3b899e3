/**
 * How likely a find is what somebody wants, by what the same person hid and chose before: naive Bayes over the words of names and
 * folders, the sources and the kind. It never leaves this machine and hides nothing by itself: it only sorts.
 *
 * Words of the query are left out when it learns, for all that a search finds has them.
 */
import * as v from 'valibot';
import { toHex } from '../../../shared/base/bytes.ts';
import type { Content } from '../../core/search/collector.ts';
import { kindOf } from '../../core/search/match.ts';
import type { Query } from '../../core/search/query.ts';

/** Features that are remembered, some 80 bytes each on disk. Those seen least leave. Guess. */
export const MAX_FEATURES = 4_096;
/** Of one find; and how many of the most telling ones decide, as Graham's filter has it ("A Plan for Spam", 2002: fifteen). */
const MAX_FEATURES_OF_FIND = 64;
const TELLING_FEATURES = 15;
/** A feature that was seen once says little: so many imagined finds, half of them good, are added to each. Guess. */
const SMOOTHING = 1;
/** Counts are halved when they come to this, so that taste may change. Guess. */
const HALVED_AT = 1_000;

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
export const RatingSchema = v.object({
  good: count,
  bad: count,
  features: v.pipe(v.array(v.tuple([v.pipe(v.string(), v.maxLength(256)), count, count])), v.maxLength(MAX_FEATURES)),
});
export type StoredRating = v.InferOutput<typeof RatingSchema>;

interface Counts {
  good: number;
  bad: number;
}

export class Rating {
  readonly #features = new Map<string, Counts>();
  #good = 0;
  #bad = 0;

  constructor(stored?: StoredRating) {
    if (stored === undefined) return;
    this.#good = stored.good;
    this.#bad = stored.bad;
    for (const [feature, good, bad] of stored.features) this.#features.set(feature, { good, bad });
  }

  stored(): StoredRating {
    const features = [...this.#features].map(([feature, { good, bad }]): [string, number, number] => [
      feature,
      good,
      bad,
    ]);
    return { good: this.#good, bad: this.#bad, features };
  }

  get size(): number {
    return this.#features.size;
  }

  learn(features: readonly string[], verdict: 'good' | 'bad'): void {
    if (verdict === 'good') this.#good += 1;
    else this.#bad += 1;
    for (const feature of features) {
      const counts = this.#features.get(feature) ?? { good: 0, bad: 0 };
      counts[verdict] += 1;
      this.#features.set(feature, counts);
    }
    if (this.#good + this.#bad >= HALVED_AT) this.#halve();
    this.#trim();
  }

  /** Takes back what was learned as bad, when something is hidden no more. */
  unlearn(features: readonly string[]): void {
    this.#bad = Math.max(0, this.#bad - 1);
    for (const feature of features) {
      const counts = this.#features.get(feature);
      if (counts === undefined) continue;
      counts.bad = Math.max(0, counts.bad - 1);
      if (counts.good + counts.bad === 0) this.#features.delete(feature);
    }
  }

  forget(): void {
    this.#features.clear();
    this.#good = 0;
    this.#bad = 0;
  }

  /** 0 ... 1; undefined while nothing was hidden, or nothing of it was ever seen. */
  rate(features: readonly string[]): number | undefined {
    if (this.#bad === 0) return undefined;
    const chances: number[] = [];
    for (const feature of features) {
      const counts = this.#features.get(feature);
      if (counts !== undefined) chances.push(this.#chanceOfGood(counts));
    }
    if (chances.length === 0) return undefined;
    chances.sort((a, b) => Math.abs(b - 0.5) - Math.abs(a - 0.5));
    const odds = chances.slice(0, TELLING_FEATURES).reduce((sum, chance) => sum + Math.log(chance / (1 - chance)), 0);
    return 1 / (1 + Math.exp(-odds));
  }

  /** With both kinds as likely as each other, whatever was hidden more often than chosen. */
  #chanceOfGood({ good, bad }: Counts): number {
    const inGood = good / Math.max(1, this.#good);
    const inBad = bad / Math.max(1, this.#bad);
    const seen = good + bad;
    const plain = inGood + inBad === 0 ? 0.5 : inGood / (inGood + inBad);
    return (plain * seen + 0.5 * SMOOTHING) / (seen + SMOOTHING);
  }

  #halve(): void {
    this.#good = Math.floor(this.#good / 2);
    this.#bad = Math.floor(this.#bad / 2);
    for (const [feature, counts] of this.#features) {
      counts.good = Math.floor(counts.good / 2);
      counts.bad = Math.floor(counts.bad / 2);
      if (counts.good + counts.bad === 0) this.#features.delete(feature);
    }
  }

  /** A tenth at once, so that not every find sorts them all. */
  #trim(): void {
    if (this.#features.size <= MAX_FEATURES) return;
    const least = [...this.#features].sort(([, a], [, b]) => a.good + a.bad - b.good - b.bad);
    for (const [feature] of least.slice(0, this.#features.size - Math.floor(MAX_FEATURES * 0.9)))
      this.#features.delete(feature);
  }
}

/** What is looked at of a find: its words, where it comes from, of what kind it is. */
export function featuresOf({ found, fields, sources }: Content, query: Query): string[] {
  const asked = new Set(query.terms.flatMap(({ words }) => words));
  const words = new Set(fields.flat().filter((word) => !asked.has(word)));
  const features = [`kind ${kindOf(found)}`, ...[...words].map((word) => `word ${word}`)];
  for (const { publicKey } of sources.values()) features.push(`source ${toHex(publicKey)}`);
  return features.slice(0, MAX_FEATURES_OF_FIND);
}
