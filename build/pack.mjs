/** `npm run pack`: the installers of this platform into dist/, by electron-builder. Fetches Electron's binary if it is not there. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { billOfMaterials } from './inventory.mjs';
import config from './electron-builder.config.mjs';

/**
 * Packs what is in out/. `overrides` go over the configuration; `targets` is as electron-builder's platform lists
 * (`{ linux: ['dir'] }`), by default those of the configuration for this platform.
 */
export async function pack(root, { overrides = {}, targets } = {}) {
  const { build } = await import('electron-builder');
  writeFileSync(join(root, 'out/sbom.cdx.json'), `${JSON.stringify(billOfMaterials(root), null, 2)}\n`);
  return build({ projectDir: root, config: { ...config, ...overrides }, publish: 'never', ...targets });
}

export async function run({ root, args }) {
  const isDirectory = args.includes('--dir');
  const paths = await pack(root, isDirectory ? { targets: { dir: true } } : {});
  for (const path of paths) process.stdout.write(`${path}\n`);
  if (paths.length === 0) process.stdout.write(`${join(root, 'dist')}\n`);
  return 0;
}
