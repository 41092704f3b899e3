/**
 * How large the packed application is without Electron, which a stand-in replaces: the archive and what lies beside it, and what the
 * largest parts of it are. Linux. Run: npm run bench -- package [--json]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extractAll } from '@electron/asar';
import { readdirSync } from 'node:fs';
import { packApplication, sizeOf } from '../support/packed.ts';
import { projectRoot } from '../support/project-root.ts';
import { Report } from './lib/report.ts';

const TARGET_MB = 60;
const TOLD_PARTS = 8;

const { ensureBuilt } = await import(join(projectRoot, 'build/bootstrap/built.mjs'));
await ensureBuilt(projectRoot, 'app');
const report = new Report('package');
const work = mkdtempSync(join(tmpdir(), 'broadside-package-'));
try {
  const { resources } = await packApplication(work);
  report.add({
    name: 'the application without Electron',
    value: sizeOf(resources) / 1e6,
    unit: 'MB',
    beside: { name: 'limit', value: TARGET_MB },
    target: `<= ${TARGET_MB} MB`,
  });
  const unfolded = join(work, 'unfolded');
  extractAll(join(resources, 'app.asar'), unfolded);
  const own = ['main', 'renderer', 'viewer'].map(
    (part) => [`out/${part}`, sizeOf(join(unfolded, 'out', part))] as const,
  );
  const libraries = readdirSync(join(unfolded, 'node_modules')).map(
    (name) => [`node_modules/${name}`, sizeOf(join(unfolded, 'node_modules', name))] as const,
  );
  for (const [name, bytes] of [...own, ...libraries].sort(([, a], [, b]) => b - a).slice(0, TOLD_PARTS))
    report.add({ name: `of it ${name}`, value: bytes / 1e6, unit: 'MB' });
} finally {
  rmSync(work, { recursive: true, force: true });
}
report.print();
