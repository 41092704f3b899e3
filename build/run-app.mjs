/**
 * `npm start`: the app on the real network. `npm run demo`: a practice network of 12 nodes on this machine with a few
 * samples, and the app on it. The app is Electron where its binary is; else the daemon, with the browser opened on it.
 * Ctrl C ends everything that was started here.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const DEMO_NODES = 12;
/** How long what was started may take to stop; the services promise 3 s. */
const STOP_MS = 10_000;

/** Electron's binary, if somebody fetched it (`npx install-electron`); never fetched from here. */
function electronBinary(root) {
  const names = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' };
  const path = join(root, 'node_modules/electron/dist', names[process.platform] ?? 'electron');
  return existsSync(path) ? path : undefined;
}

/** A desktop to open a window on; without one the address is printed. */
function hasDesktop() {
  if (process.platform === 'darwin' || process.platform === 'win32') return true;
  return Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

function openInBrowser(url) {
  const [command, args] =
    process.platform === 'darwin'
      ? ['open', [url]]
      : process.platform === 'win32'
        ? ['cmd', ['/c', 'start', '', url]]
        : ['xdg-open', [url]];
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}

class Children {
  #children = [];
  isStopping = false;

  /** In a group of its own, so that Ctrl C reaches it through stop() once and not through the terminal as well. */
  start(command, args, options) {
    const child = spawn(command, args, { detached: process.platform !== 'win32', ...options });
    const entry = {
      child,
      ended: new Promise((resolve) => child.on('exit', (code, signal) => resolve({ code, signal }))),
    };
    child.on('error', (error) => process.stderr.write(`broadside: ${command}: ${error.message}\n`));
    this.#children.push(entry);
    return entry;
  }

  /** The last that was started is stopped first; what does not stop in time is killed. */
  async stop() {
    this.isStopping = true;
    for (const { child, ended } of this.#children.splice(0).reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await ended;
      clearTimeout(timer);
    }
  }
}

/** The first line of JSON that a command prints; rejects when it ends before. Later lines are dropped. */
async function readyLine({ child, ended }) {
  const lines = createInterface({ input: child.stdout });
  const first = new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      try {
        resolve(JSON.parse(line));
      } catch {
        process.stderr.write(`${line}\n`);
      }
    });
    void ended.then(({ code, signal }) => reject(new Error(`it ended before it was ready (${signal ?? code})`)));
  });
  return first;
}

export async function run({ root, command, args }) {
  const children = new Children();
  const commandLine = ['--disable-warning=ExperimentalWarning', join(root, 'src-main/host/cli/main.ts')];
  const { promise: interrupted, resolve: interrupt } = Promise.withResolvers();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => interrupt({ code: 0 }));
  let temporary;
  try {
    let networkArgs = [];
    if (command === 'demo') {
      temporary = mkdtempSync(join(tmpdir(), 'broadside-demo-'));
      process.stderr.write(
        `Starting a practice network of ${DEMO_NODES} nodes with a few samples; it takes a minute.\n`,
      );
      const testnet = children.start(
        process.execPath,
        [...commandLine, 'testnet', '--nodes', String(DEMO_NODES), '--dir', join(temporary, 'network'), '--samples'],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      const ready = await Promise.race([readyLine(testnet), interrupted.then(() => undefined)]);
      if (ready === undefined) return 0;
      networkArgs = [
        '--network',
        ready.network,
        ...ready.bootstrap.flatMap((address) => ['--bootstrap', address]),
        '--data',
        join(temporary, 'me'),
      ];
      for (const { title, link } of ready.samples ?? []) process.stdout.write(`\n${title}\n${link}\n`);
    }
    const electron = electronBinary(root);
    const app =
      electron !== undefined && hasDesktop()
        ? children.start(electron, [root, ...networkArgs, ...args], { stdio: 'inherit' })
        : children.start(process.execPath, [...commandLine, 'daemon', ...networkArgs, ...args], {
            stdio: ['ignore', 'pipe', 'inherit'],
          });
    if (app.child.stdout !== null) {
      const ready = await Promise.race([readyLine(app), interrupted.then(() => undefined)]);
      if (ready === undefined) return 0;
      const why =
        electron === undefined
          ? 'Electron’s program is not on this machine, so the app runs in the browser.'
          : 'There is no desktop here, so the app runs in the browser.';
      process.stdout.write(`\n${why}\nBroadside is at ${ready.url}\nCtrl C ends it.\n`);
      if (hasDesktop()) openInBrowser(ready.url);
    }
    const { code } = await Promise.race([app.ended, interrupted]);
    return code ?? 1;
  } catch (error) {
    if (!children.isStopping) process.stderr.write(`broadside: ${error.message}\n`);
    return 1;
  } finally {
    await children.stop();
    if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
  }
}
