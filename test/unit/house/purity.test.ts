/** The core keeps no time, no randomness and nothing of Node: the linter and the compiler refuse each way to get one. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../support/project-root.ts';

const IMPURE = [
  'Date.now()',
  'performance.now()',
  'Math.random()',
  'setTimeout(() => {}, 1)',
  'setInterval(() => {}, 1)',
  'queueMicrotask(() => {})',
  'process.pid',
  'Buffer.alloc(1)',
  'crypto.randomUUID()',
  'fetch("")',
  'console.log("")',
];
/** The compiler knows these too: they are of the language. */
const KNOWN_TO_COMPILER = new Set(['Date.now()', 'Math.random()']);

function tree(t: { after(work: () => void): void }): string {
  const root = mkdtempSync(join(tmpdir(), 'broadside-impure-'));
  t.after(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'src-main/core'), { recursive: true });
  mkdirSync(join(root, 'shared/base'), { recursive: true });
  symlinkSync(join(projectRoot, 'node_modules'), join(root, 'node_modules'));
  writeFileSync(join(root, 'package.json'), JSON.stringify({ name: 'impure', type: 'module' }));
  for (const name of ['.oxlintrc.json', 'tsconfig.base.json', 'tsconfig.core.json'])
    copyFileSync(join(projectRoot, name), join(root, name));
  IMPURE.forEach((expression, index) =>
    writeFileSync(join(root, `src-main/core/impure-${index}.ts`), `export const value: unknown = ${expression};\n`),
  );
  writeFileSync(join(root, 'shared/base/builtin.ts'), `import { sep } from 'node:path';\nexport const value = sep;\n`);
  writeFileSync(join(root, 'src-main/core/pure.ts'), 'export const value: number = Math.floor(1.5);\n');
  return root;
}

function bin(packageName: string, name: string): string {
  const home = join(projectRoot, 'node_modules', packageName);
  const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { bin: Record<string, string> };
  return join(home, manifest.bin[name] ?? '');
}

test('the linter refuses clocks, timers, randomness and Node in the core', (t) => {
  const root = tree(t);
  const run = spawnSync(process.execPath, [bin('oxlint', 'oxlint'), '--format', 'json', '.'], {
    cwd: root,
    encoding: 'utf8',
  });
  const report = JSON.parse(run.stdout) as { diagnostics: readonly { filename: string; code: string }[] };
  const refused = (file: string): boolean =>
    report.diagnostics.some(
      ({ filename, code }) => filename.endsWith(file) && /no-restricted-(globals|properties|imports)/.test(code),
    );
  IMPURE.forEach((expression, index) => assert.ok(refused(`core/impure-${index}.ts`), expression));
  assert.ok(refused('base/builtin.ts'), 'node: in shared/base');
  assert.ok(!refused('core/pure.ts'), 'Math as such is fine');
});

test('the compiler knows neither timers nor Node in the core', (t) => {
  const root = tree(t);
  const run = spawnSync(process.execPath, [bin('typescript', 'tsc'), '-p', 'tsconfig.core.json', '--pretty', 'false'], {
    cwd: root,
    encoding: 'utf8',
  });
  IMPURE.forEach((expression, index) => {
    const isRefused = run.stdout.includes(`src-main/core/impure-${index}.ts(`);
    assert.equal(isRefused, !KNOWN_TO_COMPILER.has(expression), `${expression}: ${run.stdout}`);
  });
  assert.ok(run.stdout.includes('shared/base/builtin.ts('));
  assert.ok(!run.stdout.includes('pure.ts(1,1)'));
});
