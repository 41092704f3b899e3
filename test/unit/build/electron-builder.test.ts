/** The configuration of every package, by electron-builder's own schema and by what each kind of package asks for; nothing is built. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import config from '../../../build/electron-builder.config.mjs';
import { projectRoot } from '../../support/project-root.ts';

/** Of electron-builder's own library, which brings it. */
const CHECKER = join(projectRoot, 'node_modules/app-builder-lib/out/util/config/config.js');
const { validateConfiguration } = createRequire(import.meta.url)(CHECKER) as {
  validateConfiguration(config: unknown, debug: { isEnabled: boolean }): Promise<void>;
};
const validate = (value: unknown): Promise<void> => validateConfiguration(value, { isEnabled: false });
const manifest = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as Record<string, unknown> & {
  devDependencies: Record<string, string>;
};

describe('electron-builder', () => {
  it('takes the configuration, and would not take another', async () => {
    await validate(config);
    await assert.rejects(validate({ ...config, linux: { ...config.linux, targets: ['deb'] } }));
    await assert.rejects(validate({ ...config, electronFuses: { runAsNod: false } }));
  });

  it('makes deb, rpm, AppImage and tar.gz, a universal dmg, and an installer for Windows', () => {
    assert.deepEqual(config.linux.target, ['AppImage', 'deb', 'rpm', 'tar.gz']);
    assert.deepEqual(config.mac.target, [{ target: 'dmg', arch: ['universal'] }]);
    assert.deepEqual(config.win.target, ['nsis']);
  });

  it('has what deb and rpm refuse to be without: a page, who answers, a description, a licence', () => {
    assert.match(config.extraMetadata.homepage, /^https:\/\//);
    assert.match(config.linux.maintainer, /^.+ <[^@\s]+@[^@\s]+>$/);
    for (const name of ['description', 'license', 'version']) assert.equal(typeof manifest[name], 'string', name);
  });

  it('names files that are there', () => {
    for (const path of ['LICENSE', config.linux.icon, config.mac.icon, config.win.icon, 'build/icons/512x512.png'])
      assert.ok(existsSync(join(projectRoot, path)), path);
  });

  it('is for the Electron that the code is checked against', () => {
    assert.equal(config.electronVersion, manifest.devDependencies['electron']);
  });

  it('packs natives for one platform, and for a universal program the same ones in both halves', () => {
    const natives = (files: readonly string[]): string[] => files.filter((pattern) => pattern.includes('prebuilds'));
    assert.equal('files' in config, false);
    for (const { files } of [config.linux, config.mac, config.win])
      assert.ok(files.includes('out/{main,preload,renderer,viewer}/**') && files.includes('package.json'));
    for (const platform of [config.linux, config.win])
      assert.deepEqual(natives(platform.files), ['!**/prebuilds/!(${platform}-${arch})/**']);
    assert.deepEqual(natives(config.mac.files), ['!**/prebuilds/!(darwin-*)/**']);
    assert.equal(config.mac.x64ArchFiles, '**/prebuilds/darwin-*/**');
    for (const name of ['sodium-native', 'udx-native']) {
      for (const platform of ['darwin-x64', 'darwin-arm64', 'linux-x64', 'linux-arm64', 'win32-x64', 'win32-arm64'])
        assert.ok(existsSync(join(projectRoot, 'node_modules', name, 'prebuilds', platform)), `${name} ${platform}`);
    }
  });

  it('runs no script, fetches nothing by itself and publishes nowhere', () => {
    assert.deepEqual([config.npmRebuild, config.nodeGypRebuild, config.publish], [false, false, null]);
    assert.equal(
      Object.keys(config).some((key) => /^(before|after)/.test(key)),
      false,
    );
  });
});
