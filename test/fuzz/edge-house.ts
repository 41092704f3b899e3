/**
 * The daemon's server with three publications open, of which each byte says whose it is, and a record of whatever goes wrong behind
 * it: what the fuzzers of its edges ask, and look into afterwards.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServedPlay } from '../../src-main/host/content/answer.ts';
import type { ContractSource } from '../../src-main/host/headless/rpc-socket.ts';
import type { HeadlessServer } from '../../src-main/host/headless/server.ts';
import type { OpenOrigin } from '../../src-main/host/open-origins.ts';
import { BroadsideError } from '../../shared/base/errors.ts';
import { headless, TOKEN } from '../support/headless.ts';
import { servedPublication } from '../support/served-publication.ts';
import type { TableFile } from '../support/served-publication.ts';

/** One origin of the server: what may come from it, and from no other. */
export interface EdgeOrigin {
  readonly label: string;
  readonly kind: OpenOrigin['kind'];
  readonly paths: readonly string[];
  /** In every file that it serves; undefined where it serves nothing of a publication. */
  readonly mark: string | undefined;
}

export interface EdgeHouse {
  readonly port: number;
  readonly token: string;
  readonly origins: readonly EdgeOrigin[];
  /** All marks of publications, and what lies on the disk beside the interface. */
  readonly marks: readonly string[];
  readonly paths: readonly string[];
  /** What was reported as a defect, rejected without anybody listening, or thrown to nobody. */
  readonly defects: unknown[];
  stop(): Promise<void>;
}

/** On the disk, where no request may come to. */
const DISK_MARK = 'mark-of-the-disk';
const BIG_BYTES = 200_000;

function table(mark: string): Record<string, TableFile> {
  return {
    'index.html': {
      type: 'text/html',
      body: `<!doctype html><title>${mark}</title><p>${mark}<a href="b/two.html">two</a>`,
    },
    'b/two.html': { type: 'text/html', body: `<p>${mark}<img src="../c.svg"><script>alert('${mark}')</script>` },
    'c.svg': { type: 'image/svg+xml', body: `<svg xmlns="http://www.w3.org/2000/svg"><text>${mark}</text></svg>` },
    'd.css': { type: 'text/css', body: `.a::before{content:"${mark}"}` },
    'notes.md': { type: 'text/markdown', body: `# ${mark}\n\n[link](index.html)` },
    'a b/ä.txt': { type: 'text/plain', body: mark },
    'film.mp4': { type: 'video/mp4', body: mark.repeat(Math.ceil(BIG_BYTES / mark.length)) },
    'page.pdf': { type: 'application/pdf', body: `%PDF-1.7 ${mark}` },
    'run.js': { type: 'application/javascript', body: `/* ${mark} */` },
    'data.bin': { type: 'application/octet-stream', body: mark.repeat(300) },
    'bad.type': { type: 'text/html; charset="\u0001', body: mark },
    empty: { type: 'text/plain', body: '' },
  };
}

function player(mark: string): ServedPlay {
  const body = new TextEncoder().encode(mark.repeat(2_000));
  return {
    name: `${mark}.mp3`,
    kind: 'audio',
    type: 'audio/mpeg',
    root: new Uint8Array(createHash('sha256').update(mark).digest()),
    sizeBytes: async () => body.length,
    async *read(start, end) {
      for (let at = start; at < end; at += 1_000) yield body.subarray(at, Math.min(end, at + 1_000));
    },
  };
}

/** `contract`: what stands behind its socket; a few calls that answer at once when left out. */
export async function startEdgeHouse(contract?: ContractSource): Promise<EdgeHouse> {
  const directory = mkdtempSync(join(tmpdir(), 'broadside-edges-'));
  mkdirSync(join(directory, 'renderer', 'assets'), { recursive: true });
  writeFileSync(join(directory, 'secret.txt'), DISK_MARK);
  writeFileSync(join(directory, 'renderer', 'index.html'), '<!doctype html><title>App</title>');
  writeFileSync(join(directory, 'renderer', 'assets', 'main-Abc_1234.js'), 'export {};');
  const origins: EdgeOrigin[] = [];
  const served: Record<string, OpenOrigin> = {};
  for (const [index, letter] of ['a', 'b', 'c'].entries()) {
    const mark = `mark-of-publication-${letter}`;
    const [label, viewerLabel, playLabel] = ['', 'v', 'p'].map((kind) => `${kind}${letter}`.padEnd(52, `${index + 2}`));
    const files = table(mark);
    const publication = servedPublication(files, { shape: index === 1 ? 'directory' : 'site', index: 'index.html' });
    const paths = Object.keys(files);
    served[label!] = { kind: 'content', publication, viewerLabel: viewerLabel! };
    served[viewerLabel!] = { kind: 'viewer', publication, viewerLabel: viewerLabel! };
    served[playLabel!] = { kind: 'player', play: player(mark) };
    origins.push({ label: label!, kind: 'content', paths, mark });
    origins.push({
      label: viewerLabel!,
      kind: 'viewer',
      paths: ['', 'viewer.js', ...paths.map((path) => `content/${path}`)],
      mark,
    });
    origins.push({ label: playLabel!, kind: 'player', paths: ['', 'play'], mark });
  }
  const defects: unknown[] = [];
  const note = (thrown: unknown): void => void defects.push(thrown);
  process.on('unhandledRejection', note);
  process.on('uncaughtException', note);
  const server: HeadlessServer = await headless({
    rendererDirectory: join(directory, 'renderer'),
    origins: served,
    ...(contract !== undefined && { contract }),
    receive: async (staging, _path, body) => {
      if (staging === 'full') throw new BroadsideError('no-space', 'The disk is full. Free some space.');
      if (staging !== 'open')
        throw new BroadsideError('not-found', 'This staging area is gone. Choose the files again.');
      let sizeBytes = 0;
      for await (const chunk of body) sizeBytes += chunk.length;
      return { sizeBytes };
    },
    onTold: () => {},
    onDefect: note,
  });
  return {
    port: server.port,
    token: TOKEN,
    origins,
    marks: [...new Set(origins.flatMap(({ mark }) => mark ?? [])), DISK_MARK],
    paths: [
      ...new Set(origins.flatMap(({ paths }) => paths)),
      'assets/main-Abc_1234.js',
      '../secret.txt',
      'rpc',
      'staging/open/a',
    ],
    defects,
    async stop() {
      await server.stop();
      process.off('unhandledRejection', note);
      process.off('uncaughtException', note);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
