import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { numberedName, platformName } from '../../../src-main/services/read/platform-names.ts';

it('names that a platform can hold are kept to the letter', () => {
  for (const name of ['report.pdf', 'Übersicht', '報告.txt', 'a b', '.hidden', 'ملف']) {
    for (const platform of ['linux', 'darwin', 'win32']) assert.equal(platformName(name, platform), name);
  }
  assert.equal(platformName('a:b?.txt', 'linux'), 'a:b?.txt');
});

it('what a platform cannot hold is replaced', () => {
  assert.equal(platformName('a:b?.txt', 'win32'), 'a_b_.txt');
  assert.equal(platformName('con', 'win32'), '_con');
  assert.equal(platformName('LPT1.txt', 'win32'), '_LPT1.txt');
  assert.equal(platformName('console', 'win32'), 'console');
  assert.equal(platformName('end. ', 'win32'), 'end__');
  assert.equal(platformName('a:b', 'darwin'), 'a_b');
  assert.equal(platformName('..', 'linux'), '__');
});

it('no name leads out of its directory or is too long, whatever goes in', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 600 }),
      fc.constantFrom('linux', 'darwin', 'win32'),
      (name, platform) => {
        const result = platformName(name, platform);
        assert.ok(result !== '' && result !== '.' && result !== '..');
        assert.ok(!/[/\0]/.test(result));
        if (platform === 'win32') assert.ok(!/[\\:]/.test(result));
        assert.ok(Buffer.byteLength(result) <= 255);
      },
    ),
  );
});

it('long names keep their extension and whole characters', () => {
  const name = platformName(`${'報'.repeat(200)}.html`, 'linux');
  assert.ok(name.endsWith('報.html'));
  assert.ok(Buffer.byteLength(name) <= 255 && Buffer.byteLength(name) > 250);
  assert.equal(name.isWellFormed(), true);
});

it('numbers go before the extension', () => {
  assert.equal(numberedName('a.txt', 2), 'a (2).txt');
  assert.equal(numberedName('a', 12), 'a (12)');
  assert.ok(Buffer.byteLength(numberedName(`${'x'.repeat(251)}.txt`, 2)) <= 255);
});
