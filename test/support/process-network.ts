/**
 * A practice network in which every node is a daemon of its own that can be stopped, killed and started again on its data
 * directory, and whose DHT bootstrap can be taken away: for tests of joining, and of a network whose nodes come and go.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContractClient } from '../../shared/ipc/rpc.ts';
import type { Status } from '../../shared/ipc/model.ts';
import { startBootstrapper } from '../../src-main/transport/hyperswarm/bootstrapper.ts';
import { connectDaemon } from './practice.ts';
import { startChild } from './spawn.ts';
import type { DaemonReady, RunningChild } from './spawn.ts';

/** Dozens on one machine: as the nodes of `broadside testnet` (host/cli/child-nodes.ts). */
const ENVIRONMENT = {
  ...process.env,
  NODE_OPTIONS: '--max-semi-space-size=2 --max-old-space-size=256',
  MALLOC_ARENA_MAX: '2',
};
/** More at the same time only wait for the processor. */
const STARTS_AT_ONCE = 4;
const LINKS_TIMEOUT_MS = 60_000;

/** One data directory, and the daemon on it while there is one. */
export class ProcessNode {
  readonly name: string;
  readonly directory: string;
  #running: RunningChild<DaemonReady> | undefined;
  #client: ContractClient | undefined;
  #gone = Promise.withResolvers<void>();

  constructor(name: string, directory: string) {
    this.name = name;
    this.directory = directory;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  get pid(): number {
    return this.#daemon().pid;
  }

  get publicKey(): string {
    return this.#daemon().ready.publicKey;
  }

  get client(): ContractClient {
    if (this.#client === undefined) throw new Error(`${this.name} does not run`);
    return this.#client;
  }

  /** Resolves when the daemon that runs now is stopped or killed. */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  /** `more`: further arguments; without any it is in the network that its directory remembers. */
  async start(more: readonly string[] = []): Promise<void> {
    const args = ['daemon', '--data', this.directory, '--quiet', ...more];
    const running = await startChild<DaemonReady>(args, { env: ENVIRONMENT });
    try {
      this.#client = await connectDaemon(new URL(running.ready.url));
    } catch (thrown) {
      await running.stop();
      throw thrown;
    }
    this.#gone = Promise.withResolvers();
    this.#running = running;
  }

  /** Asks it to end. */
  async stop(): Promise<void> {
    const running = this.#forget();
    await running?.stop();
  }

  /** As the power going. */
  async kill(): Promise<void> {
    const running = this.#forget();
    await running?.kill();
  }

  status(): Promise<Status> {
    return this.client.call('status.get', null);
  }

  /** Milliseconds until it has so many links, from now; rejects after `timeoutMs`. */
  async untilLinks(count: number, timeoutMs = LINKS_TIMEOUT_MS): Promise<number> {
    const { client } = this;
    const startedMs = performance.now();
    let timer: NodeJS.Timeout | undefined;
    let stopListening = (): void => {};
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${this.name}: not ${count} links in ${timeoutMs} ms`)), timeoutMs);
    });
    const reached = new Promise<void>((resolve, reject) => {
      const look = ({ links }: Status): void => {
        if (links >= count) resolve();
      };
      stopListening = client.on('status', look);
      client.call('status.get', null).then(look, reject);
    });
    try {
      await Promise.race([reached, late]);
    } finally {
      clearTimeout(timer);
      stopListening();
    }
    return performance.now() - startedMs;
  }

  #daemon(): RunningChild<DaemonReady> {
    if (this.#running === undefined) throw new Error(`${this.name} does not run`);
    return this.#running;
  }

  #forget(): RunningChild<DaemonReady> | undefined {
    const running = this.#running;
    this.#running = undefined;
    this.#gone.resolve();
    this.#client?.close();
    this.#client = undefined;
    return running;
  }
}

export interface ProcessNetwork {
  readonly directory: string;
  readonly network: string;
  /** Those that it was started with. */
  readonly nodes: readonly ProcessNode[];
  /** All that there are, those added later too. */
  readonly added: readonly ProcessNode[];
  /** Arguments that put a command on this network. */
  readonly joining: readonly string[];
  /** One more data directory, on which nothing runs yet; stopped with the network. */
  add(name: string): ProcessNode;
  /** The DHT's first node is gone from now on. */
  stopBootstrap(): Promise<void>;
  stop(): Promise<void>;
}

/** Resolves when each of `count` nodes has `links` neighbours. */
export async function startProcessNetwork(
  count: number,
  links: number,
  /** So many more run. */
  onStarted: (more: number) => void = () => {},
): Promise<ProcessNetwork> {
  const directory = mkdtempSync(join(tmpdir(), 'broadside-network-'));
  const network = `practice-${directory
    .slice(-6)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, 'x')}`;
  const bootstrapper = await startBootstrapper();
  const joining = ['--network', network, ...bootstrapper.bootstrap.flatMap((address) => ['--bootstrap', address])];
  const all: ProcessNode[] = [];
  const add = (name: string): ProcessNode => {
    const node = new ProcessNode(name, join(directory, name));
    all.push(node);
    return node;
  };
  let stopping: Promise<void> | undefined;
  const stopBootstrap = (): Promise<void> => (stopping ??= bootstrapper.stop());
  const stop = async (): Promise<void> => {
    await Promise.all(all.map((node) => node.stop()));
    await stopBootstrap();
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  };
  const nodes = Array.from({ length: count }, (_, index) => add(`node-${index}`));
  try {
    for (let first = 0; first < count; first += STARTS_AT_ONCE) {
      const starts = await Promise.allSettled(
        nodes.slice(first, first + STARTS_AT_ONCE).map((node) => node.start(joining)),
      );
      // All have started or failed by now, so that none is left behind.
      for (const start of starts) if (start.status === 'rejected') throw start.reason;
      onStarted(starts.length);
    }
    await Promise.all(nodes.map((node) => node.untilLinks(links)));
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  return { directory, network, nodes, added: all, joining, add, stopBootstrap, stop };
}
