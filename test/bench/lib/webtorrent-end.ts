/**
 * WebTorrent (npm) as one end of `npm run bench -- transfers`: what it is measured beside. It is no dependency of the program: it lies
 * in build/webtorrent, pinned by its own lock file, and is installed there by the benchmark alone, without install scripts. So it is
 * WebTorrent over TCP: its WebRTC and its uTP are native modules that an install script would fetch.
 */
import { existsSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { projectRoot } from '../../support/project-root.ts';
import { BenchEnd, serveEnd } from './bench-end.ts';
import type { Loaded } from './broadside-end.ts';

const SCRIPT = fileURLToPath(import.meta.url);
const HOME = join(projectRoot, 'build', 'webtorrent');
const ENTRY = join(HOME, 'node_modules', 'webtorrent', 'index.js');
/** What stands for the modules that are missing: WebTorrent asks them whether they work here. */
const STAND_INS: Readonly<Record<string, string>> = {
  '@thaunknown/simple-peer/lite.js': 'export default class Peer { static WEBRTC_SUPPORT = false }',
  './utp.cjs': 'export default {}',
};

/** The few of its doings that are used here. */
interface Torrent {
  readonly torrentFile: Uint8Array;
  readonly done: boolean;
  addPeer(address: string): boolean;
  on(event: 'infoHash' | 'done', listener: () => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
}
interface Client {
  readonly torrentPort: number;
  readonly listening: boolean;
  seed(path: string, options: object, listener: (torrent: Torrent) => void): Torrent;
  add(torrent: Uint8Array, options: object): Torrent;
  on(event: 'listening', listener: () => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  destroy(listener: () => void): void;
}

interface Seeding {
  readonly torrent: string;
  readonly port: number;
}

type Question =
  | { readonly do: 'seed'; readonly path: string }
  | { readonly do: 'load'; readonly torrent: string; readonly peers: readonly string[]; readonly directory: string };

/** Installs it when it is not there; its version, or `problem`: why it cannot be had. */
export async function ensureWebTorrent(): Promise<{ readonly version: string } | { readonly problem: string }> {
  const manifest = join(HOME, 'node_modules', 'webtorrent', 'package.json');
  if (!existsSync(manifest)) {
    process.stderr.write('broadside: fetching WebTorrent for this benchmark alone (build/webtorrent)\n');
    const { installIn } = (await import(pathToFileURL(join(projectRoot, 'build', 'bootstrap', 'npm.mjs')).href)) as {
      installIn(directory: string): Promise<void>;
    };
    try {
      await installIn(HOME);
    } catch (thrown) {
      return { problem: thrown instanceof Error ? thrown.message : String(thrown) };
    }
  }
  return { version: (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version };
}

/** The parent's side. */
export class WebTorrentEnd {
  readonly #end: BenchEnd;

  constructor(namespace?: string) {
    this.#end = new BenchEnd(SCRIPT, namespace);
  }

  seed(path: string): Promise<Seeding> {
    return this.#ask({ do: 'seed', path });
  }

  load(torrent: string, peers: readonly string[], directory: string): Promise<Omit<Loaded, 'path'>> {
    return this.#ask({ do: 'load', torrent, peers, directory });
  }

  stop(): Promise<void> {
    return this.#end.stop();
  }

  #ask<Value>(question: Question): Promise<Value> {
    return this.#end.ask<Value>(question);
  }
}

let client: Client | undefined;

async function makeClient(): Promise<Client> {
  registerHooks({
    resolve: (specifier, context, next) => {
      const standIn = STAND_INS[specifier];
      return standIn === undefined
        ? next(specifier, context)
        : { url: `data:text/javascript,${standIn}`, shortCircuit: true };
    },
  });
  const { default: WebTorrent } = (await import(pathToFileURL(ENTRY).href)) as {
    default: new (options: object) => Client;
  };
  // Nothing but the transfer itself: peers are named, and nobody else is asked for any.
  const options = { dht: false, tracker: false, lsd: false, utPex: false, natUpnp: false, natPmp: false, utp: false };
  return new WebTorrent(options);
}

async function answer(question: Question): Promise<unknown> {
  client ??= await makeClient();
  const made = client;
  return new Promise((resolve, reject) => {
    made.on('error', reject);
    if (question.do === 'seed') {
      made.seed(question.path, { announceList: [] }, ({ torrentFile }) => {
        const tell = (): void =>
          resolve({ torrent: Buffer.from(torrentFile).toString('base64'), port: made.torrentPort });
        if (made.listening) tell();
        else made.on('listening', tell);
      });
      return;
    }
    const startedMs = performance.now();
    const before = process.cpuUsage();
    const torrent = made.add(Buffer.from(question.torrent, 'base64'), { path: question.directory, announce: [] });
    torrent.on('error', reject);
    torrent.on('done', () => {
      const { user, system } = process.cpuUsage(before);
      resolve({ seconds: (performance.now() - startedMs) / 1_000, processorSeconds: (user + system) / 1e6 });
    });
    torrent.on('infoHash', () => {
      for (const peer of question.peers) torrent.addPeer(peer);
    });
  });
}

serveEnd<Question>(
  SCRIPT,
  answer,
  () => new Promise((resolve) => (client === undefined ? resolve() : client.destroy(resolve))),
);
