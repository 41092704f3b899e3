/** What the pictures of the documents and those of the tour have in common: publishing and opening, slow enough to be seen. */
import type { AppWindow } from '../support/page.ts';
import type { Stage } from './stage.ts';

/** Takes the picture of that name. */
export type Take = (window: AppWindow, name: string) => Promise<void>;

/** In the library: the site among the samples. */
export async function choosePublished({ page }: AppWindow): Promise<void> {
  await page
    .getByRole('row', { name: /The marsh behind the mole|Saltmarsh/ })
    .first()
    .click();
}

/** A folder is published while half of the nodes pause. */
export async function showPublishing(window: AppWindow, stage: Stage, site: string, take: Take): Promise<void> {
  const { page } = window;
  await window.section('Publish');
  await window.drop(site);
  await page.getByLabel('Title, as readers will see it').waitFor();
  // Nothing can be published while they are looked into.
  await page.getByText(/^Looking into the files/).waitFor({ state: 'detached' });
  await take(window, 'publish');
  const goOn = stage.pause(stage.practice.nodes.length / 2);
  await page.keyboard.press('Control+Enter');
  await window.heading('Its password, shown once').waitFor();
  await window.heading('Where its shares go').waitFor();
  // Some are placed; the nodes that pause keep the others waiting.
  await page
    .getByText(/^[1-9] of 10$/)
    .first()
    .waitFor();
  await take(window, 'publishing');
  goOn();
  await window.heading('Fetched back through other paths').waitFor();
  await page.getByLabel('I have kept it somewhere safe').click();
  await window.heading('Its password, shown once').waitFor({ state: 'detached' });
  await take(window, 'published');
}

/** A link is opened while the nodes that have it are silent. */
export async function showOpening(window: AppWindow, stage: Stage, link: string, take: Take): Promise<void> {
  const goOn = stage.pause(stage.practice.nodes.length - 1);
  await window.field.fill(link);
  await window.field.press('Enter');
  await window.heading('Looking for its shares').waitFor();
  await window.text(/(is|are) being waited for, /).waitFor();
  await take(window, 'opening');
  goOn();
}
