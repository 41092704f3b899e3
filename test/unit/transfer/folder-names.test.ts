/** Names of others on this disk: to the letter where that can be, told again from what is there where it cannot, and never elsewhere. */
import assert from 'node:assert/strict';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { platformName } from '../../../src-main/services/read/platform-names.ts';
import { blindName, heldName, NamePlan, originalName } from '../../../src-main/services/transfers/folder-names.ts';

const never = (): boolean => false;

const CASES: readonly (readonly [platform: string, name: string, held: string])[] = [
  ['linux', 'Minutes 1911.txt', 'Minutes 1911.txt'],
  ['linux', 'a:b*c?.txt', 'a:b*c?.txt'],
  ['win32', 'a:b*c?.txt', 'a%3Ab%2Ac%3F.txt'],
  ['win32', 'con', '%63on'],
  ['win32', 'CON.txt', '%43ON.txt'],
  ['win32', 'lpt¹.log', '%6Cpt¹.log'],
  ['win32', 'ends in a dot.', 'ends in a dot%2E'],
  ['win32', 'blank ', 'blank%20'],
  ['darwin', 'a:b', 'a%3Ab'],
  ['linux', '100%', '100%'],
  ['linux', '100%41', '100%2541'],
  ['win32', '%zz %3a', '%zz %253a'],
  ['linux', '.notes.part', '%2Enotes.part'],
  ['linux', '.Notes.0011223344556677.PART', '%2ENotes.0011223344556677.PART'],
  ['linux', '.x.0011223344556677.folder', '%2Ex.0011223344556677.folder'],
  ['linux', '.bashrc', '.bashrc'],
];

for (const [platform, name, held] of CASES) {
  test(`${JSON.stringify(name)} is ${JSON.stringify(held)} on ${platform}, and can be told again`, () => {
    assert.equal(heldName(name, platform, never), held);
    assert.equal(originalName(held), name);
  });
}

test('any name that can come is one that the platform holds, and is told again from it', () => {
  const letter = fc.oneof(
    fc.constantFrom(
      '%',
      '4',
      '1',
      'a',
      'A',
      'é',
      'e\u0301',
      ':',
      '*',
      '<',
      '.',
      ' ',
      '𝄞',
      '|',
      '"',
      '東',
      'con',
      '.part',
    ),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 2 }),
  );
  const name = fc
    .array(letter, { minLength: 1, maxLength: 12 })
    .map((letters) => letters.join(''))
    .filter((text) => text !== '.' && text !== '..' && text.isWellFormed() && !/[/\\\p{Cc}]/u.test(text));
  fc.assert(
    fc.property(name, fc.constantFrom('linux', 'win32', 'darwin'), (text, platform) => {
      const held = heldName(text, platform, never);
      assert.equal(platformName(held, platform), held);
      assert.equal(dirname(resolve('/t', held)), '/t');
      assert.equal(originalName(held), text);
    }),
    { numRuns: 2_000 },
  );
});

test('names that the disk takes for one are kept apart, files and folders alike, and told again', () => {
  const plan = new NamePlan('win32', true);
  const paths = [
    plan.place('', 'Makefile'),
    plan.place('', 'makefile'),
    plan.place('', 'MAKEFILE'),
    plan.place('', 'caf\u00e9'),
    plan.place('', 'cafe\u0301'),
    plan.place('makefile', 'a'),
    plan.place('MakeFile', 'a'),
    plan.place('x/con', 'aux.h'),
  ];
  assert.deepEqual(paths.slice(0, 3), ['Makefile', '%6Dakefile', '%4DAKEFILE']);
  assert.equal(new Set(paths.map(blindName)).size, paths.length);
  assert.equal(originalName(paths[5]!), 'makefile/a');
  assert.equal(originalName(paths[6]!), 'MakeFile/a');
  assert.equal(paths[7], 'x/%63on/%61ux.h');
  const exact = new NamePlan('linux', false);
  assert.deepEqual([exact.place('', 'Makefile'), exact.place('', 'makefile')], ['Makefile', 'makefile']);
});

test('a name that is too long once it is written so is cut, and is still nobody else’s', () => {
  const plan = new NamePlan('win32', true);
  const long = ':'.repeat(255);
  const [first, second] = [plan.place('', long), plan.place('', `${':'.repeat(254)}?`)];
  assert.notEqual(first, second);
  for (const held of [first, second]) {
    assert.ok(Buffer.byteLength(held) <= 255);
    assert.equal(platformName(held, 'win32'), held);
  }
});

test('no plan leads out of the target', () => {
  const segment = fc.constantFrom(
    'a',
    '...',
    ' .',
    '.. ',
    'C:',
    'con',
    '~',
    '%2e%2e',
    '..%2f',
    'x'.repeat(255),
    '．．',
  );
  const path = fc.array(segment, { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(fc.array(path, { maxLength: 20 }), fc.constantFrom('linux', 'win32', 'darwin'), (paths, platform) => {
      const plan = new NamePlan(platform, platform !== 'linux');
      for (const segments of paths) {
        const placed = plan.place(segments.slice(0, -1).join('/'), segments.at(-1)!);
        assert.ok(resolve(join('/target', placed)).startsWith('/target/'));
        for (const held of placed.split('/')) assert.equal(platformName(held, platform), held);
      }
    }),
  );
});
