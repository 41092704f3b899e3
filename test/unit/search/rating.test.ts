/** The rating: what it learns, forgets, and cannot be made to do. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import * as v from 'valibot';
import { MAX_FEATURES, Rating, RatingSchema } from '../../../src-main/services/search/rating.ts';

const features = fc.array(fc.stringMatching(/^word [a-f]$/), { maxLength: 8 });

describe('the rating', () => {
  it('says nothing while nothing was hidden, and of what it never saw', () => {
    const rating = new Rating();
    assert.equal(rating.rate(['word casino']), undefined);
    rating.learn(['word harbour'], 'good');
    assert.equal(rating.rate(['word harbour']), undefined);
    rating.learn(['word casino'], 'bad');
    assert.equal(rating.rate(['word boat']), undefined);
  });

  it('is low for what was hidden, high for what was chosen, between for what was both', () => {
    const rating = new Rating();
    for (let time = 0; time < 5; time += 1) {
      rating.learn(['word casino', 'word pdf', 'source a'], 'bad');
      rating.learn(['word minutes', 'word pdf', 'source b'], 'good');
    }
    const [bad, both, good] = [['word casino', 'word pdf'], ['word pdf'], ['word minutes', 'word pdf']].map((list) =>
      rating.rate(list)!,
    );
    assert.ok(bad! < 0.2 && good! > 0.8 && Math.abs(both! - 0.5) < 0.01, [bad, both, good].join(' '));
    assert.ok(rating.rate(['word casino', 'source a'])! < bad!);
  });

  it('takes hiding back', () => {
    const rating = new Rating();
    rating.learn(['word casino'], 'bad');
    rating.unlearn(['word casino']);
    assert.equal(rating.rate(['word casino']), undefined);
    assert.equal(rating.size, 0);
  });

  it('is kept as it is, within its bounds', () => {
    const rating = new Rating();
    for (let number = 0; number < 3 * MAX_FEATURES; number += 1)
      rating.learn([`word ${number}`, 'word often'], number % 2 === 0 ? 'bad' : 'good');
    assert.ok(rating.size <= MAX_FEATURES);
    const stored = v.parse(RatingSchema, JSON.parse(JSON.stringify(rating.stored())));
    assert.ok(JSON.stringify(stored).length < 1_000_000, 'it fits in a row of the library');
    assert.ok(
      stored.features.some(([feature]) => feature === 'word often'),
      'what was seen least left',
    );
    const again = new Rating(stored);
    assert.equal(again.rate(['word often']), rating.rate(['word often']));
  });

  it('is a number between 0 and 1, whatever it learned and took back', () => {
    const step = fc.record(
      { list: features, verdict: fc.constantFrom('good', 'bad', 'back') },
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), features, (steps, asked) => {
        const rating = new Rating();
        for (const { list, verdict } of steps) {
          if (verdict === 'back') rating.unlearn(list);
          else rating.learn(list, verdict as 'good' | 'bad');
        }
        const rated = rating.rate(asked);
        assert.ok(rated === undefined || (rated >= 0 && rated <= 1), String(rated));
        assert.ok(v.safeParse(RatingSchema, rating.stored()).success);
      }),
    );
  });
});
