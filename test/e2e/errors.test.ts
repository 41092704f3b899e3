/** What went wrong is said where it went wrong, with what to do; and what was away is noticed when it is back. */
import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { Route } from 'playwright-core';
import { explainLinkProblem, formatLink, parseLink } from '../../shared/base/links.ts';
import { startStage, untilLinked } from './stage.ts';
import type { Stage } from './stage.ts';

let stage: Stage;
before(async () => {
  stage = await startStage('c');
});
after(() => stage?.stop());

/** A link that is right in itself and leads to nothing. */
const linkToNothing = (): string =>
  formatLink({
    class: 3,
    k: 2,
    n: 4,
    documentKey: Buffer.from(generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x!, 'base64url'),
    readSecret: randomBytes(16),
    namesDigest: randomBytes(16),
    path: '',
  });

describe('errors', { timeout: 180_000 }, () => {
  it('a bad link: its sentence under the field, and nothing is opened', async () => {
    const window = await stage.open('c');
    const good = linkToNothing();
    const mistyped = good
      .replace(/.$/, (letter) => (letter === 'a' ? 'e' : 'a'))
      .replace(/:(.)/, (_, letter) => `:${letter === 'b' ? 'c' : 'b'}`);
    for (const text of ['broadside:abc', 'broadside:', mistyped, `${good}zz`]) {
      const parsed = parseLink(text);
      const problem = parsed.ok ? assert.fail(`${text} is a good link`) : parsed.code;
      await window.field.fill(text);
      await window.field.press('Enter');
      await window.page.getByRole('alert').getByText(explainLinkProblem(problem, text), { exact: true }).waitFor();
      assert.equal(await window.field.getAttribute('aria-invalid'), 'true');
    }
    await window.inspect('a bad link');
    assert.deepEqual(await stage.daemon('c').client.call('jobs.list', null), []);
    await window.field.fill('words to look for');
    await window.field.press('Enter');
    await window.heading(/^(Nothing found|0 found|No hub)/).waitFor();
    await window.inspect('search');
    await window.close();
  });

  it('a part of the window that does not come: what to do, and it comes when the window is loaded again', async () => {
    const window = await stage.open('c');
    const { page } = window;
    window.expect(/ERR_FAILED/);
    const refuse = (route: Route): Promise<void> => route.abort();
    await page.route('**/assets/about-*.js', refuse);
    await page.evaluate(() => void (location.hash = '#/about'));
    await page.reload();
    await window.heading('This part of the window did not come').waitFor();
    await window.inspect('a view that did not come');
    await page.unroute('**/assets/about-*.js', refuse);
    await window.button('Load again').click();
    await window.heading('About').waitFor();
    await window.close();
  });

  it('not found: what happened, what to do, and to try again', async () => {
    const window = await stage.open('c');
    const { client } = stage.daemon('c');
    await window.field.fill(linkToNothing());
    await window.field.press('Enter');
    await window.heading('Not found').waitFor();
    await window.text('Perhaps nobody keeps it any more').waitFor();
    await window.inspect('not found');
    const [first] = await client.call('jobs.list', null);
    const dismissed = new Promise<void>((resolve) => {
      const stop = client.on('jobGone', ({ job }) => {
        if (job !== first!.id) return;
        stop();
        resolve();
      });
    });
    await window.button('Try again').click();
    await window.page.waitForFunction((id) => !location.hash.endsWith(id), first!.id);
    await dismissed;
    await window.heading('Not found').waitFor();
    const jobs = await client.call('jobs.list', null);
    assert.equal(jobs.length, 1);
    assert.notEqual(jobs[0]!.id, first!.id);
    await window.button('Close').click();
    await window.page.locator('ul[aria-label="Open publications"]').waitFor({ state: 'detached' });
    window.assertQuiet('closed');
    await window.close();
  });

  it('a silent network: for what it waits, and it can be stopped', async () => {
    const window = await stage.open('c');
    const goOn = stage.pause(stage.practice.nodes.length);
    await window.field.fill(linkToNothing());
    await window.field.press('Enter');
    await window.heading('Looking for its shares').waitFor();
    await window.text(/Shares? [\d, and]+ (is|are) being waited for/).waitFor();
    await window.inspect('looking for its shares');
    await window.button('Stop').click();
    await window.heading('Stopped').waitFor();
    goOn();
    await window.inspect('stopped');
    await window.close();
  });

  it('no neighbours: a bar says so, and goes when there is one again', async () => {
    const window = await stage.open('c');
    for (const { pid } of stage.practice.nodes) process.kill(pid, 'SIGTERM');
    await window.text('No neighbours.').waitFor();
    await window.inspect('no neighbours');
    const another = await stage.practice.startDaemon('d');
    await untilLinked(another.client, 1);
    await window.text('No neighbours.').waitFor({ state: 'detached' });
    window.assertQuiet('neighbours again');
    await window.close();
  });

  it('the node is stopped: a bar says so; one with a new token shuts the page out; its address brings it back', async () => {
    const window = await stage.open('c');
    await window.section('Library');
    await window.heading('Nothing published yet').waitFor();
    window.expect(/ERR_CONNECTION_(REFUSED|RESET)/, /WebSocket connection to .* failed/);
    const { url } = stage.daemon('c');
    await stage.daemon('c').stop();
    await window.text('The node does not answer.').waitFor();
    await window.heading('Nothing published yet').waitFor();
    await window.inspect('the node is stopped');

    const again = await stage.practice.startDaemon('c', ['--port', url.port, '--new-token']);
    assert.equal(again.url.port, url.port);
    await window.heading('The token is not the right one').waitFor();
    await window.inspect('the token is not the right one');
    await window.page.goto(again.url.href);
    await window.heading('This node').waitFor();
    await window.page.getByText('The node does not answer.').waitFor({ state: 'detached' });
    await window.inspect('back again');
    await window.close();
  });
});
