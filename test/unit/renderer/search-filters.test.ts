import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FILE_KINDS } from '../../../shared/base/file-kinds.ts';
import {
  AGES,
  countFacets,
  isWithin,
  passes,
  readFilters,
  SIZES,
  writeFilters,
} from '../../../src-renderer/features/search/filters.ts';
import type { Filters } from '../../../src-renderer/features/search/filters.ts';
import { demoFile, demoListing, demoResults, manyResults } from '../../support/demo-results.ts';

const NOW = Date.now();

describe('filters that are typed and filters that are chosen', () => {
  it('reads what is typed, in any writing', () => {
    assert.deepEqual(readFilters('harbour KIND:Direct type:picture,audio size:>10MB size:<1.5gb age:<2w'), {
      kind: 'direct',
      fileKinds: ['audio', 'picture'],
      minSizeBytes: 10_000_000,
      maxSizeBytes: 1_500_000_000,
      maxAgeDays: 14,
    });
  });

  it('takes nothing in quotes for a filter, and nothing that it cannot read', () => {
    assert.deepEqual(readFilters('"kind:direct" “type:audio” size:10MB size:>x age:x kind:both harbour'), {});
  });

  it('puts chosen ones in place of typed ones and leaves the words as they are', () => {
    assert.equal(
      writeFilters('harbour kind:direct "north  channel" -tram', { fileKinds: ['video'], maxAgeDays: 7 }),
      'harbour "north  channel" -tram type:video age:<7d',
    );
    assert.equal(writeFilters('harbour kind:direct', {}), 'harbour');
  });

  it('reads again what it wrote', () => {
    const filters = fc.record(
      {
        kind: fc.constantFrom('direct' as const, 'anonymous' as const),
        fileKinds: fc.subarray([...FILE_KINDS], { minLength: 1 }),
        minSizeBytes: fc.integer({ min: 1, max: 10 ** 13 }),
        maxSizeBytes: fc.integer({ min: 1, max: 10 ** 13 }),
        maxAgeDays: fc.integer({ min: 1, max: 10_000 }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(filters, (chosen) => {
        assert.deepEqual(readFilters(writeFilters('words size:>3MB', chosen)), { ...chosen });
      }),
    );
  });
});

describe('facets', () => {
  const results = [...demoResults(), ...manyResults(40)];
  const filters: Filters = { kind: 'direct', fileKinds: ['document', 'picture'], minSizeBytes: 1_000_000 };

  it('say what each would show if it were chosen', () => {
    const counts = countFacets(results, filters, NOW);
    const shownWith = (over: Filters): number =>
      results.filter((result) => passes(result, { ...filters, ...over }, NOW)).length;
    for (const kind of FILE_KINDS) assert.equal(counts.type[kind], shownWith({ fileKinds: [kind] }), kind);
    assert.equal(counts.kind.anonymous, shownWith({ kind: 'anonymous' }));
    assert.ok(counts.kind.anonymous > 0);
    const { minSizeBytes: _, ...anySize } = filters;
    for (const [index, size] of SIZES.entries()) {
      assert.equal(
        counts.sizes[index],
        results.filter((result) => passes(result, { ...anySize, ...size }, NOW)).length,
      );
    }
    for (const [index, maxAgeDays] of AGES.entries()) assert.equal(counts.ages[index], shownWith({ maxAgeDays }));
    assert.equal(counts.anyAge, shownWith({}));
  });

  it('know what a search that asked for less cannot have', () => {
    assert.equal(isWithin({ kind: 'direct' }, {}), true);
    assert.equal(isWithin({}, { kind: 'direct' }), false);
    assert.equal(isWithin({ fileKinds: ['audio'] }, { fileKinds: ['audio', 'video'] }), true);
    assert.equal(isWithin({}, { fileKinds: ['audio', 'video'] }), false);
    assert.equal(isWithin({ minSizeBytes: 5 }, { minSizeBytes: 10 }), false);
    assert.equal(isWithin({ maxAgeDays: 7 }, { maxAgeDays: 30 }), true);
  });

  it('leave out by age what does not say its day', () => {
    const { sinceMs: _, ...undated } = demoFile('x.pdf');
    assert.equal(passes(undated, { maxAgeDays: 7 }, NOW), false);
    assert.equal(passes(demoListing('today'), { maxAgeDays: 1 }, NOW), true);
  });
});
