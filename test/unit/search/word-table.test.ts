/** Tables of words and their changes (docs/spec/search.md, "Queries"). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MAX_TABLE_BITS, MIN_TABLE_BITS } from '../../../src-main/core/limits.ts';
import type { Query, Term } from '../../../src-main/core/search/query.ts';
import { applyTablePiece, PIECE_BITS, tablePieces } from '../../../src-main/core/search/word-table-patch.ts';
import {
  tableHas,
  tableMayAnswer,
  tableOf,
  unionOfTables,
  WORD_COUNTERS,
  WordCounts,
} from '../../../src-main/core/search/word-table.ts';
import { tableWordsOf } from '../../../src-main/core/search/words.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const bitsOf = (table: Uint8Array): number => Math.log2(table.length * 8);
const sent = (before: Uint8Array, after: Uint8Array): number =>
  tablePieces(before, after).reduce((sum, { bytes }) => sum + bytes.length, 0);

function words(count: number, letter = 'w'): Set<string> {
  return new Set(Array.from({ length: count }, (_, number) => `${letter}${number.toString(36)}`));
}

/** Share of words that are not there and seem to be. */
function falsePositives(table: Uint8Array): number {
  let found = 0;
  for (let number = 0; number < 50_000; number += 1) if (tableHas(table, `absent${number}`)) found += 1;
  return found / 50_000;
}

describe('a word table', () => {
  it('has every word that it was made of, and few others, at every size', () => {
    for (const count of [0, 1, 60, 102, 5_000, 200_000, 400_000]) {
      const own = words(count);
      const table = tableOf(own);
      for (const word of own) assert.ok(tableHas(table, word), word);
      assert.ok(bitsOf(table) >= MIN_TABLE_BITS && bitsOf(table) <= MAX_TABLE_BITS);
      const share = falsePositives(table);
      assert.ok(share <= 0.037, `${count} words in 2^${bitsOf(table)} bits: ${share}`);
    }
    // More than any hub should have: it answers for too much, and never for too little.
    const all = words(600_000);
    const table = tableOf(all);
    assert.equal(bitsOf(table), MAX_TABLE_BITS);
    for (const word of all) assert.ok(tableHas(table, word));
    assert.ok(falsePositives(table) < 0.2);
  });

  it('is where the specification says', () => {
    // FNV-1a of 'tide' is 0x2f9ee6d8; the end of MurmurHash3 of it and of it xor 0x9e3779b9 are counted out by hand below.
    const table = tableOf(new Set(['tide']));
    const bits = [...table].flatMap((byte, at) =>
      [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => (byte >> bit) & 1).map((bit) => at * 8 + bit),
    );
    let hash = 0x811c9dc5n;
    for (const letter of 'tide') hash = ((hash ^ BigInt(letter.charCodeAt(0))) * 0x01000193n) & 0xffffffffn;
    const mix = (value: bigint): number => {
      let mixed = value;
      mixed = ((mixed ^ (mixed >> 16n)) * 0x85ebca6bn) & 0xffffffffn;
      mixed = ((mixed ^ (mixed >> 13n)) * 0xc2b2ae35n) & 0xffffffffn;
      return Number((mixed ^ (mixed >> 16n)) & 1_023n);
    };
    assert.deepEqual(
      bits,
      [mix(hash), mix(hash ^ 0x9e3779b9n)].toSorted((a, b) => a - b),
    );
  });

  it('answers for whole queries', () => {
    const table = tableOf(new Set(['harbour', 'board', '東京'].flatMap(tableWordsOf)));
    const term = (kind: Term['kind'], ...own: string[]): Term => ({ kind, words: own, excluded: false });
    const may = (...terms: Term[]): boolean => tableMayAnswer(table, { terms } satisfies Query);
    assert.equal(may(term('word', 'harbour'), term('word', 'board')), true);
    assert.equal(may(term('word', 'harbour'), term('word', 'missing')), false);
    assert.equal(may(term('phrase', 'harbour', 'board')), true);
    assert.equal(may(term('phrase', 'harbour', 'bored')), false);
    for (const prefix of ['ha', 'har', 'harb', '東', '東京']) assert.equal(may(term('prefix', prefix)), true, prefix);
    for (const prefix of ['hx', 'hax', 'haxb', '西']) assert.equal(may(term('prefix', prefix)), false, prefix);
    assert.equal(may(term('word', 'harbour'), { ...term('word', 'missing'), excluded: true }), true);
  });

  it('is one with others, of any sizes', () => {
    const [small, large] = [words(50, 'a'), words(9_000, 'b')];
    const union = unionOfTables([tableOf(small), tableOf(large)]);
    assert.equal(union.length, tableOf(large).length);
    for (const word of [...small, ...large]) assert.ok(tableHas(union, word), word);
    assert.ok(falsePositives(union) < 0.2);
    assert.deepEqual(unionOfTables([]), tableOf(new Set()));
  });
});

describe('counts of words', () => {
  it('come to the table of what is left, whatever came and went', () => {
    const random = seededRandom(7);
    const counts = new WordCounts(new Uint32Array(WORD_COUNTERS));
    const texts = new Map<string, number>();
    for (let step = 0; step < 60_000; step += 1) {
      const word = `w${random.below(9_000)}`;
      const held = texts.get(word) ?? 0;
      const times = held > 0 && random.below(2) === 0 ? -1 : 1;
      texts.set(word, held + times);
      counts.add(word, times);
    }
    const left = new Set([...texts].filter(([, count]) => count > 0).map(([word]) => word));
    const table = counts.table();
    assert.deepEqual(table, tableOf(left));
    for (const [word, count] of texts) assert.ok(counts.textsWith(word) >= count);
    assert.equal([...texts].filter(([word, count]) => counts.textsWith(word) !== count).length, 0);
    counts.clear();
    assert.ok(counts.table().every((byte) => byte === 0));
  });
});

describe('changes of a table', () => {
  it('turn one table into another, and back', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: MIN_TABLE_BITS, max: 17 }),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 300 }),
        fc.boolean(),
        (bits, changes, isFull) => {
          const before = new Uint8Array(2 ** (bits - 3)).fill(isFull ? 0x5b : 0);
          const after = before.slice();
          for (const [at, byte] of changes) after[at % after.length]! ^= byte;
          const pieces = tablePieces(before, after);
          const table = before.slice();
          for (const piece of pieces) assert.ok(applyTablePiece(table, piece));
          assert.deepEqual(table, after);
          for (const piece of pieces) assert.ok(applyTablePiece(table, piece));
          assert.deepEqual(table, before);
        },
      ),
    );
    assert.deepEqual(tablePieces(tableOf(words(60)), tableOf(words(60))), []);
    assert.throws(() => tablePieces(new Uint8Array(128), new Uint8Array(256)), RangeError);
  });

  it('have one encoding each; nothing else is accepted, and nothing is longer than the bits themselves', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_100 }), fc.nat(3), (bytes, index) => {
        const table = new Uint8Array(PIECE_BITS / 8);
        const accepted = applyTablePiece(table, { index, bytes });
        if (!accepted) assert.ok(table.every((byte) => byte === 0));
        else assert.deepEqual(tablePieces(new Uint8Array(table.length), table), [{ index, bytes }]);
      }),
      { numRuns: 2_000 },
    );
    const table = tableOf(words(1_600));
    const [piece] = tablePieces(new Uint8Array(table.length), table);
    for (const [at, byte] of piece!.bytes.entries()) {
      for (const changed of [piece!.bytes.slice(0, at), piece!.bytes.with(at, byte ^ (1 << (at % 8)))]) {
        const copy = new Uint8Array(table.length);
        // What is accepted is what some other change has as its one encoding.
        if (!applyTablePiece(copy, { index: 0, bytes: changed })) continue;
        assert.deepEqual(tablePieces(new Uint8Array(copy.length), copy), [{ index: 0, bytes: changed }]);
      }
    }
    assert.equal(applyTablePiece(new Uint8Array(table.length), { ...piece!, index: 1 }), false);
    assert.equal(applyTablePiece(new Uint8Array(table.length), { index: 0, bytes: new Uint8Array([1]) }), false);
    const random = seededRandom(3);
    for (const share of [1, 2, 5, 50, 128, 200, 255]) {
      const noise = Uint8Array.from({ length: PIECE_BITS / 8 }, () => {
        let byte = 0;
        for (let bit = 0; bit < 8; bit += 1) byte = byte * 2 + (random.below(256) < share ? 1 : 0);
        return byte;
      });
      const [only] = tablePieces(new Uint8Array(noise.length), noise);
      assert.ok(only!.bytes.length <= noise.length + 1, `${share}: ${only!.bytes.length}`);
      const copy = new Uint8Array(noise.length);
      assert.ok(applyTablePiece(copy, only!));
      assert.deepEqual(copy, noise);
    }
  });

  it('are near what the sum of entropies allows, and a change costs what changed', () => {
    for (const count of [1_000, 210_000, 400_000]) {
      const table = tableOf(words(count));
      const ones = table.reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
      const share = ones / (table.length * 8);
      const entropyBytes = -table.length * (share * Math.log2(share) + (1 - share) * Math.log2(1 - share));
      const bytes = sent(new Uint8Array(table.length), table);
      assert.ok(bytes <= entropyBytes * 1.06 + 64, `${count}: ${bytes} bytes for ${entropyBytes}`);
    }
    const [before, after] = [tableOf(words(200_000)), tableOf(new Set([...words(200_000), ...words(100, 'new')]))];
    const change = sent(before, after);
    assert.ok(change <= 800, `${change} bytes for 100 words`);
  });
});
