/** What is asked of a network whose nodes come and go: publications by the contract and by the command line, and their bytes. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BroadsideError } from '../../shared/base/errors.ts';
import type { Random } from '../../src-main/core/ports.ts';
import { jobEnd } from './practice.ts';
import type { ProcessNetwork, ProcessNode } from './process-network.ts';
import { runCommand } from './spawn.ts';

export type Action = 'publish' | 'get' | 'check' | 'get by command';

/** An answer or an error comes within this: a message lives 30 s, and is begun anew a few times at most. A guess. */
export const ANSWER_BOUND_MS = 150_000;

export interface Deed {
  readonly action: Action;
  readonly node: string;
  /** 'done', the code of its error, 'node gone' for what its own node took with it, 'late', or 'wrong bytes'. */
  readonly outcome: string;
  readonly ms: number;
}

export interface Acknowledged {
  readonly link: string;
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** Does one thing after the other, each within ANSWER_BOUND_MS, and keeps account. */
export class Work {
  /** Of every publication that a node said is placed. */
  readonly acknowledged: Acknowledged[] = [];
  readonly deeds: Deed[] = [];
  readonly #network: ProcessNetwork;
  readonly #random: Random;
  readonly #directory: string;
  #count = 0;

  constructor(network: ProcessNetwork, random: Random) {
    this.#network = network;
    this.#random = random;
    this.#directory = join(network.directory, 'work');
    mkdirSync(this.#directory);
  }

  async publish(node: ProcessNode): Promise<void> {
    const path = this.#path();
    // Half fit into the shares; the others are blocks of their own, up to a segment's worth of 0.6 MiB.
    const sizeBytes = 1 + this.#random.below(this.#random.below(2) === 0 ? 8_000 : 600_000);
    const bytes = this.#random.bytes(sizeBytes);
    writeFileSync(path, bytes);
    const sha256 = hashOf(bytes);
    await this.#account('publish', node, async () => {
      const { client } = node;
      const source = { kind: 'path', path } as const;
      const { job } = await client.call('publish.start', { source, k: 3, n: 10, class: 'fixed' });
      const ended = await jobEnd(client, job, 'publish');
      if (ended.state !== 'done' || ended.link === undefined) throw failure(ended.error);
      this.acknowledged.push({ link: ended.link, sha256, sizeBytes });
      return 'done';
    });
    rmSync(path, { force: true });
  }

  get(node: ProcessNode, publication: Acknowledged): Promise<string> {
    const path = this.#path();
    return this.#account('get', node, async () => {
      const { client } = node;
      const { job } = await client.call('get.start', { link: publication.link, directory: this.#directory, path });
      const ended = await jobEnd(client, job, 'get');
      if (ended.state !== 'done') throw failure(ended.error);
      return verdictOn(path, publication);
    });
  }

  check(node: ProcessNode, publication: Acknowledged): Promise<string> {
    return this.#account('check', node, async () => {
      const { client } = node;
      const { job } = await client.call('check.start', { link: publication.link });
      const ended = await jobEnd(client, job, 'check');
      if (ended.state !== 'done') throw failure(ended.error);
      return ended.retrievable === true ? 'done' : 'not retrievable';
    });
  }

  /** As somebody who has no node running: a process that joins, gets and goes, in the data directory of that name. */
  getByCommand(name: string, publication: Acknowledged): Promise<string> {
    const path = this.#path();
    const args = [
      'get',
      publication.link,
      '-o',
      path,
      '--data',
      join(this.#network.directory, name),
      '--json',
      '--quiet',
    ];
    return this.#account('get by command', undefined, async () => {
      const { code, stdout } = await runCommand([...args, ...this.#network.joining]);
      if (code === 0) return verdictOn(path, publication);
      return (JSON.parse(stdout) as { error: { code: string } }).error.code;
    });
  }

  #path(): string {
    this.#count += 1;
    return join(this.#directory, `file-${this.#count}`);
  }

  async #account(action: Action, node: ProcessNode | undefined, act: () => Promise<string>): Promise<string> {
    const startedMs = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => (timer = setTimeout(resolve, ANSWER_BOUND_MS, 'late')));
    const gone = node?.gone.then(() => 'node gone') ?? new Promise<never>(() => {});
    // What its node's end took with it may reject before or after this is told of the end.
    const acted = act().catch((thrown: unknown) => {
      if (node !== undefined && !node.isRunning) return 'node gone';
      if (thrown instanceof BroadsideError) return thrown.code;
      throw thrown;
    });
    const outcome = await Promise.race([acted, gone, late]);
    clearTimeout(timer);
    this.deeds.push({ action, node: node?.name ?? 'a command', outcome, ms: performance.now() - startedMs });
    return outcome;
  }
}

function verdictOn(path: string, { sha256 }: Acknowledged): string {
  const isSame = hashOf(readFileSync(path)) === sha256;
  rmSync(path, { force: true });
  return isSame ? 'done' : 'wrong bytes';
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function failure(error: { readonly code: string; readonly message: string } | undefined): Error {
  if (error === undefined) return new Error('a job failed without an error');
  return new BroadsideError(error.code as 'unexpected', error.message);
}
