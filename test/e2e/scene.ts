/** One state of the interface, told by a stand-in for the node, and how to come to it. */
import type { Page } from 'playwright-core';
import type { DemoNode } from '../support/demo-contract.ts';

export interface Scene {
  readonly name: string;
  readonly node?: () => DemoNode;
  readonly hash?: string | ((node: DemoNode) => string);
  readonly act?: (page: Page) => Promise<unknown>;
  /** A heading or text by which the state is known to be there. */
  readonly shows: string;
}

/** The view of the first job of a story. */
export const firstJob = (view: string) => (node: DemoNode) => `#/${view}/${[...node.jobs.keys()][0]}`;

/** What somebody types into the one field, or pastes there. */
export async function goTo(page: Page, text: string): Promise<void> {
  await page.getByLabel('Words or a link').fill(text);
  await page.keyboard.press('Enter');
}
