/**
 * Hosts of their own on one machine, with delay and loss between them: network namespaces, each with one device whose packets go
 * through delaying-relay.py. The kernel's own netem would do it with less, where it is built in. Linux, root, `ip` and python3.
 */
import { execFile, execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import HyperDHT from 'hyperdht';
import { BenchEnd, serveEnd } from './bench-end.ts';

const run = promisify(execFile);
const SCRIPT = fileURLToPath(import.meta.url);
const RELAY = join(import.meta.dirname, 'delaying-relay.py');
/** Of the addresses that nobody has. */
const NET = '10.213.77';
const BOOTSTRAP_PORT = 49_737;
/** Nodes of the DHT beside the first: hole punching asks several how they see it. */
const MORE_DHT_NODES = 4;
/** The same packets are lost in each run, as far as they come in the same order. */
const SEED = 7;

interface Host {
  readonly namespace: string;
  readonly address: string;
}

interface Question {
  readonly do: 'dht';
  readonly host: string;
}

export class DelayedNetwork {
  readonly loader: Host;
  readonly sources: readonly Host[];
  readonly bootstrap: string;
  readonly #hosts: readonly Host[];
  readonly #relay: ChildProcess;
  /** Namespaces outlive who made them: also where the benchmark is ended from outside. */
  readonly #onExit = (): void => {
    for (const { namespace } of this.#hosts) {
      try {
        execFileSync('ip', ['netns', 'del', namespace], { stdio: 'ignore' });
      } catch {
        // It was not made yet.
      }
    }
  };
  #dht: BenchEnd | undefined;

  private constructor(hosts: readonly Host[], relay: ChildProcess) {
    const [hub, loader, ...sources] = hosts;
    [this.#hosts, this.loader, this.sources, this.#relay] = [hosts, loader!, sources, relay];
    this.bootstrap = `${hub!.address}:${BOOTSTRAP_PORT}`;
  }

  /** `loss` of each packet, 0 ... 1; `delayMs` each way. */
  static async create(
    sources: number,
    delayMs: number,
    loss: number,
  ): Promise<DelayedNetwork | { readonly problem: string }> {
    if (process.platform !== 'linux' || process.getuid?.() !== 0 || !existsSync('/dev/net/tun'))
      return { problem: 'this needs Linux, root, and /dev/net/tun' };
    const hosts = Array.from({ length: sources + 2 }, (_, index) => ({
      namespace: `bench-${process.pid}-${index}`,
      address: `${NET}.${index + 1}`,
    }));
    const devices = hosts.map(({ address }, index) => `bench${index}=${address}`);
    const relay = spawn('python3', [RELAY, String(delayMs), String(loss), String(SEED), ...devices], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const network = new DelayedNetwork(hosts, relay);
    process.once('exit', network.#onExit);
    try {
      await Promise.race([
        once(createInterface({ input: relay.stdout }), 'line'),
        once(relay, 'exit').then(() => Promise.reject(new Error('python3 cannot open a tun device'))),
      ]);
      for (const [index, { namespace, address }] of hosts.entries()) {
        const device = `bench${index}`;
        await run('ip', ['netns', 'add', namespace]);
        await run('ip', ['link', 'set', device, 'netns', namespace]);
        for (const of of [
          ['addr', 'add', `${address}/24`, 'dev', device],
          ['link', 'set', device, 'up'],
          ['link', 'set', 'lo', 'up'],
        ])
          await run('ip', ['-n', namespace, ...of]);
      }
      network.#dht = new BenchEnd(SCRIPT, hosts[0]!.namespace);
      await network.#dht.ask<true>({ do: 'dht', host: hosts[0]!.address } satisfies Question);
      return network;
    } catch (thrown) {
      await network.remove();
      return { problem: thrown instanceof Error ? thrown.message : String(thrown) };
    }
  }

  async remove(): Promise<void> {
    await this.#dht?.stop();
    this.#relay.stdin?.end();
    if (this.#relay.exitCode === null && this.#relay.pid !== undefined) await once(this.#relay, 'exit');
    process.removeListener('exit', this.#onExit);
    this.#onExit();
  }
}

const nodes: HyperDHT[] = [];

serveEnd<Question>(
  SCRIPT,
  async ({ host }) => {
    const first = HyperDHT.bootstrapper(BOOTSTRAP_PORT, host, { host });
    nodes.push(first);
    await first.fullyBootstrapped();
    for (let more = 0; more < MORE_DHT_NODES; more += 1) {
      const bootstrap = [{ host, port: BOOTSTRAP_PORT }];
      const node = new HyperDHT({ bootstrap, host, firewalled: false, ephemeral: false });
      nodes.push(node);
      await node.fullyBootstrapped();
    }
    return true;
  },
  async () => {
    for (const node of nodes) await node.destroy({ force: true });
  },
);
