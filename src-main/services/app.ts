/**
 * The use cases put together behind the contract of shared/ipc. Adapters come in from the host; what is made here is
 * closed here, in the order: jobs (cancelled and waited for), staging, library, settings. The host then closes the
 * adapters, the node first.
 */
import { toHex } from '../../shared/base/bytes.ts';
import type { EventName, EventValue, Preview } from '../../shared/ipc/contract.ts';
import type { NetworkView, Status } from '../../shared/ipc/model.ts';
import type { Handlers } from '../../shared/ipc/rpc.ts';
import type {
  BlockStore,
  Crypto,
  KdfParameters,
  LibraryStore,
  LinearCombiner,
  PasswordHash,
  Random,
  SecretStore,
  Stamper,
} from '../core/ports.ts';
import type { KdfBounds } from '../core/publish/author.ts';
import { Addresses } from './addresses/addresses.ts';
import type { NetworkParameters } from '../core/network-parameters.ts';
import type { BlockNetwork } from './block-network.ts';
import { Invites } from './invites/invites.ts';
import type { InviteSource } from './invites/invites.ts';
import type { Clock } from './jobs/clock.ts';
import { JobRegistry } from './jobs/job-registry.ts';
import { Keeping } from './keep/keeping.ts';
import { Library } from './library/library.ts';
import { MetadataCare } from './metadata/metadata.ts';
import type { MetadataTools } from './metadata/metadata.ts';
import type { FileSealer } from './publish/content.ts';
import { Publisher } from './publish/publish.ts';
import { UnfinishedPublications } from './publish/unfinished.ts';
import { Sources } from './publish/source.ts';
import type { FileHasher } from './revise/compare.ts';
import { Reviser } from './revise/revise.ts';
import type { Settings } from './settings/settings.ts';
import { Staging } from './staging/staging.ts';
import type { SurveyResult } from './survey/survey.ts';

/** How often the status is told while somebody listens. Once a second: figures that change faster cannot be read. */
const STATUS_INTERVAL_MS = 1_000;
/** But a neighbour that comes or goes is told at once, several together: somebody may be waiting for the first. */
const NEIGHBOUR_CHANGE_MS = 30;

/** What the app asks of the running node, for showing. */
export interface NodeStatusSource {
  status(): Promise<Status> | Status;
  networkView(): Promise<NetworkView> | NetworkView;
  /** Neighbours ready for messages. */
  readyLinks(): number;
  /** Calls `listener` when neighbours came or went; the function returned ends that. */
  onNeighbours(listener: () => void): () => void;
}

/** The reading half of the use cases (services/read): each starts a job and returns its id. */
export interface Readers {
  startOpen(request: { readonly link: string }): Promise<string> | string;
  startGet(request: {
    readonly link: string;
    readonly path?: string | undefined;
    readonly directory: string;
    readonly restart?: boolean | undefined;
  }): Promise<string> | string;
  startCheck(request: { readonly link: string }): Promise<string> | string;
}

/** What reading and publishing share. */
export interface AppParts {
  readonly jobs: JobRegistry;
  readonly library: Library;
  readonly settings: Settings;
}

export interface AppDeps {
  readonly clock: Clock;
  readonly crypto: Crypto;
  readonly combiner: LinearCombiner;
  readonly random: Random;
  readonly passwordHash: PasswordHash;
  readonly network: BlockNetwork;
  readonly node: NodeStatusSource;
  /** What invites are made from, and who takes theirs in. */
  readonly meeting: InviteSource;
  readonly sealing: FileSealer & FileHasher;
  readonly libraryStore: LibraryStore;
  /** What is held of publications that are kept alive; never served to others. */
  readonly kept: BlockStore;
  /** Loaded by the host, which needs some before there is a network. */
  readonly settings: Settings;
  /** Finds the work of claims. */
  readonly stamper: Stamper;
  readonly parameters: Pick<NetworkParameters, 'name' | 'locationCost' | 'claimBits'>;
  /** From which the keys of claims are made, 32 bytes. */
  readonly claimSecret: Uint8Array;
  readonly penSecrets: SecretStore;
  /** DATA/publishing, where journals of what is being sent are, and the key that seals them, 32 bytes. */
  readonly unfinished: { readonly directory: string; readonly key: Uint8Array };
  /** DATA/staging; emptied. */
  readonly stagingDirectory: string;
  readonly readers: (parts: AppParts) => Readers;
  /** Looks for what files tell about their authors, and takes it out of copies. */
  readonly metadataTools: MetadataTools;
  /** Who is logged in on this machine, whose name may be in those of files. */
  readonly userName?: string;
  /** Looks through what would be published with the eyes of its readers, and keeps it open for showing. */
  readonly preview: (found: SurveyResult) => Promise<Preview>;
  /** Empties the store of blocks of what was opened. */
  readonly forgetOpenedBlocks: () => Promise<void>;
  /** Cost of a passphrase, for practice networks; the default is core/publish/author.ts's. */
  readonly kdfCost?: KdfParameters;
  readonly kdfBounds?: KdfBounds;
  /** A defect that no caller can be told of. */
  readonly onDefect: (thrown: unknown) => void;
}

export interface App extends AppParts {
  readonly handlers: Handlers;
  readonly staging: Staging;
  /** Calls `listener` for each event; the function returned ends that. */
  on<N extends EventName>(name: N, listener: (value: EventValue<N>) => void): () => void;
  /** Cancels jobs and resolves when everything is on disk; idempotent. */
  /** A frame was given a page of an open publication, or a link in it was followed that leads away. */
  tell<N extends 'page' | 'away'>(name: N, value: EventValue<N>): void;
  close(): Promise<void>;
}

/** Loads the library, empties the staging area, and is ready. */
export async function createApp(deps: AppDeps): Promise<App> {
  const { clock, node, settings } = deps;
  const events = new Events(deps);
  const onChange = [() => events.emit('library', null)];
  const library = await Library.load(deps.libraryStore, () => {
    for (const tell of onChange) tell();
  });
  const staging = await Staging.open({ directory: deps.stagingDirectory, random: deps.random });
  const jobs = new JobRegistry({
    clock,
    newId: () => toHex(deps.random.bytes(12)),
    onJob: (job) => events.emit('job', job),
    onGone: (job) => events.emit('jobGone', { job }),
    onDefect: deps.onDefect,
  });
  const stopSettings = settings.onChange((values) => {
    events.emit('settings', values);
    keeping.changed();
  });
  const parts: AppParts = { jobs, library, settings };
  const unfinished = await UnfinishedPublications.load({ ...deps, ...deps.unfinished });
  const sources = new Sources(staging);
  const { metadataTools: tools, userName = '' } = deps;
  const care = new MetadataCare({ clock, sources, tools, userName });
  const publishing = { ...deps, ...parts, staging, unfinished, metadata: care, neighbours: () => node.readyLinks() };
  const publisher = new Publisher(publishing);
  const reviser = new Reviser(publishing);
  const readers = deps.readers(parts);
  const invites = new Invites(deps.meeting);
  const keeping = new Keeping({ ...deps, ...parts, neighbours: () => node.readyLinks() });
  onChange.push(() => keeping.changed());
  const addresses = await Addresses.load({
    ...deps,
    neighbours: () => node.readyLinks(),
    changed: () => events.emit('addresses', null),
    onEdition: (following) => events.emit('edition', following),
  });

  const handlers: Handlers = {
    'status.get': () => node.status(),
    'network.get': () => node.networkView(),
    'network.invite': () => ({ invite: invites.make() }),
    'network.join': ({ invite }) => ({ nodes: invites.join(invite) }),
    'jobs.list': () => jobs.list(),
    'jobs.get': ({ job }) => jobs.get(job),
    'jobs.cancel': ({ job }) => done(jobs.cancel(job)),
    'jobs.dismiss': ({ job }) => done(jobs.dismiss(job)),
    'jobs.resume': async ({ job, password }) => ({ job: await publisher.resume(job, password) }),
    'publish.stage': async () => ({ staging: await staging.create() }),
    'publish.survey': ({ source }) => publisher.survey(source),
    'publish.preview': async ({ source }) => deps.preview(await sources.survey(source)),
    'publish.metadata': ({ source, from }) => care.page(source, from),
    'publish.start': async (request) => ({ job: await publisher.start(request) }),
    'update.start': (request) => ({ job: reviser.startUpdate(request) }),
    'password.start': async (request) => ({ job: await reviser.startPasswordChange(request) }),
    'delete.start': (request) => ({ job: reviser.startDelete(request) }),
    'publish.forgetPassword': ({ job }) => done(publisher.forgetPassword(job)),
    'publish.discard': async (params) => done(await staging.discard(params.staging)),
    'open.start': async ({ link }) => ({ job: await readers.startOpen({ link: await addresses.linkOf(link) }) }),
    'get.start': async (request) => ({
      job: await readers.startGet({ ...request, link: await addresses.linkOf(request.link) }),
    }),
    'check.start': async ({ link }) => ({ job: await readers.startCheck({ link: await addresses.linkOf(link) }) }),
    'keep.start': async ({ link }) => ({ job: keeping.start(await addresses.linkOf(link)) }),
    'keep.stop': async ({ link }) => done(await keeping.stop(await addresses.linkOf(link))),
    ...addresses.handlers,
    'library.list': () => library.list(),
    'library.remove': async ({ link, origin }) => done(await library.remove(origin, link)),
    'library.forgetOpened': async () => {
      await library.forgetOpened();
      return done(await deps.forgetOpenedBlocks());
    },
    'config.get': () => settings.all(),
    'config.set': async ({ name, value }) => ({ value: await settings.set(name, value) }),
  };

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    events.close();
    await addresses.close();
    const kept = keeping.close();
    await jobs.close();
    await kept;
    await staging.close();
    await library.close();
    stopSettings();
    await settings.close();
  };
  return {
    ...parts,
    handlers,
    staging,
    on: (name, listener) => events.on(name, listener),
    tell: (name, value) => events.emit(name, value),
    close: () => (closing ??= close()),
  };
}

/** The contract's answer of calls that have none: their outcome is that they did not throw. */
const done = (_outcome: void): null => null;

/** Listeners by event; the status is asked for only while somebody listens to it. */
class Events {
  readonly #deps: Pick<AppDeps, 'clock' | 'node' | 'onDefect'>;
  readonly #listeners = new Map<EventName, Set<(value: never) => void>>();
  #stopStatus: (() => void) | undefined;
  #statusAtMs = 0;
  #telling = false;
  /** Neighbours changed while the status was being asked for: it is asked again at once. */
  #changed = false;
  readonly #stopNeighbours: () => void;
  #closed = false;

  constructor(deps: Pick<AppDeps, 'clock' | 'node' | 'onDefect'>) {
    this.#deps = deps;
    this.#stopNeighbours = deps.node.onNeighbours(() => {
      if (this.#telling) this.#changed = true;
      if ((this.#listeners.get('status')?.size ?? 0) > 0) this.#tellStatusLater(NEIGHBOUR_CHANGE_MS);
    });
  }

  on<N extends EventName>(name: N, listener: (value: EventValue<N>) => void): () => void {
    const set = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, set);
    set.add(listener as (value: never) => void);
    if (name === 'status') this.#tellStatusLater();
    return () => {
      set.delete(listener as (value: never) => void);
      if (name === 'status' && set.size === 0) this.#stopTellingStatus();
    };
  }

  emit<N extends EventName>(name: N, value: EventValue<N>): void {
    for (const listener of this.#listeners.get(name) ?? []) {
      try {
        listener(value as never);
      } catch (thrown) {
        // One connection that breaks must not keep the others, or the work itself, from going on.
        this.#deps.onDefect(thrown);
      }
    }
  }

  close(): void {
    this.#closed = true;
    this.#stopNeighbours();
    this.#stopTellingStatus();
  }

  /** An earlier time replaces the one that was set. */
  #tellStatusLater(delayMs = STATUS_INTERVAL_MS): void {
    if (this.#closed || this.#telling) return;
    const atMs = this.#deps.clock.monotonicMs() + delayMs;
    if (this.#stopStatus !== undefined) {
      if (this.#statusAtMs <= atMs) return;
      this.#stopStatus();
    }
    this.#statusAtMs = atMs;
    this.#stopStatus = this.#deps.clock.after(delayMs, () => {
      void this.#tellStatus();
    });
  }

  async #tellStatus(): Promise<void> {
    this.#telling = true;
    try {
      this.emit('status', await this.#deps.node.status());
    } catch (thrown) {
      this.#deps.onDefect(thrown);
    }
    this.#telling = false;
    this.#stopStatus = undefined;
    const delayMs = this.#changed ? NEIGHBOUR_CHANGE_MS : STATUS_INTERVAL_MS;
    this.#changed = false;
    if ((this.#listeners.get('status')?.size ?? 0) > 0) this.#tellStatusLater(delayMs);
  }

  #stopTellingStatus(): void {
    this.#stopStatus?.();
    this.#stopStatus = undefined;
  }
}
