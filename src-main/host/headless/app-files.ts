/** The built interface, served from a list of its files that was made at the start: no path of a request reaches the disk. */
import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

export interface AppFile {
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

export interface AppFiles {
  /** `path` as in the request's target, without query. Undefined: there is none. */
  get(path: string, acceptsGzip: boolean): Promise<AppFile | undefined>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
};
/** What gets smaller; fonts and pictures are packed already. */
const PACKS = new Set(['.html', '.js', '.mjs', '.css', '.svg', '.json', '.webmanifest', '.txt']);
/** Vite's names end in a hash of the contents: such a file never changes. */
const HASHED = /^\/assets\/.*-[\w-]{8,}\.[a-z0-9]+$/;
/** A build has some hundred files (fonts by range of letters among them); more is not a build of ours. A guess. */
const MAX_FILES = 5000;

const pack = promisify(gzip);

export function listAppFiles(directory: string): AppFiles {
  let files = list(directory);
  const packed = new Map<string, Promise<Uint8Array>>();
  const read = new Map<string, Promise<Uint8Array>>();
  return {
    async get(path, acceptsGzip) {
      const name = path === '/' ? '/index.html' : path;
      // A checkout that was built while the daemon runs.
      if (files.size === 0) files = list(directory);
      const file = files.get(name);
      if (file === undefined) return undefined;
      let body = read.get(name);
      if (body === undefined) {
        body = readFile(file).then((contents) => new Uint8Array(contents));
        read.set(name, body);
        body.catch(() => read.delete(name));
      }
      const extension = extname(name);
      const headers: Record<string, string> = {
        'content-type': TYPES[extension] ?? 'application/octet-stream',
        'cache-control': HASHED.test(name) ? 'public, max-age=31536000, immutable' : 'no-cache',
        etag: `"${createHash('sha256')
          .update(await body)
          .digest('base64url')
          .slice(0, 22)}"`,
      };
      if (!PACKS.has(extension)) return { body: await body, headers };
      headers['vary'] = 'accept-encoding';
      if (!acceptsGzip) return { body: await body, headers };
      let small = packed.get(name);
      if (small === undefined) {
        small = body.then((contents) => pack(contents, { level: 9 })).then((contents) => new Uint8Array(contents));
        packed.set(name, small);
        small.catch(() => packed.delete(name));
      }
      return { body: await small, headers: { ...headers, 'content-encoding': 'gzip' } };
    },
  };
}

function list(directory: string): Map<string, string> {
  const files = new Map<string, string>();
  const walk = (relative: string): void => {
    let names: string[];
    try {
      names = readdirSync(join(directory, relative));
    } catch {
      return;
    }
    for (const name of names) {
      if (files.size >= MAX_FILES) return;
      const path = `${relative}/${name}`;
      const stats = statSync(join(directory, path), { throwIfNoEntry: false });
      if (stats?.isDirectory() === true) walk(path);
      else if (stats?.isFile() === true) files.set(path, join(directory, path));
    }
  };
  walk('');
  return files;
}
