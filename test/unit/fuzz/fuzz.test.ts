/** A little of `npm run soak -- fuzz` each time, and everything that it ever found. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it, test } from 'node:test';
import { fromHex } from '../../../shared/base/bytes.ts';
import { Fuzzer } from '../../fuzz/fuzz.ts';
import { strict } from '../../fuzz/target.ts';
import { TARGETS } from '../../fuzz/targets.ts';

const SEED = 20_261_121;
const INPUTS = 1_500;
const LEAST_INPUTS = 20;

describe('a few changed inputs break no property', () => {
  for (const target of TARGETS) {
    it(target.name, () => {
      const fuzzer = new Fuzzer(target, SEED);
      const finding = fuzzer.run(Math.max(LEAST_INPUTS, INPUTS * (target.share ?? 1)));
      assert.equal(finding, undefined, finding && `${finding.problem}: ${Buffer.from(finding.input).toString('hex')}`);
    });
  }
});

test('what was found once stays mended', () => {
  const found = JSON.parse(readFileSync(new URL('../../vectors/fuzz-found.json', import.meta.url), 'utf8'));
  for (const { target: name, input } of found) {
    const target = TARGETS.find((each) => each.name === name);
    assert.ok(target !== undefined, `no target ${name}`);
    target.feed(fromHex(input)!);
  }
});

test('the fuzzer finds what is wrong: a decoder that takes what it would not write, one that throws, one that hangs', () => {
  const sample = [Uint8Array.of(1, 2, 3, 4)];
  const lax = strict(
    'lax',
    () => sample,
    (input) => ({ ok: true, value: input[0]! }) as const,
    (value) => Uint8Array.of(value, 2, 3, 4),
  );
  assert.match(new Fuzzer(lax, 1).run(100)!.problem, /would not write/);
  const fragile = strict(
    'fragile',
    () => sample,
    (input) => {
      if (input[1]! > 200) throw new TypeError('undefined is not a function');
      return { ok: false, code: 'refused' };
    },
    undefined,
  );
  const finding = new Fuzzer(fragile, 1).run(10_000)!;
  assert.match(finding.problem, /undefined is not a function/);
  assert.deepEqual(new Fuzzer(fragile, 1).run(10_000)!.input, finding.input, 'the same seed, the same find');
  const slow = strict(
    'slow',
    () => sample,
    (input) => {
      const untilUs = process.cpuUsage().user + 400_000;
      while (input.length > 4 && process.cpuUsage().user < untilUs);
      return { ok: false, code: 'refused' };
    },
    undefined,
  );
  assert.match(new Fuzzer(slow, 1).run(1_000)!.problem, /ms of processor time/);
});
