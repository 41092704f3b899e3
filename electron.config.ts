/** What electron-vite builds: main (with its threads), preload and interface, into out/. Mode `interface`: that alone. */
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'electron-vite';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, posix, resolve } from 'node:path';
import type { Plugin, UserConfig } from 'vite';

const root = import.meta.dirname;

/** Stands for a thread's script until the names of the files are known. */
const PLACEHOLDER = '__THREAD_SCRIPT_';

/**
 * Sources name a thread's script by `new URL('./thread.ts', import.meta.url)`, which Node runs as it is. In the bundle
 * each such script becomes an entry of its own, and the address is rewritten to it.
 */
function threadScripts(): Plugin {
  const pattern = /new URL\(\s*'(\.{1,2}\/[^']+\.ts)',\s*import\.meta\.url,?\s*\)/g;
  return {
    name: 'broadside:thread-scripts',
    enforce: 'pre',
    transform(code, id) {
      if (!id.endsWith('.ts') || !code.includes('import.meta.url')) return null;
      const replaced = code.replace(pattern, (_, path: string) => {
        const script = resolve(dirname(id), path);
        return `new URL('${PLACEHOLDER}${this.emitFile({ type: 'chunk', id: script })}__', import.meta.url)`;
      });
      return replaced === code ? null : { code: replaced, map: null };
    },
    renderChunk(code, chunk) {
      if (!code.includes(PLACEHOLDER)) return null;
      const replaced = code.replace(new RegExp(`${PLACEHOLDER}([\\w$]+?)__`, 'g'), (_, reference: string) => {
        const way = posix.relative(posix.dirname(chunk.fileName), this.getFileName(reference));
        return way.startsWith('.') ? way : `./${way}`;
      });
      return { code: replaced, map: null };
    },
  };
}

/** Writes to out/bundled-NAME.json which packages the bundler took in: they are in the program, though no folder says so. */
function bundledPackages(name: string): Plugin {
  return {
    name: 'broadside:bundled-packages',
    generateBundle(_, bundle) {
      const places = new Set<string>();
      // Letters come in as files that style sheets name.
      const files = Object.values(bundle).flatMap((part) => (part.type === 'asset' ? part.originalFileNames : []));
      for (const id of [...this.getModuleIds(), ...files.map((file) => resolve(root, 'src-renderer', file))]) {
        const place = /^\0?.*?\/(node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1];
        if (place !== undefined) places.add(place);
      }
      mkdirSync(join(root, 'out'), { recursive: true });
      writeFileSync(join(root, `out/bundled-${name}.json`), JSON.stringify([...places].toSorted()));
    },
  };
}

/** Natives and libraries stay in node_modules, where electron-builder packs them; the interface is bundled whole. */
const renderer: UserConfig = {
  root: join(root, 'src-renderer'),
  base: './',
  plugins: [svelte({ configFile: false }), bundledPackages('renderer')],
  build: {
    outDir: join(root, 'out/renderer'),
    emptyOutDir: true,
    minify: true,
    target: 'chrome140',
    // Nothing as a data: address: the policy for content in the interface allows its own origin alone.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2048,
    rolldownOptions: { input: { index: join(root, 'src-renderer/index.html') } },
  },
};

export default defineConfig(({ mode }) => {
  if (mode === 'interface') return { renderer };
  return {
    main: {
      plugins: [threadScripts()],
      build: {
        outDir: join(root, 'out/main'),
        target: 'node24',
        minify: false,
        reportCompressedSize: false,
        rolldownOptions: {
          input: { electron: join(root, 'src-main/host/electron/main.ts') },
          output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'parts/[name]-[hash].js' },
        },
      },
    },
    preload: {
      plugins: [bundledPackages('preload')],
      build: {
        outDir: join(root, 'out/preload'),
        // A sandboxed preload can require nothing but electron: everything else is bundled.
        externalizeDeps: false,
        reportCompressedSize: false,
        rolldownOptions: {
          input: { preload: join(root, 'src-main/host/electron/preload.ts') },
          output: { format: 'cjs', entryFileNames: '[name].cjs' },
        },
      },
    },
    renderer,
  };
});
