/** Chromium for the browser tests: the machine's; on Debian, as root, it is installed when missing. */
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function find() {
  const given = process.env.CHROMIUM_PATH;
  if (given !== undefined && given !== '') return isExecutable(given) ? given : undefined;
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const folder of ['/usr/bin', ...folders]) {
    for (const name of NAMES) if (isExecutable(join(folder, name))) return join(folder, name);
  }
  return PLACES.find(isExecutable);
}

function runAptGet(args) {
  return new Promise((resolve) => {
    const child = spawn('apt-get', args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    child.on('error', () => resolve(1));
    child.on('close', (code) => resolve(code ?? 1));
  });
}

/** `{ path }`, or `{ problem }`: why there is none and what to do. */
export async function ensureChromium() {
  const there = find();
  if (there !== undefined) return { path: there };
  if (process.env.CHROMIUM_PATH)
    return { problem: `CHROMIUM_PATH names ${process.env.CHROMIUM_PATH}, which cannot be run.` };
  const advice =
    'Install Chromium, or name it with CHROMIUM_PATH, or set BROADSIDE_SKIP_BROWSER=1 to leave these tests out.';
  if (!isExecutable('/usr/bin/apt-get') || process.getuid?.() !== 0)
    return { problem: `there is no Chromium on this machine. ${advice}` };
  process.stderr.write('broadside: installing Chromium for the browser tests\n');
  const updated = await runAptGet(['update', '-q']);
  const installed =
    updated === 0 ? await runAptGet(['install', '-y', '-q', '--no-install-recommends', 'chromium']) : updated;
  const path = find();
  if (path !== undefined) return { path };
  return { problem: `installing Chromium failed (apt-get: ${installed}). ${advice}` };
}
