import assert from 'node:assert/strict';
import { mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { checkFolder } from '../../../src-main/services/shares/rules.ts';
import type { Surroundings } from '../../../src-main/services/shares/rules.ts';
import { temporaryFolder } from '../../support/shared-folders.ts';

describe('which folders may be shared', () => {
  const around = (base: string, more: Partial<Surroundings> = {}): Surroundings => ({
    dataDirectory: join(base, 'data'),
    shared: [],
    home: join(base, 'home'),
    ...more,
  });

  it('takes a folder, by its real path', async (context) => {
    const base = await realpath(await temporaryFolder(context));
    await mkdir(join(base, 'music'));
    await symlink(join(base, 'music'), join(base, 'link'));
    assert.equal(await checkFolder(join(base, 'music'), false, around(base)), join(base, 'music'));
    assert.equal(await checkFolder(join(base, 'link'), false, around(base)), join(base, 'music'));
  });

  it('takes nothing that is no folder', async (context) => {
    const base = await realpath(await temporaryFolder(context));
    await writeFile(join(base, 'file.txt'), '');
    for (const path of ['', 'a\0b', join(base, 'file.txt'), join(base, 'missing'), join(base, 'file.txt', 'below')])
      await assert.rejects(checkFolder(path, true, around(base)), { code: 'usage' }, path);
  });

  it('never takes the data directory, nor what is in it', async (context) => {
    const base = await realpath(await temporaryFolder(context));
    await mkdir(join(base, 'outer/data/pens'), { recursive: true });
    const outer = around(base, { dataDirectory: join(base, 'outer/data') });
    for (const path of ['outer/data', 'outer/data/pens'])
      await assert.rejects(checkFolder(join(base, path), true, outer), { code: 'refused' });
    // What is around it is shared without it.
    assert.equal(await checkFolder(join(base, 'outer'), false, outer), join(base, 'outer'));
  });

  it('never takes the whole disk or folders of the system', { skip: process.platform === 'win32' }, async (context) => {
    const base = await temporaryFolder(context);
    const paths =
      process.platform === 'linux' ? ['/', '/etc', '/usr/share', '/proc', '/home', '/var'] : ['/', '/usr', '/Users'];
    for (const path of paths) await assert.rejects(checkFolder(path, true, around(base)), { code: 'refused' }, path);
  });

  it('takes the home folder, and what is hidden in it, only when that is said', async (context) => {
    const base = await realpath(await temporaryFolder(context));
    await mkdir(join(base, 'home/.config/x'), { recursive: true });
    await mkdir(join(base, 'home/Music'), { recursive: true });
    for (const path of ['home', 'home/.config', 'home/.config/x']) {
      await assert.rejects(checkFolder(join(base, path), false, around(base)), { code: 'refused' }, path);
      assert.equal(await checkFolder(join(base, path), true, around(base)), join(base, path));
    }
    assert.equal(await checkFolder(join(base, 'home/Music'), false, around(base)), join(base, 'home/Music'));
    // The folder that everybody's homes are in is never meant.
    await assert.rejects(checkFolder(base, true, around(base, { home: join(base, 'home') })), { code: 'refused' });
  });

  it('takes no folder within or around one that is shared, and knows one that is', async (context) => {
    const base = await realpath(await temporaryFolder(context));
    await mkdir(join(base, 'a/b/c'), { recursive: true });
    await mkdir(join(base, 'a/bc'), { recursive: true });
    const shared = { shared: [join(base, 'a/b')] };
    const check = (path: string): Promise<string> => checkFolder(join(base, path), false, around(base, shared));
    await assert.rejects(check('a/b/c'), { code: 'usage', message: /lies within/ });
    await assert.rejects(check('a'), { code: 'usage', message: /share remove/ });
    assert.equal(await check('a/b'), join(base, 'a/b'));
    assert.equal(await check('a/bc'), join(base, 'a/bc'));
  });
});
