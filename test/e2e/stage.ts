/** A practice network, daemons on it that have found neighbours, a browser, and things to publish. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import type { PublicationClass, PublishJob } from '../../shared/ipc/model.ts';
import type { ContractClient } from '../../shared/ipc/rpc.ts';
import { writePng } from '../../src-main/host/cli/samples/tide-chart.ts';
import { launchBrowser, openWindow } from '../support/page.ts';
import type { AppWindow, WindowOptions } from '../support/page.ts';
import { jobEnd, startPractice } from '../support/practice.ts';
import type { Daemon, Practice } from '../support/practice.ts';
import { projectRoot } from '../support/project-root.ts';

/** As few storage nodes as still make paths of several steps. */
const NODES = 6;

export interface Stage {
  readonly practice: Practice;
  readonly browser: Browser;
  daemon(name: string): Daemon;
  /** One more daemon, which holds nothing of what was published before it came. */
  start(name: string): Promise<Daemon>;
  /** A window of the daemon of that name. */
  open(name: string, options?: WindowOptions): Promise<AppWindow>;
  /** Makes storage nodes silent without ending them; the answer lets them go on. */
  pause(count: number): () => void;
  /** Writes files, by path, into a directory of its own, and returns its path. */
  write(name: string, files: Readonly<Record<string, string | Uint8Array>>): string;
  stop(): Promise<void>;
}

export async function startStage(...names: string[]): Promise<Stage> {
  // The interface as its sources are now; the build is skipped when nothing changed.
  const { ensureBuilt } = await import(join(projectRoot, 'build/bootstrap/built.mjs'));
  await ensureBuilt(projectRoot, 'interface');
  const practice = await startPractice(NODES);
  let browser: Browser | undefined;
  try {
    const daemons = new Map<string, Daemon>();
    const daemon = (name: string): Daemon => daemons.get(name) ?? assert.fail(`there is no daemon ${name}`);
    const start = async (name: string): Promise<Daemon> => {
      const started = await practice.startDaemon(name);
      daemons.set(name, started);
      await untilLinked(started.client);
      return started;
    };
    await Promise.all(names.map(start));
    const launched = await launchBrowser();
    browser = launched;
    const paused = new Set<number>();
    const goOn = (): void => {
      for (const pid of paused) process.kill(pid, 'SIGCONT');
      paused.clear();
    };
    return {
      practice,
      browser: launched,
      daemon,
      start,
      open: (name, options) => openWindow(launched, daemon(name).url, options),
      pause(count) {
        for (const { pid } of practice.nodes.slice(0, count)) {
          process.kill(pid, 'SIGSTOP');
          paused.add(pid);
        }
        return goOn;
      },
      write(name, files) {
        const directory = join(practice.directory, 'to publish', name);
        for (const [path, contents] of Object.entries(files)) {
          mkdirSync(join(directory, path, '..'), { recursive: true });
          writeFileSync(join(directory, path), contents);
        }
        return directory;
      },
      async stop() {
        goOn();
        await launched.close();
        await practice.stop();
      },
    };
  } catch (thrown) {
    await browser?.close();
    await practice.stop();
    throw thrown;
  }
}

/** Resolves once the node has as many neighbours. */
export function untilLinked(client: ContractClient, links = 2): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (status: { readonly links: number }): void => {
      if (status.links < links) return;
      stopListening();
      resolve();
    };
    const stopListening = client.on('status', look);
    client.call('status.get', null).then(look, reject);
  });
}

/** Publishes a path through the contract, for stories that begin after it. */
export async function publishPath(
  { client }: Daemon,
  path: string,
  options: {
    readonly k?: number;
    readonly n?: number;
    readonly title?: string;
    readonly class?: PublicationClass;
  } = {},
): Promise<PublishJob & { link: string }> {
  const { k = 2, n = 4, class: publicationClass = 'fixed', title } = options;
  const { job } = await client.call('publish.start', {
    source: { kind: 'path', path },
    k,
    n,
    class: publicationClass,
    ...(title !== undefined && { title }),
  });
  const ended = await jobEnd(client, job, 'publish');
  assert.equal(ended.state, 'done', ended.error?.message);
  return ended as PublishJob & { link: string };
}

/** Opens a link by the field, as somebody does who was given it. */
export async function openByField(window: AppWindow, link: string): Promise<void> {
  await window.field.fill(link);
  await window.field.press('Enter');
  await window.content
    .locator('html')
    .waitFor({ state: 'attached' })
    .catch(async (error: unknown) => {
      throw new Error(`the window shows: ${await window.page.locator('body').innerText()}`, { cause: error });
    });
}

/** A picture to tell by its colours: orange above, green below. */
export const PICTURE = writePng(64, 48, (_, y) => (y < 24 ? [230, 120, 20] : [20, 140, 60]));

/** A small site that would do what it must not, were it let: its script would mark the page and ask elsewhere. */
export const SITE: Readonly<Record<string, string | Uint8Array>> = {
  'index.html': `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>The lamp keeper’s log</title>
<link rel="stylesheet" href="style.css"><script src="script.js"></script></head>
<body onload="document.documentElement.dataset.ran = 'handler'"><h1>The lamp keeper’s log</h1>
<img id="lamp" src="pictures/lamp.png" alt="Orange above, green below" width="64" height="48">
<p><a href="nights/first.html">The first night</a></p>
<script>document.documentElement.dataset.ran = 'inline'; fetch('http://127.0.0.1:9/');</script></body></html>`,
  'nights/first.html': `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>The first night</title>
<link rel="stylesheet" href="../style.css"></head><body><h1>The first night</h1><p><a href="../index.html">Back</a></p></body></html>`,
  'style.css': 'h1 { color: rgb(12, 34, 156); }',
  'script.js': "document.documentElement.dataset.ran = 'file';",
  'pictures/lamp.png': PICTURE,
  // Left out, with its reason.
  '.DS_Store': 'what a system writes for itself',
};

/** 440 Hz in 16-bit mono: RIFF WAVE, 44 bytes of header. `rate`: samples a second. */
export function makeTone(seconds = 0.5, rate = 8000): Uint8Array {
  const samples = rate * seconds;
  const file = Buffer.alloc(44 + samples * 2);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(file.length - 8, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(rate * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(samples * 2, 40);
  for (let index = 0; index < samples; index += 1) {
    file.writeInt16LE(Math.round(8000 * Math.sin((2 * Math.PI * 440 * index) / rate)), 44 + index * 2);
  }
  return new Uint8Array(file);
}
