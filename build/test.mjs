/**
 * `npm test`: the rules, the build and every test but the long ones (soak, bench). `npm test -- PATH...` runs those
 * files alone, without the rules.
 */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { ensureBuilt } from './bootstrap/built.mjs';
import { check } from './check.mjs';
import { ensureChromium } from './chromium.mjs';

/**
 * In order, what fails soonest first. `processes` is how many files run at once. Tests of units need a whole core; all others
 * wait for sockets, disks and one another for about a third of their time, and those of transports for most of it (processor time
 * of a busy machine against the time of an idle one, so nearly a guess). Each of the last two groups takes memory for a dozen nodes
 * or a browser, so there are not more.
 * `timeoutMs` is for a single file, and many times what it takes: it is there for what hangs.
 */
const CORES = availableParallelism();
const MOST = 4;
const GROUPS = [
  { folder: 'unit', processes: CORES, timeoutMs: 120_000 },
  { folder: 'contract', processes: CORES * 2, timeoutMs: 180_000 },
  { folder: 'integration', processes: Math.min(MOST, CORES + 1), timeoutMs: 600_000 },
  { folder: 'e2e', processes: Math.min(MOST, CORES + 1), timeoutMs: 600_000, needsBrowser: true },
];

function testFiles(directory) {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Runs the files with node:test; the report goes to standard output as it comes. Returns the counts and whether all is well. */
async function runFiles(root, files, { processes, timeoutMs }, environment) {
  const args = [
    '--test',
    `--test-concurrency=${processes}`,
    `--test-timeout=${timeoutMs}`,
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    '--disable-warning=ExperimentalWarning',
    ...files.map((file) => relative(root, file)),
  ];
  const child = spawn(process.execPath, args, { cwd: root, env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  let tail = '';
  child.stdout.on('data', (chunk) => {
    process.stdout.write(chunk);
    tail = (tail + chunk.toString()).slice(-4096);
  });
  const stop = (signal) => child.kill(signal);
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const code = await new Promise((done, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode) => done(exitCode ?? 1));
  });
  process.off('SIGINT', stop);
  process.off('SIGTERM', stop);
  const countOf = (name) => Number(new RegExp(`^\\S* ?${name} (\\d+)$`, 'm').exec(tail)?.[1] ?? 0);
  return {
    code,
    passed: countOf('pass'),
    failed: countOf('fail') + countOf('cancelled'),
    skipped: countOf('skipped') + countOf('todo'),
  };
}

/** The environment of the tests: INIT_CWD and npm's own variables would change what a started command line does. */
function testEnvironment(root) {
  const { INIT_CWD: _, ...rest } = process.env;
  return { ...rest, NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/compile') };
}

export async function run({ root, args }) {
  const startMs = Date.now();
  const environment = testEnvironment(root);
  const chosen = args
    .filter((argument) => !argument.startsWith('-'))
    .map((path) => resolve(process.env.INIT_CWD ?? root, path));
  const total = { passed: 0, failed: 0, skipped: 0 };
  let isWell = true;
  const problems = [];
  if (chosen.length === 0 && !(await check(root))) {
    isWell = false;
    problems.push('npm run check');
  }
  await ensureBuilt(root, 'app');
  const skipBrowser = process.env.BROADSIDE_SKIP_BROWSER === '1';
  for (const group of GROUPS) {
    const directory = join(root, 'test', group.folder);
    const files = testFiles(directory).filter(
      (file) => chosen.length === 0 || chosen.some((path) => file === path || file.startsWith(`${path}/`)),
    );
    if (files.length === 0) continue;
    if (group.needsBrowser) {
      if (skipBrowser) {
        process.stdout.write(
          `\n*** ${files.length} FILES OF BROWSER TESTS ARE LEFT OUT: BROADSIDE_SKIP_BROWSER=1 ***\n`,
        );
        continue;
      }
      const browser = await ensureChromium();
      if (browser.path === undefined) {
        process.stdout.write(`\nThe browser tests cannot run: ${browser.problem}\n`);
        isWell = false;
        problems.push('browser tests (no Chromium)');
        continue;
      }
      environment.CHROMIUM_PATH = browser.path;
    }
    process.stdout.write(`\ntest/${group.folder}: ${files.length} files\n`);
    const result = await runFiles(root, files, group, environment);
    for (const key of ['passed', 'failed', 'skipped']) total[key] += result[key];
    if (result.code !== 0) {
      isWell = false;
      problems.push(`test/${group.folder}`);
    }
  }
  const minutes = ((Date.now() - startMs) / 60_000).toFixed(1);
  process.stdout.write(
    `\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped in ${minutes} min\n`,
  );
  if (!isWell) process.stdout.write(`failed: ${problems.join(', ')}\n`);
  return isWell ? 0 : 1;
}
