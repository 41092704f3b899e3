/** A practice network of real processes, daemons on it, and a client of their contract: for integration tests and benchmarks. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import type { Job } from '../../shared/ipc/model.ts';
import { connectContract } from '../../shared/ipc/rpc.ts';
import type { ContractClient } from '../../shared/ipc/rpc.ts';
import { joining, startDaemon, startTestnet } from './spawn.ts';
import type { CommandOptions, DaemonReady, RunningChild } from './spawn.ts';

export interface Daemon extends RunningChild<DaemonReady> {
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
  startDaemon(name: string, more?: readonly string[], options?: CommandOptions): Promise<Daemon>;
  stop(): Promise<void>;
}

export async function startPractice(nodes: number): Promise<Practice> {
  const directory = mkdtempSync(join(tmpdir(), 'broadside-practice-'));
  const testnet = await startTestnet(['--nodes', String(nodes), '--dir', join(directory, 'net'), '--json']);
  const daemons: Daemon[] = [];
  const network = joining(testnet.ready);
  return {
    directory,
    network: testnet.ready.network,
    bootstrap: testnet.ready.bootstrap[0]!,
    nodes: testnet.ready.nodes,
    on: (name) => ['--data', join(directory, name), ...network],
    async startDaemon(name, more = [], options = {}) {
      const running = await startDaemon(join(directory, name), ['--quiet', ...network, ...more], options);
      const url = new URL(running.ready.url);
      const client = await connectDaemon(url);
      // Windows of tests are those of somebody who was here before; the first run has tests of its own.
      await client.call('config.set', { name: 'welcomed', value: true });
      const daemon: Daemon = {
        ...running,
        client,
        directory: join(directory, name),
        url,
        stop() {
          client.close();
          return running.stop();
        },
        kill() {
          client.close();
          return running.kill();
        },
      };
      daemons.push(daemon);
      return daemon;
    },
    async stop() {
      await Promise.all(daemons.map((daemon) => daemon.stop()));
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

/** The first state of a job of its kind that is as wanted; rejects when one failed. */
export function jobWhen<Kind extends Job['kind']>(
  client: ContractClient,
  kind: Kind,
  isWanted: (job: Extract<Job, { kind: Kind }>) => boolean,
): Promise<Extract<Job, { kind: Kind }>> {
  return new Promise((resolve, reject) => {
    const stop = client.on('job', (seen) => {
      if (seen.kind !== kind) return;
      const job = seen as Extract<Job, { kind: Kind }>;
      if (job.state === 'failed') reject(new Error(job.error?.message));
      else if (isWanted(job)) resolve(job);
      else if (job.state === 'done')
        reject(new Error(`${kind} ended without what is waited for: ${JSON.stringify(job)}`));
      else return;
      stop();
    });
  });
}
