/** The import rules of .dependency-cruiser.cjs work: a small tree that breaches each of them is reported, breach by breach. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { projectRoot } from '../../support/project-root.ts';

interface Rule {
  readonly name: string;
  readonly comment: string;
}
const config = createRequire(import.meta.url)(join(projectRoot, '.dependency-cruiser.cjs')) as {
  forbidden: readonly Rule[];
};

/** One breach of each rule: who imports what. Packages are made up in the tree's own node_modules. */
const BREACHES: readonly (readonly [rule: string, from: string, to: string])[] = [
  ['core-is-pure', 'src-main/core/a-service.ts', 'src-main/services/target.ts'],
  ['core-is-pure', 'src-main/core/a-builtin.ts', 'node:fs'],
  ['core-is-pure', 'src-main/core/a-package.ts', 'valibot'],
  ['base-imports-nothing', 'shared/base/upwards.ts', 'shared/ipc/target.ts'],
  ['base-imports-nothing', 'shared/base/a-builtin.ts', 'node:path'],
  ['contract-imports-base', 'shared/ipc/a-builtin.ts', 'node:fs'],
  ['contract-imports-base', 'shared/ipc/a-core.ts', 'src-main/core/target.ts'],
  ['adapters-know-ports-only', 'src-main/storage/sqlite/a-core.ts', 'src-main/core/target.ts'],
  ['adapters-know-ports-only', 'src-main/transport/memory/a-service.ts', 'src-main/services/target.ts'],
  ['adapters-know-ports-only', 'src-main/workers/a-contract.ts', 'shared/ipc/target.ts'],
  ['adapters-never-each-other', 'src-main/storage/sqlite/a-worker.ts', 'src-main/workers/target.ts'],
  ['services-get-adapters-passed-in', 'src-main/services/an-adapter.ts', 'src-main/storage/sqlite/target.ts'],
  ['services-get-adapters-passed-in', 'src-main/services/a-host.ts', 'src-main/host/target.ts'],
  ['only-hyperswarm-adapter-imports-hyper', 'src-main/host/a-swarm.ts', 'hyperswarm'],
  ['only-hyperswarm-adapter-imports-hyper', 'src-main/transport/memory/a-dht.ts', 'hyperdht'],
  ['only-electron-host-imports-electron', 'src-main/host/headless/an-electron.ts', 'electron'],
  ['hosts-are-above', 'src-main/storage/a-host.ts', 'src-main/host/target.ts'],
  ['main-and-interface-are-apart', 'src-main/host/an-interface.ts', 'src-renderer/lib/target.ts'],
  ['interface-knows-the-contract-only', 'src-renderer/lib/a-core.ts', 'src-main/core/target.ts'],
  ['interface-without-node', 'src-renderer/lib/a-builtin.ts', 'node:fs'],
  ['interface-ui-and-lib-lowest', 'src-renderer/ui/a-feature.ts', 'src-renderer/features/publish/target.ts'],
  ['interface-features-below-views', 'src-renderer/features/publish/a-view.ts', 'src-renderer/views/target.ts'],
  ['interface-views-below-app', 'src-renderer/views/an-app.ts', 'src-renderer/app/target.ts'],
  ['features-never-each-other', 'src-renderer/features/read/another.ts', 'src-renderer/features/publish/target.ts'],
  ['nothing-imports-tests', 'src-main/services/a-test.ts', 'test/support/target.ts'],
  ['no-circles', 'src-main/core/about.ts', 'src-main/core/round.ts'],
  ['all-resolves', 'src-main/services/nowhere.ts', 'src-main/services/does-not-exist.ts'],
  ['no-build-tools-in-the-product', 'src-main/services/a-tool.ts', 'fast-check'],
];

/** What is allowed and must not be reported. */
const ALLOWED: readonly (readonly [from: string, to: string])[] = [
  ['src-main/core/fine.ts', 'shared/base/target.ts'],
  ['src-main/storage/sqlite/fine.ts', 'src-main/core/ports.ts'],
  ['src-main/storage/sqlite/fine-wire.ts', 'src-main/core/wire/target.ts'],
  ['src-main/services/fine.ts', 'shared/ipc/target.ts'],
  ['src-main/services/fine-core.ts', 'src-main/core/target.ts'],
  ['src-main/host/fine.ts', 'src-main/storage/sqlite/target.ts'],
  ['src-main/host/electron/fine.ts', 'electron'],
  ['src-main/transport/hyperswarm/fine.ts', 'hyperswarm'],
  ['src-renderer/app/fine.ts', 'src-renderer/views/target.ts'],
  ['src-renderer/features/read/fine.ts', 'src-renderer/lib/target.ts'],
  ['test/unit/fine.ts', 'src-main/services/target.ts'],
];

const PACKAGES = ['valibot', 'hyperswarm', 'hyperdht', 'electron', 'fast-check'];

function write(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function importLine(from: string, to: string): string {
  const isPath = to.includes('/') && !to.startsWith('@');
  const way = relative(dirname(from), to).replaceAll('\\', '/');
  return `import ${JSON.stringify(isPath ? (way.startsWith('.') ? way : `./${way}`) : to)};\nexport const here = true;\n`;
}

function makeTree(root: string): void {
  for (const name of PACKAGES) {
    write(root, `node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
    write(root, `node_modules/${name}/index.js`, '');
  }
  // dependency-cruiser reads TypeScript with the compiler that it finds.
  symlinkSync(join(projectRoot, 'node_modules/typescript'), join(root, 'node_modules/typescript'));
  const dependencies = Object.fromEntries(['valibot', 'hyperswarm', 'hyperdht'].map((name) => [name, '1.0.0']));
  const devDependencies = Object.fromEntries(['electron', 'fast-check'].map((name) => [name, '1.0.0']));
  write(root, 'package.json', JSON.stringify({ name: 'breaches', type: 'module', dependencies, devDependencies }));
  write(
    root,
    'tsconfig.json',
    JSON.stringify({ compilerOptions: { module: 'NodeNext', allowImportingTsExtensions: true, noEmit: true } }),
  );
  for (const [, to] of [...BREACHES.map(([, from, target]) => [from, target] as const), ...ALLOWED]) {
    if (to.endsWith('target.ts') || to.endsWith('ports.ts')) write(root, to, 'export const target = true;\n');
  }
  for (const [, from, to] of BREACHES) write(root, from, importLine(from, to));
  for (const [from, to] of ALLOWED) write(root, from, importLine(from, to));
  write(root, 'src-main/core/round.ts', importLine('src-main/core/round.ts', 'src-main/core/about.ts'));
}

test('every import rule has a breach here', () => {
  assert.deepEqual(
    config.forbidden.map(({ name }) => name).filter((name) => !BREACHES.some(([rule]) => rule === name)),
    [],
  );
  for (const { name, comment } of config.forbidden) assert.ok(comment.length > 20, `${name} says why`);
});

test('each breach is reported under its rule, and what is allowed is not', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'broadside-breaches-'));
  t.after(() => rmSync(root, { recursive: true }));
  makeTree(root);
  const script = join(projectRoot, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const run = spawnSync(
    process.execPath,
    [
      script,
      '--config',
      join(projectRoot, '.dependency-cruiser.cjs'),
      '--output-type',
      'json',
      'src-main',
      'src-renderer',
      'shared',
      'test',
    ],
    { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  assert.ok(run.stdout.startsWith('{'), run.stderr);
  const report = JSON.parse(run.stdout) as {
    summary: { violations: readonly { from: string; to: string; rule: { name: string } }[] };
  };
  const found = report.summary.violations.map(({ from, rule }) => `${rule.name} ${from}`);
  const missed = BREACHES.filter(([rule, from]) => !found.includes(`${rule} ${from}`)).map(
    ([rule, from, to]) => `${rule}: ${from} -> ${to}`,
  );
  assert.deepEqual(missed, []);
  const wrong = report.summary.violations.filter(({ from }) => ALLOWED.some(([allowed]) => allowed === from));
  assert.deepEqual(wrong, []);
});
