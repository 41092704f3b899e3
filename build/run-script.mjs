/**
 * `npm run bench -- NAME` and `npm run soak -- NAME`: one script of test/bench or test/soak, in a process of its own.
 * `npm run sim -- EXPERIMENT`: the simulator, which knows its experiments itself.
 */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

function namesIn(directory) {
  try {
    return readdirSync(directory)
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .map((name) => name.slice(0, -3));
  } catch {
    return [];
  }
}

/**
 * For V8: young objects of the simulator live long enough to be copied twice in the default room (a quarter less time with
 * this, measured), and ten thousand nodes need more than the 4 GB that V8 gives an old generation by itself.
 */
const SIMULATOR_FLAGS = ['--max-semi-space-size=64', '--max-old-space-size=7168'];

export async function run({ root, command, args }) {
  if (command === 'sim') return runScript(join(root, 'test/sim/main.ts'), args, SIMULATOR_FLAGS);
  const directory = join(root, 'test', command);
  const names = namesIn(directory);
  const [name, ...rest] = args;
  if (name === undefined || !names.includes(name)) {
    const known = names.length === 0 ? 'there are none in this version' : `there are: ${names.join(', ')}`;
    process.stderr.write(`usage: npm run ${command} -- NAME [--json]; ${known}\n`);
    return 2;
  }
  return runScript(join(directory, `${name}.ts`), rest, []);
}

function runScript(script, args, flags) {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...flags, script, ...args], {
    cwd: process.env.INIT_CWD ?? process.cwd(),
    stdio: 'inherit',
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // Ctrl C on a terminal has reached the script already.
      if (signal !== 'SIGINT' || !process.stdout.isTTY) child.kill(signal);
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}
