/** Runs the machine's npm, with its output on standard error. For Node 18 and later. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

/** How to start npm: the one that runs us, by the Node that we run under; else the one on the path. */
function npmCommand() {
  const script = process.env.npm_execpath;
  if (script !== undefined && /npm-cli\.c?js$/.test(script) && existsSync(script)) return [process.execPath, [script]];
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm', []];
}

/** `npm ci` in `directory`, without install scripts; rejects with what npm said when it fails. */
export async function installIn(directory) {
  const [command, leading] = npmCommand();
  const args = [
    ...leading,
    'ci',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    '--prefix',
    directory,
  ];
  // What the surrounding npm set for its own command must not steer the inner one.
  const environment = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^npm_(config_(prefix|local_prefix|workspace)|package_|lifecycle_)/i.test(name),
    ),
  );
  const child = spawn(command, args, {
    cwd: directory,
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
    shell: process.platform === 'win32' && leading.length === 0,
  });
  child.stdout.pipe(process.stderr, { end: false });
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (exitCode, signal) => resolve(exitCode ?? signal));
  });
  if (code !== 0)
    throw new Error(`npm ci in ${directory} failed (${code}); see above. Is the package registry within reach?`);
}
