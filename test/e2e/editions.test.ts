/** Published, updated from the library, read by its old link on another machine, deleted: all in the interface. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { jobEnd } from '../support/practice.ts';
import type { AppWindow } from '../support/page.ts';
import { openByField, SITE, startStage } from './stage.ts';
import type { Stage } from './stage.ts';

let stage: Stage;
let publisher: AppWindow;
let link: string;
let password: string;
let folder: string;
before(async () => {
  stage = await startStage('a', 'b');
  folder = stage.write('The lamp keeper', SITE);
  const { client } = stage.daemon('a');
  const { job } = await client.call('publish.start', {
    source: { kind: 'path', path: folder },
    title: 'The keeper’s log',
    k: 2,
    n: 4,
    class: 'updatable',
  });
  const published = await jobEnd(client, job, 'publish');
  assert.equal(published.state, 'done', published.error?.message);
  link = published.link!;
  password = published.password!;
  publisher = await stage.open('a');
});
after(() => stage?.stop());

describe('an update and a deletion', { timeout: 180_000 }, () => {
  it('is begun from the library, with the files chosen anew; what is as it was is not sent again', async () => {
    const { page } = publisher;
    await publisher.section('Library');
    await page
      .getByRole('grid', { name: 'Published' })
      .getByRole('row', { name: /The keeper’s log/ })
      .click();
    await publisher.button('Update…').click();
    await publisher.heading('Change a publication').waitFor();
    await publisher.text('Choose the files first.').waitFor();
    await publisher.inspect('the form of an update');

    stage.write('The lamp keeper', { 'nights/second.html': '<!doctype html><title>The second night</title><p>Calm.' });
    await page.locator('main input[webkitdirectory]').setInputFiles(folder);
    await publisher.text(/^6 files, /).waitFor();

    // What readers will see of it, before anything is sent.
    await publisher.button('Preview').click();
    await publisher.heading('As readers will see it').waitFor();
    await publisher.content.getByRole('heading').first().waitFor();
    await publisher.inspect('the preview of an update', 'iframe');
    await publisher.button('Back to the update').click();
    await publisher.text(/^6 files, /).waitFor();

    // Somebody else’s password: nothing is sent, and the files that were chosen are still there.
    await page
      .getByLabel('Its password', { exact: true })
      .fill('orange tunnel basket frozen walrus pepper violin harbor');
    await publisher.button('Publish the new edition').click();
    await publisher.text(/not the password/).waitFor();
    publisher.assertQuiet('refused');
    await publisher.button('Start it again').click();
    await publisher.text(/^6 files, /).waitFor();

    await page.getByLabel('Its password', { exact: true }).fill(password);
    await publisher.button('Publish the new edition').click();
    await publisher.text(/^Edition 2 is published, and 4 of 4 places of earlier editions lead to it\.$/).waitFor();
    await publisher.text(/^5 of 6 files are as they were/).waitFor();
    await publisher.heading('The link').waitFor();
    await publisher.inspect('updated');
    await publisher.button('Show it in the library').click();
    await page
      .getByRole('grid', { name: 'Published' })
      .getByRole('row', { name: /edition 2/ })
      .waitFor();
    publisher.assertQuiet('updated');
  });

  it('is what the old link shows on another machine, which says so and gives the newest link', async () => {
    const reader = await stage.open('b');
    reader.expect(/Blocked script execution/, /violates the following Content Security Policy directive/);
    await openByField(reader, link);
    await reader.text('This link was made for edition 1; you see edition 2, the newest.').waitFor();
    await reader.inspect('an older link', 'iframe');
    await reader.button('Copy the newest link').click();
    await reader.text('The link is copied').waitFor();
    const newest = await reader.clipboard();
    const [entry] = await stage.daemon('a').client.call('library.list', null);
    assert.equal(newest, entry!.link);
    assert.notEqual(newest, link);
    // An open tab stays as it is; what comes after begins anew.
    await reader.button('Close The keeper’s log').click();
    await reader.page.locator('ul[aria-label="Open publications"]').waitFor({ state: 'detached' });
    await reader.close();
  });

  it('is deleted with its password, and its first link says so elsewhere', async () => {
    const { page } = publisher;
    await publisher.button('Delete…').click();
    const dialog = page.getByRole('dialog', { name: 'Delete it from the network?' });
    await dialog.getByText('Best effort: who has a copy has a copy.').waitFor();
    await publisher.inspect('asking before a deletion');
    await dialog.getByLabel('Its password').fill(password);
    await page.keyboard.press('Enter');
    await publisher.text('8 of 8 places').waitFor();
    await publisher.text(/^Deleted at /).waitFor();
    publisher.assertQuiet('deleted');
    await publisher.button('Show it in the library').click();
    await publisher.text(/^Deleted by its publisher on /).waitFor();
    await publisher.inspect('a deleted publication in the library');

    const reader = await stage.open('b');
    await reader.field.fill(link);
    await reader.field.press('Enter');
    await reader.heading('Deleted by its publisher').waitFor();
    reader.assertQuiet('the old link of what was deleted');
    await reader.close();
    await publisher.close();
  });
});
