/**
 * The practice network that the app starts by itself: `testnet --samples` as a child of the daemon, in a folder of the data
 * directory that is removed afterwards. Which node runs is for the daemon to change; here is asked for it.
 *
 * Its network is on this machine alone, and its node has keys and a library of its own: nothing of it and nothing of what was
 * there before meet.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { BroadsideError, toBroadsideError } from '../../../shared/base/errors.ts';
import type { Practice } from '../../../shared/ipc/practice-calls.ts';
import type { PracticeHandlers } from '../../services/practice/no-practice.ts';
import { dataDirectoryAt } from '../data-directory.ts';
import type { DataDirectory } from '../data-directory.ts';
import { STOP_TIMEOUT_MS } from '../start-and-stop.ts';
import { STEPS } from './practice-steps.ts';

/** Enough that requests go in several steps and shares lie apart, at some tens of megabytes of memory each. Guess. */
const NODES = 8;

/** A node that the daemon can run. */
export interface Place {
  readonly directory: DataDirectory;
  readonly network: string | undefined;
  readonly bootstrap: readonly string[];
}

interface Ready {
  readonly network: string;
  readonly bootstrap: readonly string[];
  readonly samples: Practice['samples'];
}

export class PracticeNetwork {
  #home: Place;
  readonly #onDefect: (thrown: unknown) => void;
  readonly #listeners = new Set<(practice: Practice) => void>();
  #practice: Practice = { state: 'off', samples: [] };
  #child: ChildProcess | undefined;
  #wanted = Promise.withResolvers<Place>();
  readonly handlers: PracticeHandlers;

  /** `home` is the node that runs without it. */
  constructor(home: Place, onDefect: (thrown: unknown) => void) {
    this.#home = home;
    this.#onDefect = onDefect;
    this.handlers = {
      'practice.get': () => this.#practice,
      'practice.start': () => {
        this.#start();
        return null;
      },
      'practice.stop': async () => {
        await this.#stop();
        return null;
      },
    };
  }

  get #path(): string {
    return join(this.#home.directory.path, 'practice');
  }

  get isOff(): boolean {
    return this.#practice.state === 'off';
  }

  /** The data directory of the node at home lies elsewhere now. Only while it is off. */
  moveHome(home: Place): void {
    this.#home = home;
  }

  /** Resolves when another node is to run than the one that does. */
  get wanted(): Promise<Place> {
    return this.#wanted.promise;
  }

  on(listener: (practice: Practice) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** That node runs, and its windows come. Back home, what the network left is taken away. */
  arrived(place: Place): void {
    this.#wanted = Promise.withResolvers();
    const { state, samples } = this.#practice;
    if (place !== this.#home) this.#set({ state: 'on', samples });
    else if (state === 'leaving') this.#clear().then(() => this.#set({ state: 'off', samples: [] }), this.#onDefect);
    // Of a daemon that was killed on its practice network.
    else rmSync(this.#path, { recursive: true, force: true, maxRetries: 5 });
  }

  /** The node that was to run on it did not start: the one at home goes on. */
  async failed(thrown: unknown): Promise<void> {
    await this.#clear();
    this.#set({ state: 'off', samples: [], problem: toBroadsideError(thrown).message.slice(0, 1000) });
  }

  /** Ends its processes. Idempotent. */
  async close(): Promise<void> {
    await this.#clear();
  }

  #start(): void {
    if (this.#practice.state !== 'off') {
      throw new BroadsideError(
        'usage',
        'The practice network is on or on its way. Leave it before another is started.',
      );
    }
    this.#set({ state: 'starting', step: 'nodes', samples: [] });
    this.#run().catch((thrown: unknown) => {
      // Ended by somebody who changed their mind.
      if (this.#practice.state !== 'starting') return;
      const problem = toBroadsideError(thrown).message.slice(0, 1000);
      void this.#clear().then(() => this.#set({ state: 'off', samples: [], problem }), this.#onDefect);
    });
  }

  async #run(): Promise<void> {
    rmSync(this.#path, { recursive: true, force: true });
    const { network, bootstrap, samples } = await this.#startChild();
    if (this.#practice.state !== 'starting') return;
    this.#set({ state: 'starting', step: 'moving', samples });
    this.#wanted.resolve({ directory: dataDirectoryAt(join(this.#path, 'me')), network, bootstrap });
  }

  async #stop(): Promise<void> {
    const { state, samples, step } = this.#practice;
    if (state === 'on') {
      this.#set({ state: 'leaving', samples });
      this.#wanted.resolve(this.#home);
    } else if (state === 'starting' && step !== 'moving') {
      this.#set({ state: 'off', samples: [] });
      await this.#clear();
    }
  }

  #startChild(): Promise<Ready> {
    const script = process.argv[1] ?? join(import.meta.dirname, 'main.ts');
    const args = [script, 'testnet', '--nodes', String(NODES), '--dir', join(this.#path, 'network'), '--samples'];
    const child = spawn(process.execPath, args, {
      // Its standard input ends with this process, and it with that, whatever becomes of this process.
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
    });
    this.#child = child;
    child.stdin.on('error', () => {});
    let said = '';
    const steps = new Map<string, Practice['step']>([
      [STEPS.nodes(NODES), 'nodes'],
      [STEPS.links, 'links'],
      [STEPS.samples, 'samples'],
    ]);
    createInterface({ input: child.stderr }).on('line', (line) => {
      said = `${said}\n${line}`.slice(-2000);
      const step = steps.get(line);
      if (step !== undefined && this.#practice.state === 'starting') this.#set({ ...this.#practice, step });
    });
    return new Promise((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', (line) => {
        try {
          resolve(JSON.parse(line) as Ready);
        } catch (thrown) {
          reject(thrown);
        }
      });
      child.once('error', reject);
      child.once('exit', (code) =>
        reject(new BroadsideError('unexpected', `The practice network ended: ${said.trim() || `exit code ${code}`}`)),
      );
    });
  }

  async #clear(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child !== undefined && child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.kill('SIGTERM');
      // Its nodes take their own time to stop, and then it does.
      const timer = setTimeout(() => child.kill('SIGKILL'), 2 * STOP_TIMEOUT_MS);
      await ended;
      clearTimeout(timer);
    }
    rmSync(this.#path, { recursive: true, force: true, maxRetries: 5 });
  }

  #set(practice: Practice): void {
    this.#practice = practice;
    for (const listener of this.#listeners) listener(practice);
  }
}
