/** `npm run check`: every static rule of the house, two at a time, and a line for each. `npm run format` puts the form right. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

/** Path of a tool's script, from its own package.json: no shell and no `npx` between. */
function scriptOf(root, packageName, binary = packageName) {
  const home = join(root, 'node_modules', packageName);
  const { bin } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
  return join(home, typeof bin === 'string' ? bin : bin[binary]);
}

/** Longest first, so that two at a time end together. */
function stepsOf(root) {
  const tool = (packageName, binary) => scriptOf(root, packageName, binary);
  return [
    {
      name: 'types (interface)',
      args: [
        tool('svelte-check'),
        '--tsconfig',
        'tsconfig.renderer.json',
        '--threshold',
        'warning',
        '--output',
        'human',
      ],
    },
    { name: 'types (main, tests)', args: [tool('typescript', 'tsc'), '-p', 'tsconfig.json'] },
    {
      name: 'form',
      args: [
        tool('prettier'),
        '--check',
        '--log-level',
        'warn',
        '--cache',
        '--cache-location',
        'node_modules/.cache/prettier-check',
        '.',
      ],
    },
    {
      name: 'imports',
      args: [
        tool('dependency-cruiser', 'depcruise'),
        '--config',
        '.dependency-cruiser.cjs',
        'src-main',
        'shared',
        'src-renderer',
        'build',
      ],
    },
    { name: 'nothing unused', args: [tool('knip'), '--no-progress'] },
    { name: 'types (core)', args: [tool('typescript', 'tsc'), '-p', 'tsconfig.core.json'] },
    { name: 'tidy', args: ['--test', '--test-reporter=dot', 'test/unit/house/tidy.test.ts'] },
    { name: 'lint', args: [tool('oxlint'), '--deny-warnings'] },
  ];
}

/** Runs one Node script and keeps what it says. */
function runQuietly(root, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
    });
    const chunks = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString() }));
  });
}

/** True when every rule holds. Reports to `write`, what failed in full. */
export async function check(root, write = (text) => process.stdout.write(text)) {
  const waiting = stepsOf(root);
  const failed = [];
  const startMs = Date.now();
  const worker = async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const stepStartMs = Date.now();
      const { code, output } = await runQuietly(root, step.args);
      const seconds = ((Date.now() - stepStartMs) / 1000).toFixed(1);
      write(`${code === 0 ? 'ok    ' : 'FAILED'} ${step.name} (${seconds} s)\n`);
      if (code !== 0) {
        failed.push(step.name);
        write(`${output.trimEnd()}\n`);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(4, Math.max(1, availableParallelism())) }, worker));
  const total = ((Date.now() - startMs) / 1000).toFixed(1);
  write(
    failed.length === 0 ? `check: all rules hold (${total} s)\n` : `check: failed: ${failed.join(', ')} (${total} s)\n`,
  );
  return failed.length === 0;
}

export async function run({ root, command }) {
  if (command === 'format') {
    const { code, output } = await runQuietly(root, [
      scriptOf(root, 'prettier'),
      '--write',
      '--log-level',
      'warn',
      '.',
    ]);
    process.stdout.write(output);
    return code;
  }
  return (await check(root)) ? 0 : 1;
}
