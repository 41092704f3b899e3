/** The program as a user runs it: child processes of this very Node, spoken to by their output, ended by their id. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const CLI = join(import.meta.dirname, '..', '..', 'src-main', 'host', 'cli', 'main.ts');

/** Longest that a command of a test may take before it counts as hanging. They take seconds; with forty at once on two cores, minutes. */
const COMMAND_TIMEOUT_MS = 240_000;
/** Longest that a daemon or a practice network may take to say that it is ready. */
const READY_TIMEOUT_MS = 240_000;

export interface CommandOutcome {
  /** Exit code; 128 and more for a signal that was not handled. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output as JSON; throws when it is not one line of it. */
  json<T = Record<string, unknown>>(): T;
}

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Called with each chunk of standard error. */
  readonly onStderr?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/** Runs a command to its end. */
export async function runCommand(args: readonly string[], options: CommandOptions = {}): Promise<CommandOutcome> {
  const child = spawn(process.execPath, [CLI, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: options.env ?? process.env,
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    options.onStderr?.(text, (signal) => child.kill(signal));
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), COMMAND_TIMEOUT_MS);
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  clearTimeout(timer);
  return {
    code: code ?? (signal === 'SIGKILL' ? 137 : 128),
    stdout,
    stderr,
    json() {
      const lines = stdout.trimEnd().split('\n');
      if (lines.length !== 1) throw new Error(`not one line of JSON: ${stdout}\n${stderr}`);
      return JSON.parse(lines[0]!) as never;
    },
  };
}

export interface RunningChild<Ready> {
  readonly pid: number;
  readonly ready: Ready;
  /** Ends it with SIGTERM and resolves with its exit code; with SIGKILL if it takes longer than 10 s. Idempotent. */
  stop(): Promise<number>;
  /** As the power going: SIGKILL. */
  kill(): Promise<void>;
  stderr(): string;
}

/** Starts a command that goes on, and waits for its first line, which is JSON. */
export async function startChild<Ready>(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<RunningChild<Ready>> {
  const child = spawn(process.execPath, [CLI, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: options.env ?? process.env,
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const closed = once(child, 'close').then(([code]) => (code as number | null) ?? 128);
  const timer = setTimeout(() => child.kill('SIGKILL'), READY_TIMEOUT_MS);
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([
    once(lines, 'line').then(([line]) => line as string),
    closed.then((code) => {
      throw new Error(`${args[0]} ended with ${code} before it was ready: ${stderr}`);
    }),
  ]).finally(() => clearTimeout(timer));
  return {
    pid: child.pid!,
    ready: JSON.parse(first) as Ready,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return closed;
      const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
      child.kill('SIGTERM');
      const code = await closed;
      clearTimeout(late);
      return code;
    },
    async kill() {
      child.kill('SIGKILL');
      await closed;
    },
    stderr: () => stderr,
  };
}

export interface DaemonReady {
  readonly ready: true;
  readonly url: string;
  readonly publicKey: string;
  readonly dht: string;
}

export interface TestnetReady {
  readonly ready: true;
  readonly bootstrap: readonly string[];
  readonly network: string;
  readonly nodes: readonly { readonly publicKey: string; readonly pid: number }[];
  readonly samples?: readonly { readonly title: string; readonly link: string }[];
}

export function startDaemon(
  directory: string,
  args: readonly string[] = [],
  options: CommandOptions = {},
): Promise<RunningChild<DaemonReady>> {
  return startChild<DaemonReady>(['daemon', '--data', directory, ...args], options);
}

export function startTestnet(args: readonly string[] = []): Promise<RunningChild<TestnetReady>> {
  return startChild<TestnetReady>(['testnet', ...args]);
}

/** What makes a command join a practice network. */
export function joining(testnet: TestnetReady): string[] {
  return ['--network', testnet.network, ...testnet.bootstrap.flatMap((address) => ['--bootstrap', address])];
}
