/** `npm run build`: main, preload and interface into out/, by electron-vite, without Electron's binary. */
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** What of pdfjs-dist the viewer for PDF asks for (host/content/viewer.ts). */
const PDFJS_PARTS = ['build/pdf.min.mjs', 'build/pdf.worker.min.mjs', 'cmaps', 'standard_fonts', 'wasm', 'iccs'];

/** Bundles `target`, 'app' or 'interface'. The bundler's own messages go to standard error. */
export async function build(root, target) {
  const { build: bundle } = await import('electron-vite');
  const log = console.log;
  const info = console.info;
  console.log = console.error;
  console.info = console.error;
  try {
    copyViewer(root);
    await bundle({
      root,
      configFile: join(root, 'electron.config.ts'),
      mode: target === 'interface' ? 'interface' : 'production',
      logLevel: 'error',
    });
  } finally {
    console.log = log;
    console.info = info;
  }
}

/** Our viewer, its library and the help to out/viewer, where the packed app looks for them. */
export function copyViewer(root) {
  const to = join(root, 'out/viewer');
  rmSync(to, { recursive: true, force: true });
  cpSync(join(root, 'src-main/host/content/viewer'), to, { recursive: true });
  cpSync(join(root, 'src-main/host/content/help'), join(to, 'help'), { recursive: true });
  for (const part of PDFJS_PARTS) {
    const target = join(to, 'pdfjs', part);
    mkdirSync(join(target, '..'), { recursive: true });
    cpSync(join(root, 'node_modules/pdfjs-dist', part), target, { recursive: true });
  }
}

export async function run({ root }) {
  const { ensureBuilt } = await import('./bootstrap/built.mjs');
  await ensureBuilt(root, 'app');
  process.stderr.write('broadside: out/ is up to date\n');
  return 0;
}
