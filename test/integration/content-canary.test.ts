/**
 * Hostile content in a real browser: whatever a page tries, no connection reaches a server that listens for it, no script
 * runs, and the frame stays where it is. The canary counts connections, not only requests: a preconnect sends none.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, Frame, Page } from 'playwright-core';
import { launchChromium } from '../support/chromium.ts';
import { TOKEN, headless } from '../support/headless.ts';
import { servedPublication } from '../support/served-publication.ts';
import type { PublicationOrigin } from '../../src-main/host/open-origins.ts';

const CONTENT = 'c'.repeat(52);
const VIEWER = 'v'.repeat(52);

let canary: Server;
let canaryPort: number;
let arrivals: string[] = [];
let browser: Browser;
let directory: string;

before(async () => {
  canary = createServer((socket) => {
    arrivals.push('a connection');
    socket.on('data', (bytes) => {
      arrivals.push(bytes.toString('latin1').split('\r\n', 1)[0]!);
      socket.end('HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    });
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
  canaryPort = (canary.address() as AddressInfo).port;
  browser = await launchChromium();
  directory = mkdtempSync(join(tmpdir(), 'broadside-canary-'));
  writeFileSync(
    join(directory, 'index.html'),
    '<!doctype html><title>App</title><body><iframe id="content" sandbox="allow-same-origin" style="width:900px;height:600px"></iframe>',
  );
});

after(async () => {
  await browser?.close();
  canary?.close();
  if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
});

/** Shows a publication in the app's frame, lets `act` do what a reader does, and gives it back for looking at. */
async function show(
  publication: PublicationOrigin['publication'],
  path: string,
  act: (frame: Frame, page: Page) => Promise<void>,
  attributes: 'sandboxed' | 'bare' = 'sandboxed',
): Promise<void> {
  const server = await headless({
    rendererDirectory: directory,
    origins: {
      [CONTENT]: { kind: 'content', publication, viewerLabel: VIEWER },
      [VIEWER]: { kind: 'viewer', publication, viewerLabel: VIEWER },
    },
  });
  const context = await browser.newContext();
  try {
    arrivals = [];
    const page = await context.newPage();
    await page.goto(server.url.replace(`#token=${TOKEN}`, ''));
    if (attributes === 'bare')
      await page.evaluate(() => document.getElementById('content')!.removeAttribute('sandbox'));
    const loaded = page.waitForEvent('framenavigated', (frame) => frame.parentFrame() !== null);
    await page.evaluate((url) => {
      (document.getElementById('content') as HTMLIFrameElement).src = url;
    }, `http://${CONTENT}.localhost:${server.port}${path}`);
    const frame = await loaded;
    await frame.waitForLoadState('load');
    await act(frame, page);
  } finally {
    await context.close();
    await server.stop();
  }
}

/** Connects to the canary from here, so that whatever the browser began before it has arrived before it. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
  // A connection that a navigation or a hint begins has no event in the page that could be awaited; 300 ms is
  // many times what loopback needs (the control below shows that the canary sees each of them within it).
  await new Promise((resolve) => setTimeout(resolve, 300));
}

function hostile(canaryAt: string): string {
  return `<!doctype html><html><head>
<meta http-equiv="refresh" content="0;url=${canaryAt}/refresh">
<META HTTP-EQUIV='refresh' CONTENT='0;url=${canaryAt}/refresh2'>
<meta http-equiv="x-dns-prefetch-control" content="on">
<base href="${canaryAt}/base/">
<link rel="preconnect" href="${canaryAt}/">
<LINK REL=preconnect HREF=${canaryAt}/a>
<link rel="pre&#99;onnect" href="${canaryAt}/b">
<link href=a/title=" rel=preconnect href=${canaryAt}/c ">
<link rel="stylesheet preconnect" href="${canaryAt}/d">
<link/rel=preconnect/href=${canaryAt}/e>
<link rel="dns-prefetch" href="${canaryAt}/"><link rel="prefetch" href="${canaryAt}/prefetch">
<link rel="preload" as="image" href="${canaryAt}/preload"><link rel="modulepreload" href="${canaryAt}/modulepreload">
<link rel="stylesheet" href="${canaryAt}/style.css"><link rel="icon" href="${canaryAt}/icon">
<link rel="manifest" href="${canaryAt}/manifest"><link rel="prerender" href="${canaryAt}/prerender">
<style>@import "${canaryAt}/import.css"; @font-face{font-family:x;src:url(${canaryAt}/font.woff2)}
body{font-family:x;background:url(${canaryAt}/background)} a::before{content:url(${canaryAt}/content)}</style>
<script>top.postMessage('ran','*');document.documentElement.dataset.ran='inline';fetch('${canaryAt}/fetch')</script>
<script src="${canaryAt}/script.js"></script><script src="/own.js"></script>
<script type="speculationrules">{"prefetch":[{"source":"list","urls":["${canaryAt}/speculation"]}]}</script>
</head><body background="${canaryAt}/body" onload="document.documentElement.dataset.ran='onload'">
<p>text in a foreign font</p>
<img src="${canaryAt}/img" onerror="document.documentElement.dataset.ran='onerror'" srcset="${canaryAt}/srcset 2x" attributionsrc="${canaryAt}/attribution">
<picture><source srcset="${canaryAt}/source"><img src="data:,"></picture>
<video src="${canaryAt}/video" poster="${canaryAt}/poster" autoplay></video><audio src="${canaryAt}/audio" autoplay></audio>
<object data="${canaryAt}/object"></object><embed src="${canaryAt}/embed">
<iframe src="${canaryAt}/iframe"></iframe>
<iframe srcdoc="&lt;link rel=preconnect href=${canaryAt}/srcdoc&gt;&lt;img src=${canaryAt}/srcdoc2&gt;"></iframe>
<svg><image href="${canaryAt}/svgimage"/><use href="${canaryAt}/use#x"/><script>document.documentElement.dataset.ran='svg'</script></svg>
<math><mtext><link rel=preconnect href="${canaryAt}/math"></mtext></math>
<form action="${canaryAt}/form" id="form"><input name="a" value="b"><button id="submit">Submit</button></form>
<input type="image" src="${canaryAt}/inputimage">
<p><a id="away" href="${canaryAt}/away" ping="${canaryAt}/ping">away</a>
<a id="top" target="_top" href="${canaryAt}/top">top</a> <a id="blank" target="_blank" href="${canaryAt}/blank">blank</a>
<a id="script" href="javascript:document.documentElement.dataset.ran='link'">script</a>
<a id="download" download href="${canaryAt}/download">download</a></p>
<table background="${canaryAt}/table"><tr><td>cell</td></tr></table>
</body></html>`;
}

describe('hostile content in Chromium', () => {
  it('control: the canary sees what a page without our headers does', async () => {
    const context = await browser.newContext();
    try {
      const page = await context.newPage();
      const plain = createHttpServer((_, response) => {
        response.setHeader('content-type', 'text/html');
        response.end(
          `<link rel="preconnect" href="http://127.0.0.1:${canaryPort}/"><img src="http://127.0.0.1:${canaryPort}/img">`,
        );
      });
      await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
      arrivals = [];
      await page.goto(`http://127.0.0.1:${(plain.address() as AddressInfo).port}/`);
      await settled(page);
      plain.closeAllConnections();
      plain.close();
      assert.ok(
        arrivals.some((line) => line.startsWith('GET /img')),
        'the picture was asked for',
      );
      assert.ok(arrivals.length > 1);
    } finally {
      await context.close();
    }
  });

  for (const attributes of ['sandboxed', 'bare'] as const) {
    it(`HTML reaches nobody and runs nothing, nor do clicks on what it offers (frame ${attributes})`, async () => {
      const at = `http://127.0.0.1:${canaryPort}`;
      const publication = servedPublication(
        {
          'index.html': { type: 'text/html', body: hostile(at) },
          'own.js': { type: 'text/javascript', body: "document.documentElement.dataset.ran='own script'" },
        },
        { shape: 'site', index: 'index.html' },
      );
      await show(
        publication,
        '/',
        async (frame, page) => {
          await settled(page);
          const url = frame.url();
          assert.deepEqual(arrivals, []);
          assert.equal(await frame.locator('p').first().textContent(), 'text in a foreign font');
          for (const id of ['submit', 'away', 'top', 'blank', 'script', 'download']) {
            for (const modifiers of [[], ['Control'], ['Shift']] as ('Control' | 'Shift')[][]) {
              if (frame.url() !== url || frame.isDetached()) break;
              await frame
                .locator(`#${id}`)
                .click({ modifiers, noWaitAfter: true, timeout: 3000 })
                .catch((error: unknown) => {
                  // The frame may show the browser's own page about a refused address by now: that is the refusal.
                  if (!String(error).includes('Timeout')) throw error;
                });
              await settled(page);
              assert.deepEqual(arrivals, [], `a click on ${id} ${modifiers.join()}`);
            }
            const current = page.frames().find((one) => one.parentFrame() !== null)!;
            if (current.url() !== url) {
              await page.evaluate((back) => {
                (document.getElementById('content') as HTMLIFrameElement).src = back;
              }, url);
              await current.waitForURL(url);
            }
            assert.equal(await current.evaluate(() => document.documentElement.dataset['ran']), undefined);
          }
          assert.ok(page.url().startsWith('http://127.0.0.1:'), 'the app is still there');
          assert.equal(new URL(page.url()).port, new URL(url).port);
        },
        attributes,
      );
    });
  }
});
