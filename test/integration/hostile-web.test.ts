/**
 * Pages of other sites in the same Chromium against the daemon's server, with everything that a page can do: under a name of its own, by
 * rebinding it, from other ports of this machine, from a page that knows what nobody can guess. None reads anything, none is heard, and
 * none can tell by the answers that something listens at all.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, BrowserContext, Frame, Page } from 'playwright-core';
import type { HeadlessServer } from '../../src-main/host/headless/server.ts';
import { launchChromium } from '../support/chromium.ts';
import { headless, TOKEN } from '../support/headless.ts';
import { servedPublication } from '../support/served-publication.ts';
import { startDaemon } from '../support/spawn.ts';
import { leaveMarks, listenOn, openAsInterface, readMarks, tryEverything } from '../support/web-attacks.ts';

const [A, B, VIEWER_A, VIEWER_B, NOBODY] = ['a', 'b', 'c', 'd', 'e'].map((letter) => letter.repeat(52)) as [
  string,
  ...[string, string, string, string],
];
/** A page of the interface that hears every message and holds the token, as the interface does. */
const APP = `<!doctype html><title>App</title><script src="/assets/main-Abc_1234.js"></script><body>`;
const SCRIPT = `const heard = [];
window.heardOthers = heard;
addEventListener('message', (event) => heard.push(event.data));
sessionStorage.setItem('broadside.token', '${TOKEN}');`;

let directory: string;
let server: HeadlessServer;
let attacker: Server;
let attackerPort: number;
let closedPort: number;
let browser: Browser;
let context: BrowserContext;
/** Longer than any answer takes, on a busy machine too. */
const LATE_MS = 60_000;
/** Whatever came through: calls, files. */
const reached: string[] = [];

async function listening(made: Server): Promise<number> {
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  return (made.address() as AddressInfo).port;
}

before(async () => {
  directory = mkdtempSync(join(tmpdir(), 'broadside-web-'));
  mkdirSync(join(directory, 'assets'));
  writeFileSync(join(directory, 'index.html'), APP);
  writeFileSync(join(directory, 'assets', 'main-Abc_1234.js'), SCRIPT);
  const publication = (mark: string) =>
    servedPublication(
      { 'index.html': { type: 'text/html', body: `<p>${mark}</p>` } },
      { index: 'index.html', shape: 'site' },
    );
  const [ofA, ofB] = [publication('a secret of A'), publication('a secret of B')];
  server = await headless({
    rendererDirectory: directory,
    origins: {
      [A]: { kind: 'content', publication: ofA, viewerLabel: VIEWER_A },
      [VIEWER_A]: { kind: 'viewer', publication: ofA, viewerLabel: VIEWER_A },
      [B]: { kind: 'content', publication: ofB, viewerLabel: VIEWER_B },
      [VIEWER_B]: { kind: 'viewer', publication: ofB, viewerLabel: VIEWER_B },
    },
    contract: {
      handlers: new Proxy({}, { get: (_, name) => () => reached.push(`call ${String(name)}`) }) as never,
      on: (name) => {
        reached.push(`listens to ${name}`);
        return () => undefined;
      },
    },
    receive: async (staging) => {
      reached.push(`file for ${staging}`);
      return { sizeBytes: 0 };
    },
    onTold: () => undefined,
  });
  attacker = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end('<!doctype html><title>Elsewhere</title><body>');
  });
  attackerPort = await listening(attacker);
  const unused = createServer();
  closedPort = await listening(unused);
  await new Promise((resolve) => unused.close(resolve));
  // What DNS says of names under .example is the attacker's to choose, and to change.
  // And that a browser keeps the web from asking this machine (local network access) is not to be relied on here.
  browser = await launchChromium([
    '--host-resolver-rules=MAP *.example 127.0.0.1',
    `--ip-address-space-overrides=127.0.0.1:${server.port}=public`,
  ]);
  context = await browser.newContext();
});

after(async () => {
  await browser?.close();
  await server?.stop();
  attacker?.close();
  if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
});

async function pageAt(url: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url);
  reached.length = 0;
  return page;
}

const app = (): string => `http://127.0.0.1:${server.port}`;
const origin = (label: string, port = server.port): string => `http://${label}.localhost:${port}`;

/** What a page wants, with labels that it could not know. */
const targets = (port: number): string[] => [
  `http://127.0.0.1:${port}/`,
  `http://localhost:${port}/rpc`,
  `http://127.0.0.1:${port}/staging/x/a`,
  `http://127.0.0.1:${port}/assets/main-Abc_1234.js`,
  `${origin(A, port)}/index.html`,
  `${origin(VIEWER_A, port)}/viewer.js`,
  `${origin(NOBODY, port)}/`,
];

describe('a page of another site', () => {
  for (const [who, host] of [
    ['on the web', 'site.example'],
    ['at another port of this address', '127.0.0.1'],
    ['at another port of a name that content has', `${A}.localhost`],
  ] as const) {
    it(`${who} reads nothing, is not heard, and sees what it sees where nothing listens`, async () => {
      const page = await pageAt(`http://${host}:${attackerPort}/`);
      const nothing = targets(closedPort);
      const wanted = targets(server.port);
      const tried = await Promise.all(
        wanted.map((url, at) =>
          Promise.all(
            [url, nothing[at]!].map((each) => page.evaluate(tryEverything, { url: each, silentMs: LATE_MS })),
          ),
        ),
      );
      for (const [at, [found, where]] of tried.entries()) {
        const url = wanted[at]!;
        assert.deepEqual(found, where, url);
        for (const [way, how] of Object.entries(found!)) assert.doesNotMatch(how, /read [1-9]|open/, `${way}, ${url}`);
      }
      // With the token itself: its Origin is not the interface's.
      for (const name of ['127.0.0.1', 'localhost'])
        assert.equal(
          await page.evaluate(openAsInterface, { url: `ws://${name}:${server.port}/rpc`, token: TOKEN }),
          'closed',
        );
      assert.deepEqual(reached, []);
      await page.close();
    });
  }

  it('cannot show the interface, or content, in a frame of its own', async () => {
    const page = await pageAt(`http://site.example:${attackerPort}/`);
    for (const url of [`${app()}/`, `${origin(A)}/index.html`, `${origin(VIEWER_A)}/`]) {
      for (const sandbox of [undefined, 'allow-scripts', 'allow-scripts allow-same-origin allow-forms']) {
        const text = await page.evaluate(
          async ({ src, limits }) => {
            const frame = document.createElement('iframe');
            if (limits !== undefined) frame.setAttribute('sandbox', limits);
            frame.src = src;
            const loaded = new Promise((resolve) => frame.addEventListener('load', resolve));
            document.body.append(frame);
            await loaded;
            return frame.contentDocument?.body.textContent ?? 'another origin';
          },
          { src: url, limits: sandbox },
        );
        assert.equal(text, 'another origin');
        assert.doesNotMatch(page.frames().at(-1)!.url(), /^http/, `${url} ${sandbox ?? ''}`);
      }
    }
    await page.close();
  });

  it('has no hold of a window of the interface that it opens, and posts forms to nobody', async () => {
    const page = await pageAt(`http://site.example:${attackerPort}/`);
    const opening = context.waitForEvent('page');
    await page.evaluate((url) => {
      const opened = window.open(url, 'held')!;
      Object.assign(globalThis, { opened });
      // As the preload of the desktop app would say it, for as long as the window is there.
      const port = new MessageChannel().port1;
      setInterval(() => opened.postMessage({ broadside: 'port' }, '*'), 5);
      opened.postMessage({ broadside: 'port' }, '*', [port]);
    }, `${app()}/`);
    const opened = await opening;
    await opened.waitForLoadState('load');
    assert.equal(await opened.evaluate(() => window.opener), null);
    assert.equal(
      await page.evaluate(() => (globalThis as unknown as { opened: Window }).opened.closed),
      true,
      'for the page that opened it, it is gone',
    );
    // A name finds it no more, either.
    const second = context.waitForEvent('page');
    await page.evaluate(() => void window.open('about:blank', 'held'));
    await (await second).close();
    assert.equal(opened.url(), `${app()}/`);
    assert.deepEqual(await opened.evaluate(() => (window as unknown as { heardOthers: unknown[] }).heardOthers), []);
    await opened.close();

    for (const [method, action] of [
      ['post', `${app()}/staging/x/a`],
      ['post', `${app()}/rpc`],
      ['post', `${origin(A)}/index.html`],
    ] as const) {
      const posted = context.waitForEvent('page');
      const answered = context.waitForEvent('response', (response) => response.url() === action);
      await page.evaluate(
        ({ to, how }) => {
          const form = document.createElement('form');
          Object.assign(form, { method: how, action: to, enctype: 'text/plain', target: '_blank' });
          form.append(Object.assign(document.createElement('input'), { name: '{"t":"q"', value: '}' }));
          document.body.append(form);
          form.submit();
        },
        { to: action, how: method },
      );
      assert.ok([403, 405].includes((await answered).status()), action);
      await (await posted).close();
    }
    assert.deepEqual(reached, []);
    await page.close();
  });

  it('that made its own name lead here (DNS rebinding) is told nothing but no', async () => {
    const rebound = `http://rebound.example:${server.port}`;
    // The page itself came while its name led elsewhere.
    await context.route(`${rebound}/start`, (route) =>
      route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>Elsewhere</title><body>' }),
    );
    const page = await pageAt(`${rebound}/start`);
    for (const path of ['/', '/rpc', '/staging/x/a', '/index.html', '/assets/main-Abc_1234.js']) {
      const found = await page.evaluate(tryEverything, { url: rebound + path, silentMs: LATE_MS });
      for (const [way, how] of Object.entries(found))
        assert.doesNotMatch(how, /200|read [1-9]|^open|loadeddata|\[object/, `${way}, ${path}`);
      // Not even the browser is in the way here: it is the server that says no.
      assert.equal(found['fetch'], 'basic 403 read 0');
    }
    for (const url of [`ws://rebound.example:${server.port}/rpc`, `ws://127.0.0.1:${server.port}/rpc`])
      assert.equal(await page.evaluate(openAsInterface, { url, token: TOKEN }), 'closed', url);
    assert.deepEqual(reached, []);
    await page.close();
  });
});

describe('publications in the interface', () => {
  /** Frames of the interface, as it shows them but without its sandbox: the headers alone have to hold. */
  async function framed(labels: readonly string[]): Promise<{ page: Page; frames: readonly Frame[] }> {
    const page = await pageAt(`${app()}/`);
    const frames: Frame[] = [];
    for (const label of labels) {
      const shown = page.waitForEvent('framenavigated', (frame) => frame.url().startsWith(origin(label)));
      await page.evaluate(
        (src) => {
          document.body.append(Object.assign(document.createElement('iframe'), { src }));
        },
        `${origin(label)}/`,
      );
      frames.push(await shown);
    }
    for (const frame of frames) await frame.waitForLoadState('load');
    return { page, frames };
  }

  it('cannot read what another, the interface, or a site keeps, nor hear it', async () => {
    // In windows of their own, where browsers divide nothing further: what the one origin with a script keeps, and who else sees it.
    const viewer = await pageAt(`${origin(VIEWER_A)}/`);
    const again = await pageAt(`${origin(VIEWER_A)}/`);
    const others = [
      await pageAt(`${origin(VIEWER_B)}/`),
      await pageAt(`${app()}/`),
      await pageAt(`http://localhost:${server.port}/`),
      await pageAt(`http://${VIEWER_A}.localhost:${attackerPort}/`),
    ];
    await viewer.evaluate(leaveMarks, 'mark-of-a');
    for (const page of [...others, again]) await page.evaluate(listenOn, 'mark');
    await viewer.evaluate(() => new BroadcastChannel('mark').postMessage('mark-of-a'));
    // The same origin in a second window: the control, and the last to hear.
    await again.waitForFunction(() => (globalThis as unknown as { heard: unknown[] }).heard.length > 0);
    assert.match(await again.evaluate(readMarks), /mark-of-a/);
    for (const page of others) {
      const heard = await page.evaluate(() => (globalThis as unknown as { heard: unknown[] }).heard);
      assert.deepEqual(heard, [], page.url());
      // Cookies know no ports: a server of this machine at another port of the very name would see that of the name itself.
      const kept = await page.evaluate(readMarks);
      const isSameName = page.url().startsWith(`http://${VIEWER_A}.`);
      assert.doesNotMatch(isSameName ? kept.replace(/mark0=mark-of-a/, '') : kept, /mark/, page.url());
    }
    assert.ok(!(await again.evaluate(readMarks)).includes(TOKEN));
    for (const page of [viewer, again, ...others]) await page.close();
  });

  it('reach neither each other nor the interface, even from the one origin that has a script', async () => {
    const { page, frames } = await framed([VIEWER_A]);
    reached.length = 0;
    const wanted = [
      `${app()}/`,
      `http://localhost:${server.port}/rpc`,
      `${origin(B)}/index.html`,
      `${origin(VIEWER_B)}/viewer.js`,
    ];
    const found = await Promise.all(wanted.map((url) => frames[0]!.evaluate(tryEverything, { url, silentMs: 2_000 })));
    for (const [at, outcomes] of found.entries())
      for (const [way, how] of Object.entries(outcomes))
        assert.doesNotMatch(how, /200|read [1-9]|^open|loadeddata|\[object/, `${way}, ${wanted[at]}`);
    assert.equal(
      await frames[0]!.evaluate(openAsInterface, { url: `ws://127.0.0.1:${server.port}/rpc`, token: TOKEN }),
      'closed',
    );
    const inside = await frames[0]!.evaluate(() => {
      try {
        return String(window.parent.document.title);
      } catch (thrown) {
        return (thrown as Error).name;
      }
    });
    assert.equal(inside, 'SecurityError');
    assert.deepEqual(reached, []);
    await page.close();
  });

  it('leave no script behind that would run when they are opened again', async () => {
    const page = await pageAt(`${origin(VIEWER_A)}/`);
    for (const script of ['/viewer.js', '/pdf.worker.mjs']) {
      assert.equal(await page.evaluate(async (url) => (await fetch(url)).status, script), 200, 'it may be read');
      const kept = await page.evaluate(
        (url) =>
          navigator.serviceWorker.register(url).then(
            () => 'registered',
            ({ message }: Error) => message,
          ),
        script,
      );
      assert.match(kept, /403/, script);
    }
    await page.close();
  });
});

it('a daemon whose port another program has taken makes a new token: windows may have told that program the old one', async () => {
  const data = join(directory, 'data');
  const alone = ['--quiet', '--network', 'practice-web', '--bootstrap', '127.0.0.1:9'];
  const first = await startDaemon(data, alone);
  const [url, again] = [new URL(first.ready.url), createServer()];
  await first.stop();
  await new Promise<void>((resolve) => again.listen(Number(url.port), '127.0.0.1', resolve));
  const second = await startDaemon(data, alone);
  const moved = new URL(second.ready.url);
  await second.stop();
  await new Promise((resolve) => again.close(resolve));
  assert.notEqual(moved.port, url.port);
  assert.notEqual(moved.hash, url.hash);
  const third = await startDaemon(data, alone);
  assert.equal(third.ready.url, second.ready.url, 'where nobody has it, port and token stay');
  await third.stop();
});
