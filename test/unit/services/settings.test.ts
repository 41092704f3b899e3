/** Settings: all of them by the same rules, on a real file. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { parseSetting, SETTING_NAMES, SETTINGS } from '../../../shared/ipc/settings.ts';
import { Settings } from '../../../src-main/services/settings/settings.ts';
import { createSettingsFile } from '../../../src-main/storage/files/settings-file.ts';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'broadside-settings-'));
  path = join(directory, 'settings.json');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const load = () => Settings.load(createSettingsFile({ path }));

describe('each setting', () => {
  for (const name of SETTING_NAMES) {
    const setting = SETTINGS[name];
    it(`${name} takes its default and what its kind allows, as typed on the command line too, and nothing else`, () => {
      assert.deepEqual(parseSetting(name, setting.default), setting.default);
      assert.deepEqual(parseSetting(name, String(setting.default)), setting.default);
      const refused =
        setting.kind === 'number'
          ? [setting.min - 1, setting.max + 1, setting.max - 0.5, Number.NaN, '', 'many', true]
          : setting.kind === 'boolean'
            ? ['yes', '', 1]
            : setting.kind === 'choice'
              ? ['', 'another', false]
              : ['\0', 'x'.repeat(setting.maxLength + 1), 5];
      for (const value of refused) {
        const parsed = parseSetting(name, value);
        assert.ok(typeof parsed === 'object' && parsed.problem.includes(name), `${JSON.stringify(value)} is taken`);
      }
      if (setting.kind !== 'number') return;
      for (const value of [setting.min, setting.max]) assert.equal(parseSetting(name, value), value);
    });
  }
});

describe('settings', () => {
  it('are kept, told, and read again; only what differs from the defaults is written', async () => {
    const settings = await load();
    const told: unknown[] = [];
    settings.onChange((values, changed) => told.push([values['upload-slots'], changed]));
    assert.equal(await settings.set('upload-slots', '7'), 7);
    await settings.set('keep-published', SETTINGS['keep-published'].default);
    assert.deepEqual(told[0], [7, ['upload-slots']]);
    assert.deepEqual(JSON.parse(readFileSync(path, 'utf8')), { 'upload-slots': 7 });
    assert.equal((await load()).get('upload-slots'), 7);
  });

  it('that are out of bounds in the file take their defaults', async () => {
    writeFileSync(path, JSON.stringify({ 'upload-slots': -3, 'keep-published': 'perhaps', appearance: ['dark'] }));
    const settings = await load();
    for (const name of ['upload-slots', 'keep-published', 'appearance'] as const)
      assert.equal(settings.get(name), SETTINGS[name].default);
  });

  it('of a later version outlive this one', async () => {
    writeFileSync(path, JSON.stringify({ 'tomorrow-hours': 5, nested: { a: 1 } }));
    await (await load()).set('upload-slots', 9);
    assert.deepEqual(JSON.parse(readFileSync(path, 'utf8')), {
      'tomorrow-hours': 5,
      nested: { a: 1 },
      'upload-slots': 9,
    });
  });

  it('that do not exist, or not so, are refused in words, and nothing changes', async () => {
    const settings = await load();
    const isUsage = (thrown: unknown): boolean => thrown instanceof BroadsideError && thrown.code === 'usage';
    await assert.rejects(settings.set('uplaod-slots', 5), isUsage);
    await assert.rejects(settings.set('upload-slots', 1e9), isUsage);
    await assert.rejects(settings.set('constructor', 5), isUsage);
    assert.equal(settings.get('upload-slots'), SETTINGS['upload-slots'].default);
  });

  it('set at once one after the other all stay', async () => {
    const settings = await load();
    await Promise.all([
      settings.set('upload-slots', 3),
      settings.set('keep-hours', 5),
      settings.set('upload-slots', 4),
    ]);
    await settings.close();
    const again = await load();
    assert.deepEqual([again.get('upload-slots'), again.get('keep-hours')], [4, 5]);
  });

  it('in a file that is damaged are moved aside, and the defaults hold', async () => {
    writeFileSync(path, '{"upload-slots": 3');
    const moved: string[] = [];
    const settings = await Settings.load(createSettingsFile({ path, onDamaged: (to) => moved.push(to) }));
    assert.equal(settings.get('upload-slots'), SETTINGS['upload-slots'].default);
    assert.equal(readFileSync(moved[0]!, 'utf8'), '{"upload-slots": 3');
  });
});
