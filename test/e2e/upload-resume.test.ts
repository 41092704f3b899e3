/**
 * Files on their way from a browser to its node, where either of them goes away in between: the page, the daemon's server and the
 * staging area are real, the node behind them is a stand-in.
 */
import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { STAGED_PART_BYTES } from '../../shared/base/staged-parts.ts';
import { GIB } from '../../shared/base/units.ts';
import type { HeadlessServer } from '../../src-main/host/headless/server.ts';
import { Staging } from '../../src-main/services/staging/staging.ts';
import { survey } from '../../src-main/services/survey/survey.ts';
import { launchChromium } from '../support/chromium.ts';
import { DemoNode } from '../support/demo-contract.ts';
import { noDemoStage } from '../support/demo-stage.ts';
import { headless, PROJECT_ROOT } from '../support/headless.ts';
import { PAGE_TIMEOUT_MS } from '../support/page.ts';

const PARTS = 5;
const random = {
  bytes: (length: number) => new Uint8Array(randomBytes(length)),
  below: (bound: number) => randomInt(bound),
};

/** A node that may go away and come back on its port, and takes so many bytes of a file before it stands still. */
class Node {
  readonly directory = join(mkdtempSync(join(tmpdir(), 'broadside-upload-')), 'staging');
  /** Bytes that came over HTTP, in all. */
  received = 0;
  /** So many more are taken; then nothing is, until there is another number. */
  mayTake = Number.POSITIVE_INFINITY;
  #stood = Promise.withResolvers<void>();
  #server: HeadlessServer | undefined;
  #staging: Staging | undefined;
  readonly #demo = new DemoNode();

  get url(): string {
    return this.#server!.url;
  }

  get staging(): Staging {
    return this.#staging!;
  }

  /** Resolves when it has taken all that it may. */
  stands(): Promise<void> {
    return this.#stood.promise;
  }

  allow(bytes: number): void {
    this.mayTake = bytes;
    this.#stood = Promise.withResolvers();
  }

  async start(port = 0): Promise<void> {
    const staging = await Staging.open({
      directory: this.directory,
      random,
      keeps: { now: Date.now },
      freeBytes: async () => GIB * 100,
    });
    this.#staging = staging;
    const demo = this.#demo;
    this.#server = await headless({
      port,
      rendererDirectory: join(PROJECT_ROOT, 'out', 'renderer'),
      contract: {
        handlers: {
          ...demo.handlers,
          'publish.stage': (wish) => staging.stage(wish!.chosen),
          'publish.staged': async ({ staging: id, path, from }) => {
            const { digests, ...rest } = await staging.parts(id, path, from);
            return { ...rest, digests: [...digests] };
          },
          'publish.discard': async ({ staging: id }) => staging.discard(id).then(() => null),
          'publish.survey': async ({ source }) => {
            assert.ok(source.kind === 'staged');
            const { path, name } = staging.root(source.staging);
            const found = await survey(path, { name });
            return {
              ...{ title: found.title, shape: found.shape, fileCount: found.files.length, sizeBytes: found.sizeBytes },
              files: found.files.map((file) => ({ path: file.path, type: file.type, sizeBytes: file.sizeBytes })),
              ...{ refused: [], networkBytes: found.sizeBytes, segments: [] },
            };
          },
        },
        on: (name, listener) => demo.on(name, listener),
      },
      receive: (id, path, body, options) => staging.receive(id, path, this.#measured(body), options),
    });
  }

  /** The port that it had. */
  async stop(): Promise<number> {
    const { port } = this.#server!;
    await this.#server!.stop();
    await this.#staging!.close();
    return port;
  }

  async *#measured(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      const taken = chunk.subarray(0, this.mayTake);
      this.mayTake -= taken.length;
      this.received += taken.length;
      if (taken.length > 0) yield taken;
      if (taken.length === chunk.length) continue;
      this.#stood.resolve();
      // The connection ends it.
      await new Promise(() => undefined);
    }
  }
}

let browser: Browser;
let folder: string;
let node: Node;
let page: Page;

before(async () => {
  if (noDemoStage !== false) return;
  browser = await launchChromium();
  folder = mkdtempSync(join(tmpdir(), 'broadside-chosen-'));
});
after(async () => {
  await browser?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  if (noDemoStage !== false) return;
  node = new Node();
  await node.start();
  page = await browser.newPage({ locale: 'en-GB' });
  page.setDefaultTimeout(PAGE_TIMEOUT_MS);
  page.on('dialog', (dialog) => void dialog.accept());
  await page.goto(node.url);
  await page.evaluate(() => void (location.hash = '#/publish'));
  await page.getByText('Nothing chosen yet').waitFor();
});
afterEach(async () => {
  if (noDemoStage !== false) return;
  await page.close();
  await node.stop();
  rmSync(join(node.directory, '..'), { recursive: true, force: true });
});

const WHEN = new Date('2026-03-01T10:00:00Z');
/** A file of this machine, last written at a time that is told. */
function chosen(name: string, content: Uint8Array, when = WHEN): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  utimesSync(path, when, when);
  return path;
}
const choose = (...paths: string[]): Promise<void> =>
  page.locator('input[type=file]:not([webkitdirectory])').first().setInputFiles(paths);
const composed = (): Promise<void> => page.getByText('How long it should last').waitFor();
/** What the only area holds, as it would be published. */
async function stagedBytes(): Promise<Buffer> {
  const [id, ...others] = await readdir(node.directory);
  assert.deepEqual(others, []);
  return readFileSync(node.staging.root(id!).path);
}

describe('uploads that break off', { skip: noDemoStage, timeout: 180_000 }, () => {
  it('go on by themselves when the node is back, from the part that is there', async () => {
    const content = randomBytes(PARTS * STAGED_PART_BYTES + 5);
    node.allow(2 * STAGED_PART_BYTES + 1000);
    await choose(chosen('lamp.bin', content));
    await node.stands();
    const port = await node.stop();
    await page.getByText('The node does not answer. It goes on by itself when it does.').waitFor();
    node.allow(Number.POSITIVE_INFINITY);
    await node.start(port);
    await composed();
    assert.equal(node.received, content.length + 1000, 'only what was no whole part is sent again');
    assert.ok((await stagedBytes()).equals(content));
  });

  it('go on when the same is chosen again after the page was loaded anew; what is cancelled leaves nothing', async () => {
    const content = randomBytes(PARTS * STAGED_PART_BYTES);
    const path = chosen('lamp.bin', content);
    node.allow(3 * STAGED_PART_BYTES + 7);
    await choose(path);
    await node.stands();
    node.allow(100);
    await page.reload();
    await choose(path);
    await node.stands();
    await page.getByText('25.2 MB were here already and are the same.').waitFor();
    node.allow(Number.POSITIVE_INFINITY);
    await page.reload();
    await choose(path);
    await composed();
    assert.equal(node.received, content.length + 7 + 100);
    assert.ok((await stagedBytes()).equals(content));

    const other = chosen('other.bin', randomBytes(STAGED_PART_BYTES));
    await page.getByRole('button', { name: 'Start over' }).click();
    await page.getByText('Nothing chosen yet').waitFor();
    node.allow(1000);
    await choose(other);
    await node.stands();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Nothing chosen yet').waitFor();
    await until(async () => (await readdir(node.directory)).length === 0);
  });

  it('are compared by what was sent: a file of the same name, size and time that differs is sent from where it does', async () => {
    const content = randomBytes(PARTS * STAGED_PART_BYTES);
    node.allow(3 * STAGED_PART_BYTES);
    await choose(chosen('lamp.bin', content));
    await node.stands();
    await page.reload();
    const changed = Buffer.from(content);
    changed[STAGED_PART_BYTES + 3]! ^= 1;
    node.allow(Number.POSITIVE_INFINITY);
    const before = node.received;
    await choose(chosen('lamp.bin', changed));
    await composed();
    assert.equal(node.received - before, (PARTS - 1) * STAGED_PART_BYTES);
    assert.ok((await stagedBytes()).equals(changed));
    // All of it is there now: what differs takes its place, and is sent whole.
    await page.reload();
    await choose(chosen('lamp.bin', content));
    await composed();
    assert.equal(node.received - before, (2 * PARTS - 1) * STAGED_PART_BYTES);
    assert.ok((await stagedBytes()).equals(content));
    // And what was written at another time is another choice.
    await page.reload();
    await choose(chosen('lamp.bin', changed, new Date('2026-03-02T10:00:00Z')));
    await composed();
    assert.equal((await readdir(node.directory)).length, 2);
  });
});

/** Looks again with each turn that the page takes. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await page.evaluate(() => new Promise(requestAnimationFrame));
}
