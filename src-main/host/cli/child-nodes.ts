/** Child processes of the practice network: started by process.execPath, spoken to by lines of JSON, ended by their id. */
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { NODE_COMMAND } from './usage.ts';

export interface ChildNode {
  readonly pid: number;
  /** Resolves with its public key when it listens; rejects when it ended before. */
  readonly listening: Promise<string>;
  /** Resolves when it has neighbours; rejects when it ended before. */
  readonly linked: Promise<void>;
  /** Resolves when it has ended, in whatever way. */
  readonly ended: Promise<void>;
  /** Asks it to end, and ends it after `graceMs` if it has not. */
  stop(graceMs: number): Promise<void>;
}

/** Storage nodes have little to keep in memory: a smaller young generation collects more often and holds less. */
const CHILD_FLAGS = ['--max-semi-space-size=2', '--max-old-space-size=256'];

/** Two arenas of glibc's allocator instead of eight a core. */
const CHILD_ENVIRONMENT = { MALLOC_ARENA_MAX: '2' };

export function startChildNode(options: {
  readonly directory: string;
  readonly network: string;
  readonly bootstrap: readonly string[];
}): ChildNode {
  const { directory, network, bootstrap } = options;
  const args = [
    ...CHILD_FLAGS,
    process.argv[1] ?? join(import.meta.dirname, 'main.ts'),
    NODE_COMMAND,
    '--data',
    directory,
    '--network',
    network,
    ...bootstrap.flatMap((address) => ['--bootstrap', address]),
  ];
  const child: ChildProcessByStdio<Writable, Readable, Readable> = spawn(process.execPath, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...CHILD_ENVIRONMENT },
    // SIGINT of a terminal goes to the whole group; the parent tells its children itself, in its own time.
    detached: process.platform !== 'win32',
  });
  child.stdin.on('error', () => {});
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2000);
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const lines = createInterface({ input: child.stdout });
  const { promise: listening, resolve: onListening, reject: notListening } = Promise.withResolvers<string>();
  const { promise: linked, resolve: onLinked, reject: notLinked } = Promise.withResolvers<void>();
  lines.on('line', (line) => {
    const message = JSON.parse(line) as { listening?: boolean; linked?: boolean; publicKey?: string };
    if (message.listening === true) onListening(message.publicKey ?? '');
    if (message.linked === true) onLinked();
  });
  void ended.then(() => {
    const reason = new BroadsideError(
      'unexpected',
      `a storage node ended: ${said.trim() || `exit code ${child.exitCode}`}`,
    );
    notListening(reason);
    notLinked(reason);
  });
  // Whoever waits for the one need not wait for the other.
  listening.catch(() => undefined);
  linked.catch(() => undefined);
  return {
    pid: child.pid ?? -1,
    listening,
    linked,
    ended,
    async stop(graceMs) {
      child.stdin.end();
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await ended;
      clearTimeout(timer);
    },
  };
}
