/** npm ends at SIGTERM without a word to what it started: nothing of it is to be left behind. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { projectRoot } from '../support/project-root.ts';

/** Far above the second after which npm is missed and the three that stopping may take. */
const GONE_TIMEOUT_MS = 30_000;

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('a practice network started by npm ends when npm is ended', { timeout: 300_000 }, async (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'broadside-npm-'));
  context.after(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));
  const command = ['run', '-s', 'broadside', '--', 'testnet', '--nodes', '2', '--dir', directory, '--json'];
  const npm = spawn('npm', command, { cwd: projectRoot, stdio: ['ignore', 'pipe', 'ignore'] });
  const [line] = (await once(createInterface(npm.stdout), 'line')) as [string];
  const { nodes } = JSON.parse(line) as { nodes: { pid: number }[] };
  assert.ok(nodes.every(({ pid }) => alive(pid)));
  npm.kill('SIGTERM');
  // They are nobody's children here, so there is no event to wait for.
  const endMs = performance.now() + GONE_TIMEOUT_MS;
  while (nodes.some(({ pid }) => alive(pid)) && performance.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.deepEqual(
    nodes.filter(({ pid }) => alive(pid)),
    [],
  );
});
