/**
 * What `npm start`, `npm test`, `npm run broadside` and the rest call. It makes sure of a Node that is new enough, of
 * the dependencies and of the build, each only when something changed, and then runs the command. Plain JavaScript for
 * Node 18 and later, without dependencies: nothing is installed yet when it begins. Standard output is left to the
 * command; what is said here goes to standard error.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Least Node: node:sqlite with FTS5 and type stripping without a flag (tried; 24.14 and older warn or lack them). */
const LEAST_NODE = [24, 15];
const USAGE = 2;

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Commands whose module lies in build/, and whether the whole build or only the interface has to be there first. */
const COMMANDS = {
  start: { module: 'run-app.mjs', builds: 'app' },
  demo: { module: 'run-app.mjs', builds: 'app' },
  build: { module: 'build.mjs' },
  pack: { module: 'pack.mjs', builds: 'app' },
  check: { module: 'check.mjs' },
  format: { module: 'check.mjs' },
  test: { module: 'test.mjs' },
  soak: { module: 'run-script.mjs', builds: 'interface' },
  bench: { module: 'run-script.mjs' },
  sim: { module: 'run-script.mjs' },
  icons: { module: 'icons/make.mjs' },
  dependencies: { module: 'dependencies.mjs', builds: 'app' },
};

function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
}

/** How often it is looked whether npm is still there. */
const PARENT_CHECK_MS = 1_000;

/**
 * npm ends at SIGTERM and leaves what it started behind: a daemon or a whole practice network without anybody to end it.
 * So when npm is gone, this ends as if the signal had come here.
 */
function endWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, PARENT_CHECK_MS);
  timer.unref();
}

/** Runs this script again under another Node; signals go on to it and its end becomes ours. */
function runUnder(node, args) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...args], { stdio: 'inherit' });
  // A terminal sends Ctrl C to the whole group, so the child has it already; without one it is passed on from here.
  const onTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !onTerminal) child.kill(signal);
    });
  }
  child.on('error', (error) => {
    process.stderr.write(`broadside: cannot start ${node}: ${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    // Ends as the child did, so that a shell sees the signal.
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

async function runHere(command, args) {
  if (typeof module.enableCompileCache === 'function')
    module.enableCompileCache(join(root, 'node_modules/.cache/compile'));
  process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules/.cache/compile');
  const { ensureModules } = await import('./bootstrap/modules.mjs');
  await ensureModules(root);
  if (command === 'broadside') {
    if (args[0] === 'daemon' && !args.includes('--help')) {
      const { ensureBuilt } = await import('./bootstrap/built.mjs');
      await ensureBuilt(root, 'interface');
    }
    return runCommandLine(args);
  }
  const known = COMMANDS[command];
  if (known.builds !== undefined) {
    const { ensureBuilt } = await import('./bootstrap/built.mjs');
    await ensureBuilt(root, known.builds);
  }
  const { run } = await import(`./${known.module}`);
  process.exitCode = await run({ root, command, args });
}

/** The command line in this very process: nothing between it and its signals. Paths are the caller's, so is the directory. */
async function runCommandLine(args) {
  const entry = join(root, 'src-main/host/cli/main.ts');
  process.argv = [process.execPath, entry, ...args];
  if (process.env.INIT_CWD !== undefined && existsSync(process.env.INIT_CWD)) process.chdir(process.env.INIT_CWD);
  await import(entry);
}

async function main() {
  const [command, ...args] = process.argv.slice(2);
  if (command === undefined || (command !== 'broadside' && !Object.hasOwn(COMMANDS, command))) {
    process.stderr.write(`usage: node build/bootstrap.mjs broadside|${Object.keys(COMMANDS).join('|')} [arguments]\n`);
    process.exit(USAGE);
  }
  endWithNpm();
  if (isNewEnough(process.versions.node)) return runHere(command, args);
  const { ensureNode } = await import('./bootstrap/node.mjs');
  runUnder(await ensureNode(root, isNewEnough), [command, ...args]);
}

main().catch((error) => {
  process.stderr.write(`broadside: ${error instanceof Error ? error.message : String(error)}\n`);
  if (process.env.BROADSIDE_DEBUG) process.stderr.write(`${error?.stack ?? ''}\n`);
  process.exit(1);
});
