/** States of shared folders, for interface-states.test.ts. */
import { DemoNode } from '../support/demo-contract.ts';
import { demoFolders } from '../support/demo-shares.ts';
import type { Scene } from './scene.ts';

const withFolders = (): DemoNode => new DemoNode({ shares: demoFolders() });

export const SHARE_SCENES: readonly Scene[] = [
  { name: 'shared folders, none', hash: '#/library/folders', shows: 'No folder is shared' },
  {
    name: 'shared folders',
    node: withFolders,
    hash: '#/library/folders',
    shows: 'a symbolic link, which is not followed',
  },
  {
    name: 'shared folders, before one is removed',
    node: withFolders,
    hash: '#/library/folders',
    act: (page) => page.getByRole('button', { name: 'Remove Films from the list' }).click(),
    shows: 'Who has loaded one has it.',
  },
  {
    name: 'shared folders, the home folder',
    hash: '#/library/folders',
    act: async (page) => {
      await page.getByLabel('Folder on the machine where the node runs').fill('/home/hanne');
      await page.getByRole('button', { name: 'Share it' }).click();
    },
    shows: 'Share it even so',
  },
  {
    name: 'shared folders, all stopped by keyboard',
    node: withFolders,
    hash: '#/library/folders',
    act: async (page) => {
      await page.getByRole('button', { name: 'Stop all' }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Films', exact: true }).focus();
      await page.keyboard.press('ArrowDown');
    },
    shows: 'Nothing of it is offered any more.',
  },
];
