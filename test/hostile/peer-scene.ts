/**
 * A practice network of real processes with one node that is attacked, and honest people who go on working with it and through it:
 * they get publications and search while a hostile peer does one kind of thing.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as setTimeoutPromise } from 'node:timers/promises';
import { MIB } from '../../shared/base/units.ts';
import type { FaultKind, Status, Strain } from '../../shared/ipc/network-model.ts';
import type { SearchNews, SearchState } from '../../shared/ipc/search-model.ts';
import { LEAF_QUERIES_A_SECOND } from '../../src-main/core/limits.ts';
import { networkParameters } from '../../src-main/core/network-parameters.ts';
import { HANDSHAKE_TIMEOUT_MS } from '../../src-main/transport/hyperswarm/connection.ts';
import { median } from '../bench/lib/report.ts';
import { untilLinks } from '../soak/lib/linked.ts';
import { idleBytesOf, ResidentMemory } from '../soak/lib/resident-memory.ts';
import { jobEnd, startPractice } from '../support/practice.ts';
import type { Daemon, Practice } from '../support/practice.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { askMemory, collectingEnvironment } from './victim-memory.ts';
import type { AliveMemory } from './victim-memory.ts';
import type { HostileOrder, HostileReport } from './peer.ts';
import type { HostileKind } from './peer-kinds.ts';

const PEER = join(import.meta.dirname, 'peer.ts');
/** A publication of two shares' worth of blocks; some four requests bring it. */
const FILE_BYTES = 48 * 1024;
/** Words of shared files, one a file. */
const WORDS = ['amber', 'birch', 'cobalt', 'dune', 'ember', 'fjord', 'garnet', 'heron', 'indigo', 'juniper'];
/** Below what a hub takes from a leaf. */
const SEARCH_EVERY_MS = (2 * 1_000) / LEAF_QUERIES_A_SECOND;
/** Alive after a kind and not before, of the main thread: what its links left in bounded tables, and what the node did for itself. Guess. */
export const MOST_LEFT_BYTES = 16 * MIB;
const SETTLING_MS = 5_000;
const LOOK_AGAIN_MS = 1_000;
/** A search that has found nothing by then has failed. */
const SEARCH_TIMEOUT_MS = 20_000;

export interface Honest {
  readonly gets: number;
  readonly got: number;
  readonly searches: number;
  readonly found: number;
  readonly getMs: number;
  readonly searchMs: number;
  /** What a get failed with, and how often. */
  readonly failures: Readonly<Record<string, number>>;
}

interface Spread {
  readonly median: number;
  readonly p99: number;
  readonly most: number;
}

export interface KindOutcome {
  readonly kind: string;
  readonly about: string;
  readonly seconds: number;
  readonly attack: HostileReport;
  readonly memory: {
    readonly beforeMib: number;
    readonly peakMib: number;
    readonly growthMib: number;
    readonly afterMib: number;
    /** What was left after a collection, before and after. */
    readonly aliveBefore: AliveMemory;
    readonly aliveAfter: AliveMemory;
  };
  /** Of the victim's event loop, in milliseconds: how late it came, and how much of that was its own work. */
  readonly late: Spread;
  readonly busy: Spread;
  readonly honest: Honest;
  /** How much the victim's counts rose. */
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  /** Honest links of the victim that it had before and has not after. */
  readonly lostLinks: number;
}

export interface SceneOptions {
  readonly nodes: number;
  readonly publications: number;
  readonly seed: number;
}

export class HostileScene {
  readonly practice: Practice;
  readonly victim: Daemon;
  readonly #reader: Daemon;
  readonly #links: readonly string[];
  readonly #seed: number;
  readonly #honest: ReadonlySet<string>;
  #copies = 0;

  private constructor(
    practice: Practice,
    [victim, reader, sharer]: readonly [Daemon, Daemon, Daemon],
    links: readonly string[],
    seed: number,
  ) {
    this.practice = practice;
    const keys = [...practice.nodes, reader.ready, sharer.ready].map(({ publicKey }) => publicKey);
    this.#honest = new Set(keys);
    this.victim = victim;
    this.#reader = reader;
    this.#links = links;
    this.#seed = seed;
  }

  static async start({ nodes, publications, seed }: SceneOptions): Promise<HostileScene> {
    const practice = await startPractice(nodes);
    try {
      const [victim, reader, sharer] = await Promise.all([
        practice.startDaemon('victim', [], { env: collectingEnvironment(memoryFile(practice)) }),
        ...['reader', 'sharer'].map((name) => practice.startDaemon(name)),
      ]);
      const set = (daemon: Daemon, value: string): Promise<unknown> =>
        daemon.client.call('config.set', { name: 'hub', value });
      await Promise.all([set(victim!, 'always'), set(reader!, 'never'), set(sharer!, 'never')]);
      await Promise.all([victim!, reader!, sharer!].map(({ client }) => untilLinks(client, Math.min(4, nodes))));
      const links: string[] = [];
      const random = seededRandom(seed);
      for (let index = 0; index < publications; index += 1) {
        const path = join(practice.directory, `work-${index}.bin`);
        writeFileSync(path, random.bytes(FILE_BYTES));
        const source = { kind: 'path', path } as const;
        const { job } = await sharer!.client.call('publish.start', { source, k: 2, n: 4, class: 'fixed' });
        const ended = await jobEnd(sharer!.client, job, 'publish');
        if (ended.link === undefined) throw new Error(`publishing failed: ${ended.error?.message}`);
        links.push(ended.link);
      }
      const folder = join(practice.directory, 'shared');
      mkdirSync(folder);
      for (const word of WORDS) writeFileSync(join(folder, `${word} harbour.txt`), word);
      await sharer!.client.call('shares.add', { path: folder });
      const scene = new HostileScene(practice, [victim!, reader!, sharer!], links, seed);
      await scene.#untilFound();
      return scene;
    } catch (thrown) {
      await practice.stop();
      throw thrown;
    }
  }

  stop(): Promise<void> {
    return this.practice.stop();
  }

  /**
   * Attacks for so long, while honest people work; longer, up to `patienceMs` more, where the victim has not told of it by then: on a busy
   * machine an attacker is slow too.
   */
  async run(kind: HostileKind, seconds: number, patienceMs = 0): Promise<KindOutcome> {
    const { victim } = this;
    const aliveBefore = await askMemory(victim.pid, memoryFile(this.practice));
    const peer = this.#startPeer(kind);
    const reports = peerReports(peer);
    await reports.first;
    const linked = await this.#honestLinks();
    const before = await victim.client.call('status.get', null);
    const beforeBytes = idleBytesOf(victim.pid);
    await victim.client.call('node.strain', null);
    const memory = new ResidentMemory(victim.pid, beforeBytes);
    const stop = new AbortController();
    const working = Promise.all([
      this.#get(victim, stop.signal),
      this.#get(this.#reader, stop.signal),
      this.#searchAgain(this.#reader, stop.signal),
    ]);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
    await this.#untilSeen(kind, before, patienceMs);
    // Asked by the same loop that is measured: what it answers late by is in what it answers.
    const strain = await victim.client.call('node.strain', null);
    const { peakAboveIdle, growth } = memory.stop();
    stop.abort();
    peer.send('stop');
    const attack = await reports.last;
    const [own, others, searched] = await working;
    const after = await victim.client.call('status.get', null);
    const stillLinked = await this.#honestLinks();
    const aliveAfter = await this.#aliveAfter(aliveBefore);
    const faults: Partial<Record<FaultKind, number>> = {};
    for (const [name, count] of Object.entries(after.faults) as [FaultKind, number][]) {
      const rose = count - (before.faults[name] ?? 0);
      if (rose > 0) faults[name] = rose;
    }
    const gets = [...own, ...others];
    const beforeMib = beforeBytes / MIB;
    return {
      kind: kind.name,
      about: kind.about,
      seconds,
      attack,
      memory: {
        beforeMib,
        peakMib: beforeMib + peakAboveIdle,
        growthMib: growth,
        afterMib: idleBytesOf(victim.pid) / MIB,
        aliveBefore,
        aliveAfter,
      },
      late: spreadOf(strain.lateMs),
      busy: spreadOf(strain.busyMs),
      honest: {
        gets: gets.length,
        got: gets.filter(({ ok }) => ok).length,
        searches: searched.length,
        found: searched.filter(({ ok }) => ok).length,
        getMs: median(gets.map(({ ms }) => ms)),
        searchMs: median(searched.map(({ ms }) => ms)),
        failures: countOf(gets.flatMap(({ why }) => (why === undefined ? [] : [why]))),
      },
      faults,
      lostLinks: [...linked].filter((key) => !stillLinked.has(key)).length,
    };
  }

  /** What the attack's last streams had under way is let go when they end, a handshake's time later at most. */
  async #aliveAfter(before: AliveMemory): Promise<AliveMemory> {
    const untilMs = performance.now() + HANDSHAKE_TIMEOUT_MS + SETTLING_MS;
    for (;;) {
      const alive = await askMemory(this.victim.pid, memoryFile(this.practice));
      const leftBytes = alive.heap + alive.outside - before.heap - before.outside;
      if (leftBytes <= MOST_LEFT_BYTES || performance.now() > untilMs) return alive;
      await setTimeoutPromise(LOOK_AGAIN_MS);
    }
  }

  async #untilSeen({ seenAs }: HostileKind, before: Status, patienceMs: number): Promise<void> {
    if (seenAs.length === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = this.victim.client.on('status', ({ faults }) => {
      if (seenAs.some((fault) => (faults[fault] ?? 0) > (before.faults[fault] ?? 0))) resolve();
    });
    const timer = setTimeout(resolve, patienceMs);
    await promise;
    clearTimeout(timer);
    stop();
  }

  /** Keys of the honest nodes that are neighbours of the victim. */
  async #honestLinks(): Promise<Set<string>> {
    const { neighbours } = await this.victim.client.call('network.get', null);
    return new Set(neighbours.flatMap(({ publicKey }) => (this.#honest.has(publicKey) ? [publicKey] : [])));
  }

  #startPeer(kind: HostileKind): ChildProcess {
    const { ready } = this.victim;
    const order: HostileOrder = {
      kind: kind.name,
      seed: this.#seed,
      stampBits: networkParameters(this.practice.network).stampBits,
      publicKey: ready.publicKey,
      address: ready.dht,
      bootstrap: this.practice.bootstrap,
      network: this.practice.network,
    };
    return fork(PEER, [JSON.stringify(order)], { execArgv: ['--disable-warning=ExperimentalWarning'] });
  }

  /** Gets one after the other, each anew from the network, until the signal. */
  async #get(daemon: Daemon, signal: AbortSignal): Promise<Deed[]> {
    const deeds: Deed[] = [];
    while (!signal.aborted) {
      const link = this.#links[deeds.length % this.#links.length]!;
      this.#copies += 1;
      const path = join(this.practice.directory, `copy-${this.#copies}`);
      await daemon.client.call('library.forgetOpened', null);
      const begunMs = performance.now();
      const { job } = await daemon.client.call('get.start', { link, directory: this.practice.directory, path });
      const ended = await jobEnd(daemon.client, job, 'get');
      const ok = ended.state === 'done';
      deeds.push({ ok, ms: performance.now() - begunMs, ...(!ok && { why: ended.error?.message ?? ended.state }) });
      await daemon.client.call('jobs.dismiss', { job });
      rmSync(path, { force: true, recursive: true });
    }
    return deeds;
  }

  async #searchAgain(daemon: Daemon, signal: AbortSignal): Promise<Deed[]> {
    const deeds: Deed[] = [];
    while (!signal.aborted) {
      const begunMs = performance.now();
      const { results } = await search(daemon, WORDS[deeds.length % WORDS.length]!);
      deeds.push({ ok: results > 0, ms: performance.now() - begunMs });
      // A hub refuses a leaf that asks more often than any person does.
      await setTimeoutPromise(SEARCH_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
    return deeds;
  }

  /** Hubs rise and lists travel; asking again is how anybody learns that they have. */
  async #untilFound(): Promise<void> {
    for (const word of WORDS) while ((await search(this.#reader, word)).results === 0);
  }
}

function memoryFile({ directory }: Practice): string {
  return join(directory, 'memory.json');
}

interface Deed {
  readonly ok: boolean;
  readonly ms: number;
  readonly why?: string;
}

async function search(daemon: Daemon, query: string): Promise<SearchState> {
  const { client } = daemon;
  const { promise, resolve } = Promise.withResolvers<SearchState>();
  const look = (state: SearchState): void => {
    if (state.id === id && (state.state !== 'searching' || state.results > 0)) resolve(state);
  };
  const timer = setTimeout(() => resolve({ results: 0 } as SearchState), SEARCH_TIMEOUT_MS);
  const { id } = await client.call('search.start', { query });
  const stop = client.on('search', ({ state }: SearchNews) => look(state));
  // What was told before anybody listened.
  for (const state of await client.call('search.list', null)) look(state);
  const state = await promise;
  clearTimeout(timer);
  stop();
  if (state.state === 'searching') await client.call('search.stop', { search: id });
  return state;
}

/** `first`: when it begins; `last`: what it did in all, when it has ended. */
function peerReports(peer: ChildProcess): { readonly first: Promise<void>; readonly last: Promise<HostileReport> } {
  const [first, last] = [Promise.withResolvers<void>(), Promise.withResolvers<HostileReport>()];
  peer.on('message', (report: HostileReport) => {
    first.resolve();
    if (report.isEnd) void gone(peer).then(() => last.resolve(report));
  });
  peer.once('exit', (code) => {
    const early = new Error(`the hostile peer ended by itself, with ${code}`);
    first.reject(early);
    if (code !== 0) last.reject(early);
  });
  last.promise.catch(() => {}); // told by `first` where nobody waits for it
  return { first: first.promise, last: last.promise };
}

async function gone(peer: ChildProcess): Promise<void> {
  if (peer.exitCode === null && peer.signalCode === null) await once(peer, 'exit');
}

function spreadOf(spread: Strain['lateMs']): Spread {
  const { median: middle, p99, most } = spread ?? { median: Number.NaN, p99: Number.NaN, most: Number.NaN };
  return { median: middle, p99, most };
}

function countOf(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
