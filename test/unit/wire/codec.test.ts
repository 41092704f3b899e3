import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decode, encode } from '../../../src-main/core/wire/codec.ts';
import type { Reader, Writer } from '../../../src-main/core/wire/codec.ts';

interface Sample {
  readonly number: number;
  readonly flag: boolean;
  readonly text: string;
  readonly bytes: Uint8Array;
  readonly list: readonly number[];
}

function write(writer: Writer, sample: Sample): void {
  writer.uint(sample.number).bool(sample.flag).text(sample.text).bytes(sample.bytes);
  writer.list(sample.list, (to, item) => to.uint(item)).zeros(3);
}

function read(reader: Reader): Sample {
  const sample = {
    number: reader.uint(),
    flag: reader.bool(),
    text: reader.text(100),
    bytes: reader.bytes(50),
    list: reader.list(10, (from) => from.uint(1_000)),
  };
  reader.zeros(3);
  return sample;
}

const anySample: fc.Arbitrary<Sample> = fc.record(
  {
    number: fc.maxSafeNat(),
    flag: fc.boolean(),
    text: fc.string({ unit: 'binary', maxLength: 25 }).filter((text) => text.isWellFormed()),
    bytes: fc.uint8Array({ maxLength: 50 }),
    list: fc.array(fc.nat(1_000), { maxLength: 10 }),
  },
  { noNullPrototype: true },
);

const uint = (...bytes: number[]) => decode(Uint8Array.from(bytes), (reader) => reader.uint());

test('codec: round trip, and only of the whole', () => {
  fc.assert(
    fc.property(anySample, fc.uint8Array({ minLength: 1, maxLength: 3 }), (sample, more) => {
      const bytes = encode((writer) => write(writer, sample));
      assert.deepEqual(decode(bytes, read), { ok: true, value: sample });
      assert.deepEqual(decode(Uint8Array.of(...bytes, ...more), read), { ok: false, code: 'trailing' });
      for (let length = 0; length < bytes.length; length += 1)
        assert.equal(decode(bytes.subarray(0, length), read).ok, false);
    }),
  );
});

test('codec: a value has one encoding: what decodes is encoded again to the same bytes', () => {
  fc.assert(
    fc.property(anySample, fc.nat(), fc.integer({ min: 1, max: 255 }), (sample, place, change) => {
      const bytes = encode((writer) => write(writer, sample));
      bytes[place % bytes.length]! ^= change;
      const decoded = decode(bytes, read);
      if (decoded.ok)
        assert.deepEqual(
          encode((writer) => write(writer, decoded.value)),
          bytes,
        );
    }),
    { numRuns: 3_000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const decoded = decode(bytes, read);
      if (decoded.ok)
        assert.deepEqual(
          encode((writer) => write(writer, decoded.value)),
          bytes,
        );
    }),
    { numRuns: 3_000 },
  );
});

test('codec: integers', () => {
  assert.deepEqual(uint(0), { ok: true, value: 0 });
  assert.deepEqual(uint(0x7f), { ok: true, value: 127 });
  assert.deepEqual(uint(0x80, 0x01), { ok: true, value: 128 });
  assert.deepEqual(uint(0x80, 0x00), { ok: false, code: 'non-minimal' });
  assert.deepEqual(uint(0xff, 0x80, 0x00), { ok: false, code: 'non-minimal' });
  assert.deepEqual(uint(0x80), { ok: false, code: 'truncated' });
  assert.deepEqual(uint(), { ok: false, code: 'truncated' });
  assert.deepEqual(uint(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f), { ok: true, value: Number.MAX_SAFE_INTEGER });
  assert.deepEqual(uint(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10), { ok: false, code: 'too-long' });
  assert.deepEqual(uint(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01), { ok: false, code: 'too-long' });
  for (const value of [-1, 0.5, 2 ** 53, Number.NaN])
    assert.throws(() => encode((writer) => writer.uint(value)), RangeError);
});

test('codec: lengths are refused before anything is made of them', () => {
  const length = (max: number) => decode(Uint8Array.of(0xff, 0xff, 0x03), (reader) => reader.bytes(max));
  assert.deepEqual(length(10), { ok: false, code: 'too-long' });
  assert.deepEqual(length(100_000), { ok: false, code: 'truncated' });
  const list = decode(Uint8Array.of(0xff, 0xff, 0x03), (reader) => reader.list(10, () => assert.fail('read an item')));
  assert.deepEqual(list, { ok: false, code: 'too-long' });
});

test('codec: text is UTF-8, all of it', () => {
  const text = (...bytes: number[]) => decode(Uint8Array.from([bytes.length, ...bytes]), (reader) => reader.text(10));
  for (const bytes of [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xe2, 0x82]]) {
    assert.deepEqual(text(...bytes), { ok: false, code: 'bad-utf8' });
  }
  assert.deepEqual(text(0xef, 0xbb, 0xbf, 0x61), { ok: true, value: '\ufeffa' }, 'a byte order mark is text');
  assert.throws(() => encode((writer) => writer.text('\ud800')), RangeError);
});

test('codec: flags, choices, zeros', () => {
  assert.deepEqual(
    decode(Uint8Array.of(2), (reader) => reader.bool()),
    { ok: false, code: 'unknown-value' },
  );
  assert.deepEqual(
    decode(Uint8Array.of(3), (reader) => reader.oneOf([1, 2])),
    { ok: false, code: 'unknown-value' },
  );
  assert.deepEqual(
    decode(Uint8Array.of(0, 1), (reader) => reader.zeros(2)),
    { ok: false, code: 'not-canonical' },
  );
  assert.throws(() => encode((writer) => writer.fixed(new Uint8Array(3), 4)), RangeError);
});

test('codec: a defect of a decoder is not taken for a wrong input', () => {
  assert.throws(
    () =>
      decode(new Uint8Array(), () => {
        throw new TypeError('defect');
      }),
    TypeError,
  );
});
