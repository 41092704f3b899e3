/** States of short addresses and pen names, for interface-states.test.ts. */
import { demoAddresses } from '../support/demo-addresses.ts';
import { DemoNode } from '../support/demo-contract.ts';
import { demoLink } from '../support/demo-things.ts';
import { goTo } from './scene.ts';
import type { Scene } from './scene.ts';

const withAddresses = (): DemoNode => new DemoNode({ addresses: demoAddresses(demoLink) });

export const ADDRESS_SCENES: readonly Scene[] = [
  { name: 'names, none', hash: '#/library/names', shows: 'No pen name yet.' },
  {
    name: 'names',
    node: withAddresses,
    hash: '#/library/names',
    act: (page) => page.getByRole('button', { name: 'Set a name under Harbour office' }).click(),
    shows: 'New edition 4',
  },
  {
    name: 'names, a copy to keep',
    node: withAddresses,
    hash: '#/library/names',
    act: (page) => page.getByRole('button', { name: 'Keep a copy of Harbour office' }).click(),
    shows: 'Save the copy',
  },
  {
    name: 'words that several claim',
    node: withAddresses,
    act: (page) => goTo(page, 'broadside:word/Tide+TABLES'),
    shows: 'Claimed for 2 publications',
  },
  { name: 'words that nobody claims', act: (page) => goTo(page, 'broadside:word/x'), shows: 'This leads nowhere' },
  { name: 'an address that is none', act: (page) => goTo(page, 'broadside:@abc/x'), shows: 'The key of this pen name' },
];
