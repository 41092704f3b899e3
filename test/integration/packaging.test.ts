/**
 * What is packed, and that what is packed is whole. Electron's binary is not there: a stand-in with the fuses of a real
 * one takes its place, so this says nothing about a running window. It does say what is in the archive, that main and its
 * threads load from it with nothing missing, and that the fuses are set.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { extractAll, extractFile, listPackage } from '@electron/asar';
import { inventoryOf } from '../../build/inventory.mjs';
import type { Component } from '../../build/inventory.mjs';
import { FUSE_SENTINEL, packApplication, runNode, sizeOf } from '../support/packed.ts';
import { projectRoot } from '../support/project-root.ts';

/** In the order of the wire (electron/fuses). */
const FUSES = [
  'runAsNode',
  'cookieEncryption',
  'nodeOptions',
  'nodeCliInspect',
  'embeddedAsarIntegrity',
  'onlyLoadAppFromAsar',
  'loadBrowserProcessSpecificV8Snapshot',
  'grantFileProtocolExtraPrivileges',
];
/** The app alone, without Electron. Half of it is prebuilt natives and pdf.js. */
const MAX_BYTES = 60_000_000;

let work = '';
let resources = '';
let binary = '';

before(
  async () => {
    work = mkdtempSync(join(tmpdir(), 'broadside-pack-'));
    ({ resources, binary } = await packApplication(work));
  },
  { timeout: 180_000 },
);

after(() => rmSync(work, { recursive: true, force: true }));

const list = (): string[] =>
  listPackage(join(resources, 'app.asar'), { isPack: false }).map((path) => path.replaceAll('\\', '/'));

test('main, preload, interface, viewer and the threads are packed', () => {
  const paths = list();
  for (const path of [
    '/package.json',
    '/LICENSE',
    '/out/main/electron.js',
    '/out/preload/preload.cjs',
    '/out/renderer/index.html',
    '/out/viewer/viewer.html',
    '/out/viewer/viewer.js',
    '/out/viewer/pdfjs/build/pdf.min.mjs',
    '/out/viewer/pdfjs/build/pdf.worker.min.mjs',
  ]) {
    assert.ok(paths.includes(path), path);
  }
  const threads = paths.filter((path) => /^\/out\/main\/parts\/.*worker-[\w-]+\.js$/.test(path));
  assert.ok(threads.length >= 3, `threads: ${threads.join(', ')}`);
});

test('every dependency of the product is packed, and nothing that only builds or tests it', () => {
  const paths = list();
  const manifest = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
    devDependencies: Record<string, string>;
  };
  for (const name of Object.keys(manifest.dependencies))
    assert.ok(paths.includes(`/node_modules/${name}/package.json`), name);
  const packed = Object.keys(manifest.devDependencies).filter((name) =>
    paths.includes(`/node_modules/${name}/package.json`),
  );
  assert.deepEqual(packed, []);
  const astray = paths.filter((path) =>
    /^\/(test|build|src-main|src-renderer|shared|docs|dist|\.|tsconfig|knip|electron\.config)/.test(path),
  );
  assert.deepEqual(astray, []);
  assert.deepEqual(
    paths.filter((path) => /\.(map|ts|svelte|test\.js)$/.test(path)),
    [],
  );
});

test('the bill of materials names what is packed, and nothing else', () => {
  const bill = JSON.parse(readFileSync(join(resources, 'sbom.cdx.json'), 'utf8')) as {
    components: readonly Component[];
  };
  const packed = list()
    .filter((path) => /\/node_modules\/(@[^/]+\/)?[^/@]+\/package\.json$/.test(path))
    .map((path) => JSON.parse(extractFile(join(resources, 'app.asar'), path.slice(1)).toString()))
    .map(({ name, version }) => `${name}@${version}`);
  const bundled = inventoryOf(projectRoot).filter(({ isBundled }) => isBundled);
  assert.ok(bundled.some(({ name }) => name === 'svelte'));
  assert.deepEqual(
    bill.components.map(({ name, version }) => `${name}@${version}`).toSorted(),
    [...new Set([...packed, ...bundled.map(({ name, version }) => `${name}@${version}`)])].toSorted(),
  );
  for (const { name, hashes, licenses } of bill.components) {
    assert.match(hashes?.[0]?.content ?? '', /^[0-9a-f]{128}$/, name);
    assert.ok(licenses?.[0]?.expression, name);
  }
});

test('only this platform’s natives are packed, outside the archive', () => {
  const natives = list().filter((path) => /\.(node|bare)$/.test(path));
  assert.deepEqual(
    natives.filter((path) => !path.includes(`/prebuilds/linux-${process.arch}/`)),
    [],
  );
  for (const name of ['sodium-native', 'udx-native']) {
    const directory = join(resources, 'app.asar.unpacked/node_modules', name, 'prebuilds');
    assert.deepEqual(readdirSync(directory), [`linux-${process.arch}`], name);
  }
});

test('the archive and what lies beside it stay small', () => {
  const size = sizeOf(resources);
  assert.ok(size <= MAX_BYTES, `${(size / 1e6).toFixed(1)} MB`);
});

test('packed again, it is the same byte by byte', { timeout: 300_000 }, async () => {
  const again = mkdtempSync(join(tmpdir(), 'broadside-pack-again-'));
  try {
    const other = await packApplication(again);
    assert.deepEqual(digests(other.resources), digests(resources));
    assert.ok(readFileSync(other.binary).equals(readFileSync(binary)));
  } finally {
    rmSync(again, { recursive: true, force: true });
  }
});

/** Of every file below a directory, by its path. */
function digests(directory: string): Record<string, string> {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted()
      .map((path) => [relative(directory, path), createHash('sha256').update(readFileSync(path)).digest('hex')]),
  );
}

test('the fuses are set: no Node from the binary, only the archive is loaded', () => {
  const bytes = readFileSync(binary);
  const at = bytes.indexOf(FUSE_SENTINEL) + FUSE_SENTINEL.length;
  const state = Object.fromEntries(FUSES.map((name, index) => [name, String.fromCharCode(bytes[at + 2 + index] ?? 0)]));
  assert.equal(state['runAsNode'], '0');
  assert.equal(state['nodeOptions'], '0');
  assert.equal(state['nodeCliInspect'], '0');
  assert.equal(state['cookieEncryption'], '1');
  assert.equal(state['embeddedAsarIntegrity'], '1');
  assert.equal(state['onlyLoadAppFromAsar'], '1');
  assert.equal(state['grantFileProtocolExtraPrivileges'], '0');
});

test('main loads from the archive with nothing missing, and gives way to an instance that is there', async () => {
  const app = join(work, 'app');
  extractAll(join(resources, 'app.asar'), app);
  // In place of Electron: says that another instance has the lock, which is the shortest way through main.
  const standIn = `
    const calls = [];
    const record = (name) => (...args) => { calls.push(name); return args.length === 0 ? undefined : args[0]; };
    export const app = {
      isPackaged: true, getAppPath: () => ${JSON.stringify(app)}, setPath: record('setPath'), enableSandbox: record('enableSandbox'),
      commandLine: { appendSwitch: record('appendSwitch') }, requestSingleInstanceLock: () => false,
      quit() { calls.push('quit'); process.stdout.write(JSON.stringify(calls)); }, on: record('on'),
    };
    export const protocol = { registerSchemesAsPrivileged: record('registerSchemes') };
    export const [BrowserWindow, Menu, MessageChannelMain, Notification, Tray, WebContentsView, nativeImage, dialog, ipcMain, nativeTheme, safeStorage, screen, session, shell] = Array(14).fill({});
  `;
  writeFileSync(join(work, 'electron.mjs'), standIn);
  const script = `
    import { registerHooks } from 'node:module';
    import { pathToFileURL } from 'node:url';
    registerHooks({ resolve: (name, context, next) => name === 'electron' ? { url: pathToFileURL(${JSON.stringify(join(work, 'electron.mjs'))}).href, shortCircuit: true } : next(name, context) });
    await import(pathToFileURL(${JSON.stringify(join(app, 'out/main/electron.js'))}).href);
  `;
  writeFileSync(join(work, 'load.mjs'), script);
  const calls = JSON.parse(
    await runNode(['--disable-warning=ExperimentalWarning', join(work, 'load.mjs')]),
  ) as string[];
  assert.ok(calls.includes('enableSandbox'));
  assert.ok(calls.indexOf('registerSchemes') !== -1 && calls.indexOf('registerSchemes') < calls.indexOf('quit'));
  assert.ok(!calls.includes('on'), 'nothing is begun beside the instance that is there');
});

test('the threads that main names are there, and load', async () => {
  const app = join(work, 'threads');
  extractAll(join(resources, 'app.asar'), app);
  const source = readFileSync(join(app, 'out/main/electron.js'), 'utf8');
  const scripts = [...source.matchAll(/new URL\(["'](\.\/parts\/[^"']+\.js)["'], import\.meta\.url\)/g)].map(
    ([, path]) => path ?? '',
  );
  assert.equal(scripts.length, 8, 'blocks, search, shares, sealing, hashing, stamps, inert documents, metadata');
  for (const script of scripts) {
    const address = pathToFileURL(join(app, 'out/main', script)).href;
    const worker = new Worker(
      `import(${JSON.stringify(address)}).catch((error) => error.code).then((problem) => require('node:worker_threads').parentPort.postMessage({ problem: typeof problem === 'string' ? problem : null }));`,
      { eval: true, workerData: null },
    );
    const said = await new Promise<unknown>((resolve, reject) => {
      worker.on('message', resolve);
      worker.on('error', reject);
    });
    // Without its data a thread may complain; what must not happen is that a module is missing.
    assert.equal((said as { problem?: string | null }).problem ?? null, null, script);
    await worker.terminate();
  }
});

test('the preload asks for nothing but Electron', () => {
  const source = readFileSync(join(projectRoot, 'out/preload/preload.cjs'), 'utf8');
  const required = [...source.matchAll(/require\(["'`]([^"'`]+)["'`]\)/g)].map(([, name]) => name);
  assert.deepEqual([...new Set(required)], ['electron']);
});
