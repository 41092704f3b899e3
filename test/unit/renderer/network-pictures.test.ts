/** What the pictures of Network are made of: what is kept from look to look, lengths, marks, and labels that do not collide. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { LoggedRequest } from '../../../shared/ipc/model.ts';
import { bend, placeLabels, pointAt, pointOnBend } from '../../../src-renderer/features/network/circle-geometry.ts';
import { held } from '../../../src-renderer/features/network/held.ts';
import { binLengths, evenCount, fractionOf, MAX_BINS } from '../../../src-renderer/features/network/link-lengths.ts';
import { countHops, heightOf, marks, scaleOf } from '../../../src-renderer/features/network/request-marks.ts';

describe('held', () => {
  it('is the last answer when the next says the same, and says what the next says in any case', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (last, next) => {
        assert.equal(held(last, structuredClone(last)), last);
        assert.deepEqual(held(last, next), next);
      }),
    );
  });

  it('keeps the parts that stayed', () => {
    const last = { list: [{ a: 1 }, { a: 2 }], other: { b: [3] } };
    const next = held(last, { list: [{ a: 1 }, { a: 5 }], other: { b: [3] } });
    assert.notEqual(next, last);
    assert.equal(next.other, last.other);
    assert.equal(next.list[0], last.list[0]);
    assert.deepEqual(next.list[1], { a: 5 });
  });

  it('tells lists from objects, longer from shorter, and what is missing from what is undefined', () => {
    assert.deepEqual(held<unknown>({ 0: 1 }, [1]), [1]);
    assert.deepEqual(held([1, 2], [1]), [1]);
    assert.deepEqual(held([1], [1, 2]), [1, 2]);
    assert.deepEqual(held<object>({ a: undefined }, { b: undefined }), { b: undefined });
    assert.deepEqual(held<object>({ a: 1, b: 2 }, { a: 1 }), { a: 1 });
    assert.equal(held<unknown>(undefined, null), null);
  });
});

describe('lengths of links', () => {
  it('fall into halves, the longest first; a length on the border into the shorter half', () => {
    const bins = binLengths([0.5, 0.3, 0.25, 0.126, 0.125, 0.02]);
    assert.deepEqual(
      bins.map(({ count }) => count),
      [2, 2, 1, 0, 1],
    );
    assert.deepEqual(bins[1], { from: 0.125, to: 0.25, count: 2 });
    assert.equal(evenCount(bins), 6 / 5);
  });

  it('of nothing are none, and of the tiniest there is an end', () => {
    assert.deepEqual(binLengths([]), []);
    assert.equal(evenCount([]), 0);
    const bins = binLengths([0, 1e-300, 1e-9]);
    assert.equal(bins.length, MAX_BINS);
    assert.deepEqual(bins.at(-1), { from: 0, to: 0.5 / 2 ** (MAX_BINS - 1), count: 3 });
  });

  it('lose no link', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 0.5, noNaN: true })), (lengths) => {
        const sum = binLengths(lengths).reduce((total, { count }) => total + count, 0);
        assert.equal(sum, lengths.length);
      }),
    );
  });

  it('drawn as likely as one over the length are even, each bin about the others', () => {
    // d = 0.5 x (2^-10)^u for u spread evenly over 0 ... 1 is that density from 0.5 down to 0.5/1024.
    const lengths = Array.from({ length: 10_000 }, (_, index) => 0.5 * 2 ** (-10 * ((index + 0.5) / 10_000)));
    const bins = binLengths(lengths);
    assert.equal(bins.length, 10);
    for (const { count } of bins) assert.equal(count, evenCount(bins));
  });

  it('are written as fractions', () => {
    assert.deepEqual([0.5, 0.25, 0.125, 0.0625, 0.5 / 512].map(fractionOf), ['½', '¼', '⅛', '1/16', '1/1024']);
  });
});

const request = (outcome: LoggedRequest['outcome'], atMs: number, afterMs: number, hops?: number): LoggedRequest => ({
  atMs,
  kind: 'request',
  priority: 'bulk',
  outcome,
  afterMs,
  ...(hops === undefined ? {} : { hops }),
});

describe('marks of requests', () => {
  const box = { width: 100, height: 50 };

  it('stand by time and by the logarithm of how long they took', () => {
    const requests = [request('found', 0, 10, 1), request('busy', 50, 100), request('found', 100, 100, 2)];
    const scale = scaleOf(requests);
    assert.deepEqual([scale.fromMs, scale.toMs, scale.linesMs], [10, 120, [10, 100]]);
    assert.equal(heightOf(10, scale), 0);
    assert.equal(heightOf(120, scale), 1);
    assert.equal(marks(requests, 'found', scale, box), 'M1.5 50.0v0M98.5 3.7v0');
    assert.equal(marks(requests, 'failed', scale, box), 'M50.0 3.7v0');
    assert.equal(marks(requests, 'missing', scale, box), '');
  });

  it('stay in the picture, whatever took how long', () => {
    const outcomes = fc.constantFrom('found', 'stored', 'not-found', 'timeout', 'here') as fc.Arbitrary<
      LoggedRequest['outcome']
    >;
    const any = fc.record({
      outcome: outcomes,
      atMs: fc.nat(1e9),
      afterMs: fc.double({ min: 0, max: 1e7, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(any, { minLength: 1 }), (drawn) => {
        const requests = drawn
          .map(({ outcome, atMs, afterMs }) => request(outcome, atMs, afterMs))
          .toSorted((a, b) => a.atMs - b.atMs);
        const scale = scaleOf(requests);
        for (const kind of ['found', 'missing', 'failed'] as const) {
          for (const [, x, y] of marks(requests, kind, scale, box).matchAll(/M(\S+) (\S+?)v/g)) {
            assert.ok(
              Number(x) >= 0 && Number(x) <= box.width && Number(y) >= 0 && Number(y) <= box.height,
              `${x} ${y}`,
            );
          }
        }
        for (const line of scale.linesMs) assert.ok(heightOf(line, scale) >= 0 && heightOf(line, scale) <= 1);
      }),
    );
  });

  it('counts hops from one, without a gap, and from none where something was next door', () => {
    assert.deepEqual(countHops([request('busy', 0, 1)]), []);
    assert.deepEqual(countHops([request('found', 0, 1, 4), request('found', 0, 1, 2), request('found', 0, 1, 2)]), [
      { hops: 1, count: 0 },
      { hops: 2, count: 2 },
      { hops: 3, count: 0 },
      { hops: 4, count: 1 },
    ]);
    assert.deepEqual(countHops([request('found', 0, 1, 0)]).at(0), { hops: 0, count: 1 });
  });
});

describe('labels on links', () => {
  const size = { width: 30, height: 18 };

  it('lie on their link', () => {
    const [a, b] = [pointAt(0.1, 220), pointAt(0.6, 220)];
    assert.deepEqual(pointOnBend(a, b, 0), a);
    assert.deepEqual(pointOnBend(a, b, 1), b);
    const [, bx, by] = /Q(\S+) (\S+) /.exec(bend(a, b))!;
    const middle = pointOnBend(a, b, 0.5);
    assert.ok(Math.abs(middle.x - (a.x + 2 * Number(bx) + b.x) / 4) < 0.02);
    assert.ok(Math.abs(middle.y - (a.y + 2 * Number(by) + b.y) / 4) < 0.02);
  });

  it('never lie over each other or over a node, and the first has its place before the others', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 40 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (places, own) => {
          const from = pointAt(own, 220);
          const links = places.map((place, index) => ({ key: String(index), from, to: pointAt(place, 220) }));
          const taken = [from, ...links.map(({ to }) => to)];
          const labels = placeLabels(links, size, taken);
          for (const [index, { at }] of labels.entries()) {
            for (const other of labels.slice(index + 1))
              assert.ok(Math.abs(at.x - other.at.x) >= size.width || Math.abs(at.y - other.at.y) >= size.height);
            for (const point of taken) assert.ok(Math.abs(at.x - point.x) >= 15 || Math.abs(at.y - point.y) >= 9);
          }
        },
      ),
    );
    const from = pointAt(0, 220);
    const twice = ['a', 'b'].map((key) => ({ key, from, to: pointAt(0.5, 220) }));
    assert.deepEqual(placeLabels(twice, size, [from]).at(0)?.key, 'a');
  });
});
