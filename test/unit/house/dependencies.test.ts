/** What the program is made of holds to the rules of ARCHITECTURE.md, "Dependencies". */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { billOfMaterials, inventoryOf } from '../../../build/inventory.mjs';
import { projectRoot } from '../../support/project-root.ts';

/** Licences that ask for nothing but to be named. */
const LICENCES = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'OFL-1.1', 'PSF-2.0'];
const inventory = inventoryOf(projectRoot);
const shipped = inventory.filter(({ isShipped, isBundled }) => isShipped || isBundled);
const read = (name: string): string => readFileSync(join(projectRoot, name), 'utf8');

test('every version is pinned', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json'));
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
    assert.match(String(version), /^\d+\.\d+\.\d+(-[\w.]+)?$/, name);
});

test('everything that can be installed here has its hash in the lock file', () => {
  const without = inventory.filter(({ integrity, platform }) => integrity === undefined && platform === undefined);
  assert.deepEqual(without, []);
  for (const { name, integrity } of shipped) assert.match(integrity ?? '', /^sha512-/, name);
});

test('nothing in the program runs a script when it is installed, and none would be let', () => {
  assert.deepEqual(
    shipped.filter(({ hasInstallScript }) => hasInstallScript),
    [],
  );
  assert.ok(read('.npmrc').split('\n').includes('ignore-scripts=true'));
});

test('licences of the program are free ones', () => {
  const others = shipped.filter(({ licence }) => !LICENCES.includes(licence ?? ''));
  assert.deepEqual(others, []);
});

test('each that was chosen has its reason in ARCHITECTURE.md, and its line in docs/DEPENDENCIES.md', () => {
  const [, reasons = ''] = read('ARCHITECTURE.md').split('\n## Dependencies\n');
  const page = read('docs/DEPENDENCIES.md');
  for (const { name, version, isDirect } of inventory) {
    if (!isDirect) continue;
    // Types alone need none.
    if (name.startsWith('@types/')) continue;
    const scope = name.startsWith('@') ? `${name.split('/')[0]}/*` : name;
    assert.ok(reasons.includes(name) || reasons.includes(scope), `${name} has no reason`);
    assert.match(page, new RegExp(`\\| ${name} +\\| ${version.replaceAll('.', '\\.')} +\\|`), `npm run dependencies`);
  }
});

test('the bill of materials is the same each time', () => {
  const bill = billOfMaterials(projectRoot);
  assert.deepEqual(billOfMaterials(projectRoot), bill);
  assert.equal(bill.components.length, new Set(shipped.map(({ name, version }) => `${name}@${version}`)).size);
  assert.ok(!/https?:/.test(JSON.stringify(bill)), 'no address of a registry in it');
});
