/**
 * The packed application, with a stand-in with the fuses of a real one in place of Electron's binary: what is in the package can be
 * looked at without it. Linux; out/ has to be built.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './project-root.ts';

/** Electron's fuse wire (electron/fuses): sentinel, version, length, one character a fuse. */
export const FUSE_SENTINEL = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const FUSES_OF_ELECTRON = '10110001';

export interface Packed {
  /** The archive, what lies unpacked beside it, and the bill of materials. */
  readonly resources: string;
  readonly binary: string;
}

/** Packs into a directory. Throws with all that was said when that fails. */
export async function packApplication(work: string): Promise<Packed> {
  const standIn = join(work, 'electron-dist');
  mkdirSync(standIn, { recursive: true });
  const head = Buffer.from([1, FUSES_OF_ELECTRON.length]);
  const wire = Buffer.concat([Buffer.from(FUSE_SENTINEL), head, Buffer.from(FUSES_OF_ELECTRON)]);
  writeFileSync(join(standIn, 'electron'), Buffer.concat([Buffer.from('#!/bin/false\n'), wire, Buffer.from('\n')]), {
    mode: 0o755,
  });
  for (const name of ['LICENSE', 'LICENSES.chromium.html', 'version']) writeFileSync(join(standIn, name), '45.3.4');
  const output = join(work, 'dist');
  const script = [
    `import { pack } from ${JSON.stringify(join(projectRoot, 'build/pack.mjs'))};`,
    `import { Platform } from ${JSON.stringify(join(projectRoot, 'node_modules/electron-builder/out/index.js'))};`,
    `await pack(${JSON.stringify(projectRoot)}, {`,
    `  overrides: { electronDist: ${JSON.stringify(standIn)}, directories: { output: ${JSON.stringify(output)}, buildResources: 'build' } },`,
    `  targets: { targets: Platform.LINUX.createTarget('dir') },`,
    `});`,
  ].join('\n');
  writeFileSync(join(work, 'pack.mjs'), script);
  await runNode([join(work, 'pack.mjs')]);
  const unpacked = readdirSync(output).find((name) => name.startsWith('linux') && name.endsWith('unpacked'));
  if (unpacked === undefined) throw new Error(`nothing was packed: ${readdirSync(output).join(', ')}`);
  return { resources: join(output, unpacked, 'resources'), binary: join(output, unpacked, 'broadside') };
}

/** A script of this Node to its end; all that it said. */
export async function runNode(args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, args, { cwd: projectRoot });
  let output = '';
  for (const pipe of [child.stdout, child.stderr]) pipe.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) throw new Error(output);
  return output;
}

/** Bytes of a file, or of all below a directory. */
export function sizeOf(path: string): number {
  const entry = statSync(path);
  return entry.isDirectory() ? readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0) : entry.size;
}
