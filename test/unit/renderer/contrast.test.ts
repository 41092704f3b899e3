/** The contrasts that look.md promises, computed (WCAG 2.2, relative luminance) from the tokens themselves, both themes. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const CSS = readFileSync(join(import.meta.dirname, '../../../src-renderer/lib/tokens.css'), 'utf8');

type Theme = 'light' | 'dark';

function tokens(theme: Theme): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, name, light, dark] of CSS.matchAll(/--([\w-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)/g)) {
    found.set(name!, theme === 'light' ? light! : dark!);
  }
  return found;
}

function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return (light! + 0.05) / (dark! + 0.05);
}

const GROUNDS = ['wall', 'sheet', 'proof', 'wash'];

/** Colour, grounds, least contrast in light and in dark, as look.md's table has them. */
const PROMISES: readonly (readonly [colour: string, grounds: readonly string[], light: number, dark: number])[] = [
  ['ink', GROUNDS, 13.5, 11.9],
  ['ink-2', GROUNDS, 7.2, 7.5],
  ['ink-3', GROUNDS, 5.2, 5.2],
  ['edge', GROUNDS, 3.1, 3.3],
  ['indelible', GROUNDS, 7.0, 6.5],
  ['on-indelible', ['indelible'], 9.1, 8.4],
  ['errata', GROUNDS, 5.7, 6.6],
  ['errata', ['errata-wash'], 6.0, 7.0],
  ['caution', GROUNDS, 5.9, 7.7],
  ['caution', ['caution-wash'], 6.3, 7.7],
  ['on-band', ['band'], 16.3, 11.7],
  ['on-band-2', ['band'], 10.4, 7.5],
];

for (const theme of ['light', 'dark'] as const) {
  test(`contrasts in ${theme}`, () => {
    const colours = tokens(theme);
    assert.equal(colours.size, 19, 'every token of look.md has two colours');
    for (const [name, grounds, light, dark] of PROMISES) {
      const least = Math.min(...grounds.map((ground) => contrast(colours.get(name)!, colours.get(ground)!)));
      // The table is rounded to a tenth, up or down.
      assert.ok(
        least > (theme === 'light' ? light : dark) - 0.1,
        `${name} on ${grounds.join(', ')}: ${least.toFixed(2)}`,
      );
    }
  });
}

test('white on black is 21 to 1, and a grey on itself 1 to 1', () => {
  assert.equal(Math.round(contrast('#ffffff', '#000000')), 21);
  assert.equal(contrast('#777777', '#777777'), 1);
});
