/** Rules of the house that no tool knows: lengths, names, headers, and words that do not belong in the project. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../support/project-root.ts';

const FOLDERS = ['src-main', 'src-renderer', 'shared', 'test', 'build', '.ci'];
const LEFT_OUT = /(^|\/)(node_modules|out|dist)(\/|$)/;
const TEXT = /\.(ts|mjs|cjs|js|svelte|css|html|json|md)$/;
/** A file that passes 400 lines is asking to be two. */
const MAX_LINES = 400;
/** Catalogues of words are lists: they are read by searching, not from top to bottom. */
const CATALOGUE = /^src-renderer\/lib\/messages\//;

/** Paths below the project's root, '/' between parts. */
function listFiles(): string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(projectRoot, folder), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) =>
        join(entry.parentPath, entry.name)
          .slice(projectRoot.length + 1)
          .replaceAll('\\', '/'),
      ),
  ).filter((path) => !LEFT_OUT.test(path));
}

const files = listFiles();
const isSource = (path: string): boolean => /^(src-main|src-renderer|shared)\//.test(path);
const read = (path: string): string => readFileSync(join(projectRoot, path), 'utf8');

/** Fails with every breach in one list, so that one run shows them all. */
function assertNone(breaches: readonly string[], rule: string): void {
  assert.deepEqual(breaches, [], `${rule}:\n  ${breaches.join('\n  ')}`);
}

test('the lists below look at something', () => {
  assert.ok(files.filter(isSource).length > 10);
});

test('no source file is longer than 400 lines', () => {
  assertNone(
    files
      .filter((path) => isSource(path) && TEXT.test(path) && !CATALOGUE.test(path))
      .map((path) => [path, read(path).split('\n').length - 1] as const)
      .filter(([, lines]) => lines > MAX_LINES)
      .map(([path, lines]) => `${path}: ${lines} lines`),
    `at most ${MAX_LINES} lines`,
  );
});

test('file and folder names are in kebab case', () => {
  const isKebab = (part: string): boolean => /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/.test(part);
  const known = ['.npmrc'];
  assertNone(
    files.filter((path) => !path.split('/').every((part) => isKebab(part) || known.includes(part))),
    'kebab-case names',
  );
});

test('every source file says somewhere what it is or why', () => {
  const saysSo = (path: string): boolean => /^\s*(\/\*\*|\/\/ |<!--)/m.test(read(path));
  const wanted = files.filter(
    (path) =>
      (isSource(path) || path.startsWith('build/') || path.startsWith('test/')) && /\.(ts|mjs|js|svelte)$/.test(path),
  );
  assertNone(
    wanted.filter((path) => !path.endsWith('.test.ts') && !saysSo(path)),
    'a comment that says what it is',
  );
});

test('no unfinished work, no test that shuts out the others, no debugger', () => {
  // Written in two parts, so that this file does not find itself.
  const words = ['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', 'HA' + 'CK'];
  const patterns: readonly (readonly [RegExp, string])[] = [
    [new RegExp(`\\b(${words.join('|')})\\b`), 'unfinished'],
    [new RegExp(`\\b(test|it|describe|suite)\\.${'on' + 'ly'}\\b|\\b${'on' + 'ly'}: true`), 'shuts out other tests'],
    [new RegExp(`^\\s*debug${'ger'};`, 'm'), 'stops in a debugger'],
    [new RegExp(`@ts-(ignore|no${'check'})`), 'hides a type error'],
  ];
  const breaches: string[] = [];
  for (const path of files.filter((each) => TEXT.test(each) && !each.endsWith('package-lock.json'))) {
    const text = read(path);
    for (const [pattern, what] of patterns) {
      const found = pattern.exec(text);
      if (found !== null) breaches.push(`${path}:${text.slice(0, found.index).split('\n').length}: ${what}`);
    }
  }
  assertNone(breaches, 'finished work');
});

test('no path of a developer’s machine', () => {
  const pattern = new RegExp(`["'\`( ]/(${'wor' + 'k'}|home/[a-z]+|root|Users/[A-Za-z]+)/|/${'tm' + 'p'}/(probe|bash)`);
  const breaches: string[] = [];
  for (const path of files.filter((each) => TEXT.test(each) || each.startsWith('.ci/'))) {
    const text = read(path);
    const found = pattern.exec(text);
    if (found !== null && !path.startsWith('test/'))
      breaches.push(`${path}:${text.slice(0, found.index).split('\n').length}: ${found[0]}`);
  }
  assertNone(breaches, 'portable paths');
});
