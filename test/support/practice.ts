/** A practice network of real processes, daemons on it, and a client of their contract: for integration tests and benchmarks. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import type { Job } from '../../shared/ipc/model.ts';
import { connectContract } from '../../shared/ipc/rpc.ts';
import type { ContractClient } from '../../shared/ipc/rpc.ts';
import { projectRoot } from './project-root.ts';

const CLI = join(projectRoot, 'src-main', 'host', 'cli', 'main.ts');

export interface CliResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The last line of standard output, when that is JSON. */
  readonly json: Record<string, any> | undefined;
}

/** Runs a command to its end. */
export async function runCli(args: readonly string[], options: { readonly cwd?: string } = {}): Promise<CliResult> {
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'], cwd: options.cwd });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const lastLine = stdout.trim().split('\n').at(-1) ?? '';
  return { exitCode, stdout, stderr, json: lastLine.startsWith('{') ? JSON.parse(lastLine) : undefined };
}

/** A long-running command: its first line of JSON, and how to end it. */
export interface Running {
  readonly child: ChildProcess;
  readonly ready: Record<string, any>;
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

export async function startCli(args: readonly string[]): Promise<Running> {
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (data: Buffer) => (stderr = (stderr + data.toString()).slice(-4_000)));
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const ready = await new Promise<Record<string, any>>((resolve, reject) => {
    createInterface(child.stdout).once('line', (line) => resolve(JSON.parse(line)));
    void closed.then(() => reject(new Error(`${args[0]} ended before it was ready: ${stderr}`)));
  });
  return {
    child,
    ready,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      await closed;
    },
  };
}

export interface Daemon extends Running {
  readonly client: ContractClient;
  readonly directory: string;
  readonly url: URL;
}

export interface Practice {
  readonly directory: string;
  readonly network: string;
  readonly bootstrap: string;
  readonly nodes: readonly { readonly publicKey: string; readonly pid: number }[];
  /** Arguments that put a command on this network, with a data directory of its own. */
  on(name: string): string[];
  /** `more` are further arguments of `daemon`. */
  startDaemon(name: string, more?: readonly string[]): Promise<Daemon>;
  stop(): Promise<void>;
}

export async function startPractice(nodes: number): Promise<Practice> {
  const directory = mkdtempSync(join(tmpdir(), 'broadside-practice-'));
  const testnet = await startCli(['testnet', '--nodes', String(nodes), '--dir', join(directory, 'net'), '--json']);
  const daemons: Daemon[] = [];
  const [bootstrap] = testnet.ready['bootstrap'] as string[];
  const network = testnet.ready['network'] as string;
  const on = (name: string): string[] => [
    '--data',
    join(directory, name),
    '--bootstrap',
    bootstrap!,
    '--network',
    network,
  ];
  return {
    directory,
    network,
    bootstrap: bootstrap!,
    nodes: testnet.ready['nodes'],
    on,
    async startDaemon(name, more = []) {
      const running = await startCli(['daemon', '--quiet', ...on(name), ...more]);
      const url = new URL(running.ready['url'] as string);
      const client = await connectDaemon(url);
      const daemon: Daemon = {
        ...running,
        client,
        directory: join(directory, name),
        url,
        async stop(signal) {
          client.close();
          await running.stop(signal);
        },
      };
      daemons.push(daemon);
      return daemon;
    },
    async stop() {
      for (const daemon of daemons)
        if (daemon.child.exitCode === null && daemon.child.signalCode === null) await daemon.stop();
      await testnet.stop();
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

export async function connectDaemon(url: URL): Promise<ContractClient> {
  const token = url.hash.slice('#token='.length);
  const socket = new WebSocket(`ws://${url.host}/rpc`, ['broadside.1', `token.${token}`]);
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('error', reject);
  });
  return connectContract({
    post: (text) => socket.send(text),
    onMessage: (listener) => socket.on('message', (data) => listener(String(data))),
  });
}

/** Waits for a job to end; the job as it ended. */
export function jobEnd<Kind extends Job['kind']>(
  client: ContractClient,
  id: string,
  _kind: Kind,
): Promise<Extract<Job, { kind: Kind }>> {
  return new Promise((resolve, reject) => {
    const look = (job: Job): void => {
      if (job.id !== id || job.state === 'running') return;
      stopListening();
      resolve(job as Extract<Job, { kind: Kind }>);
    };
    const stopListening = client.on('job', look);
    client.call('jobs.get', { job: id }).then(look, reject);
  });
}
