/**
 * The use cases put together behind the contract of shared/ipc. Adapters come in from the host; what is made here is
 * closed here, in the order: jobs (cancelled and waited for), staging, library, settings. The host then closes the
 * adapters, the node first.
 */
import { toHex } from '../../shared/base/bytes.ts';
import type { EventName, EventValue, Preview } from '../../shared/ipc/contract.ts';
import type { Help, HelpLanguage } from '../../shared/ipc/help-calls.ts';
import type { Job } from '../../shared/ipc/model.ts';
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
  ShareStore,
  Stamper,
} from '../core/ports.ts';
import type { KdfBounds } from '../core/publish/author.ts';
import { Addresses } from './addresses/addresses.ts';
import type { NetworkParameters } from '../core/network-parameters.ts';
import type { BlockNetwork } from './block-network.ts';
import { Events } from './events.ts';
import type { NodeStatusSource } from './events.ts';
import { Invites } from './invites/invites.ts';
import type { InviteSource } from './invites/invites.ts';
import type { Clock } from './jobs/clock.ts';
import { JobRegistry } from './jobs/job-registry.ts';
import { Keeping } from './keep/keeping.ts';
import { Bookmarks } from './library/bookmarks.ts';
import { Library } from './library/library.ts';
import { MetadataCare } from './metadata/metadata.ts';
import type { MetadataTools } from './metadata/metadata.ts';
import type { FileSealer } from './publish/content.ts';
import { noMove } from './move/no-move.ts';
import { noPractice } from './practice/no-practice.ts';
import { Publisher } from './publish/publish.ts';
import { UnfinishedPublications } from './publish/unfinished.ts';
import { Sources } from './publish/source.ts';
import type { FileHasher } from './revise/compare.ts';
import { linkFromText } from './read/gather.ts';
import { newestEdition } from './read/newest-edition.ts';
import { Reviser } from './revise/revise.ts';
import { hereBy } from './search/here.ts';
import { Listings, listingVerifier } from './search/listings.ts';
import type { ListingsDeps } from './search/listings.ts';
import { Search } from './search/search.ts';
import type { QueryNetwork } from './search/search-run.ts';
import type { Settings } from './settings/settings.ts';
import type { FolderReader } from './shares/ports.ts';
import type { ShareListChange } from './shares/share-list.ts';
import { Shares } from './shares/shares.ts';
import { watchFolder } from './shares/watching.ts';
import { Downloads } from './transfers/downloads.ts';
import { Loading } from './transfers/loading.ts';
import type { DownloadsDeps } from './transfers/downloads.ts';
import { Serving } from './transfers/serving.ts';
import type { OpenShared } from './transfers/serving.ts';
import { TransferHistory } from './transfers/history.ts';
import { Playing } from './transfers/playing.ts';
import type { PlayOrigins } from './transfers/playing.ts';
import { playHandlers } from './transfers/playing-calls.ts';
import { Staging } from './staging/staging.ts';
import type { SurveyResult } from './survey/survey.ts';

/** Part of the upload slots that one user may have, so that one with many files leaves some to others. Guess. */
const MAX_SLOTS_OF_USER = 0.25;
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
  /** DATA/staging, and whether what is there outlives this: not where the library is locked with a passphrase. */
  readonly stagingDirectory: string;
  readonly keepsStaged: boolean;
  readonly readers: (parts: AppParts) => Readers;
  /** Shared folders: what is known of them, who reads them, how many files at once, and who is told the list. */
  readonly shares: {
    readonly store: ShareStore;
    readonly reader: FolderReader;
    readonly lanes: number;
    readonly dataDirectory: string;
    readonly tell: (change: ShareListChange) => void;
  };
  /** Searches the network. */
  readonly queries: QueryNetwork & ListingsDeps['queries'];
  /** Whether a node is a neighbour now. `publicKey`: lower-case hexadecimal. */
  readonly isLinked: (publicKey: string) => boolean;
  /** Shared files on their way: who carries them, who finds sources, and what is needed to write them. */
  readonly transfers: Pick<DownloadsDeps, 'network' | 'findSources' | 'part' | 'finished' | 'wayTo'> & {
    readonly openShared: OpenShared;
    /** Where files are played while they arrive. */
    readonly players: PlayOrigins;
  };
  /** Looks for what files tell about their authors, and takes it out of copies. */
  readonly metadataTools: MetadataTools;
  /** Who is logged in on this machine, whose name may be in those of files. */
  readonly userName?: string;
  /** Looks through what would be published with the eyes of its readers, and keeps it open for showing. */
  readonly preview: (found: SurveyResult) => Promise<Preview>;
  /** Opens the help that ships with the program. */
  readonly help: (language: HelpLanguage) => Promise<Help>;
  /** Empties the store of blocks of what was opened. */
  readonly forgetOpenedBlocks: () => Promise<void>;
  /** Cost of a passphrase, for practice networks; the default is core/publish/author.ts's. */
  readonly kdfCost?: KdfParameters;
  readonly kdfBounds?: KdfBounds;
  /** A defect that no caller can be told of. */
  readonly onDefect: (thrown: unknown) => void;
}

/** All but those of the lock, which opens and closes this (lock/lock.ts). */
export type AppHandlers = Omit<Handlers, Extract<keyof Handlers, `lock.${string}`>>;

export interface App extends AppParts {
  readonly handlers: AppHandlers;
  readonly staging: Staging;
  /** The node runs: goes on with what waits for it. */
  begin(): void;
  /** Calls `listener` for each event; the function returned ends that. */
  on<N extends EventName>(name: N, listener: (value: EventValue<N>) => void): () => void;
  /** Cancels jobs and resolves when everything is on disk; idempotent. */
  /** A frame was given a page of an open publication, or a link in it was followed that leads away. */
  tell<N extends 'page' | 'away'>(name: N, value: EventValue<N>): void;
  close(): Promise<void>;
}

/** Loads the library and the staging areas, and is ready. */
export async function createApp(deps: AppDeps): Promise<App> {
  const { clock, node, settings } = deps;
  const events = new Events(deps);
  const onChange = [() => events.emit('library', null)];
  const library = await Library.load(deps.libraryStore, () => {
    for (const tell of onChange) tell();
  });
  const keeps = deps.keepsStaged ? { now: () => clock.now() } : undefined;
  const staging = await Staging.open({ directory: deps.stagingDirectory, random: deps.random, keeps });
  // What an earlier run left is listed before all who listen are there.
  const onJob = [(job: Job) => events.emit('job', job)];
  const onGone = [(job: string) => events.emit('jobGone', { job })];
  const jobs = new JobRegistry({
    clock,
    newId: () => toHex(deps.random.bytes(12)),
    onJob: (job) => {
      for (const tell of onJob) tell(job);
    },
    onGone: (job) => {
      for (const tell of onGone) tell(job);
    },
    onDefect: deps.onDefect,
  });
  const tellSlots = (): void => {
    const slots = settings.get('upload-slots');
    deps.transfers.network.setUploadSlots(slots, Math.max(1, Math.ceil(slots * MAX_SLOTS_OF_USER)));
  };
  const stopSettings = settings.onChange((values) => {
    events.emit('settings', values);
    keeping.changed();
    tellSlots();
  });
  const parts: AppParts = { jobs, library, settings };
  const unfinished = await UnfinishedPublications.load({ ...deps, ...deps.unfinished });
  const sources = new Sources(staging);
  const { metadataTools: tools, userName = '' } = deps;
  const care = new MetadataCare({ clock, sources, tools, userName });
  const rows = await deps.libraryStore.list();
  const neighbours = (): number => node.readyLinks();
  const listings = new Listings(
    {
      ...deps,
      neighbours,
      verify: listingVerifier({ ...deps, neighbours }),
      changed: () => events.emit('library', null),
    },
    rows,
  );
  const publishing = {
    ...deps,
    listings,
    ...parts,
    staging,
    unfinished,
    metadata: care,
    neighbours: () => node.readyLinks(),
  };
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

  const bookmarks = new Bookmarks(
    {
      ...deps,
      neighbours: () => node.readyLinks(),
      newestEdition: (link, signal) => newestEdition(deps, link, signal),
      changed: () => events.emit('bookmarks', null),
    },
    rows,
  );

  const shares = await Shares.load({
    ...deps,
    ...deps.shares,
    watch: watchFolder,
    bytesPerSecond: () => settings.get('hashing-bytes-per-second'),
    changed: (folders) => events.emit('shares', folders),
  });

  const serving = new Serving({ ...deps, ...deps.transfers, find: (root) => shares.find(root) });
  deps.transfers.network.serve(serving);
  const onServing: DownloadsDeps['onServing'] = (root, part, view) => serving.setLoading(root, part, view);
  const onMedia: DownloadsDeps['onMedia'] = (job, media) => playing.setMedia(job, media);
  const onResumed: DownloadsDeps['onResumed'] = (job, next) => playing.moved(job, next);
  const carrying = { ...deps, ...deps.transfers, jobs, onServing, onMedia, onResumed };
  const loading = new Loading({ ...carrying, shares }, rows);
  const search = await Search.load({
    ...deps,
    browse: loading.browse,
    network: deps.queries,
    neighbours: () => node.readyLinks(),
    isHere: hereBy({ shares, jobs, library }),
    emit: (name, value) => events.emit(name, value),
  });

  const playing = new Playing({
    ...{ crypto: deps.crypto, clock },
    newId: () => toHex(deps.random.bytes(16)),
    origins: deps.transfers.players,
    tell: (value) => events.emit('playing', value),
  });
  const loaded = new TransferHistory({ ...deps, ...deps.transfers, jobs }, rows);
  onJob.push((job) => loaded.note(job));
  onGone.push(
    (job) => playing.gone(job),
    (job) => loaded.gone(job),
    (job) => loading.folders.gone(job),
  );
  const downloads = new Downloads({ ...carrying, queue: loading.queue }, rows);
  const resume = (job: string, password: string | undefined): Promise<string> | string => {
    const { kind } = jobs.get(job);
    if (jobs.unpause(job)) return job;
    if (kind === 'update') return reviser.resume(job, password);
    if (kind === 'folder') return loading.folders.resume(job);
    return kind === 'download' ? downloads.resume(job) : publisher.resume(job, password);
  };
  const handlers: AppHandlers = {
    'status.get': () => node.status(),
    'network.get': () => node.networkView(),
    'node.strain': () => node.strain(),
    'network.invite': () => ({ invite: invites.make() }),
    'network.join': ({ invite }) => ({ nodes: invites.join(invite) }),
    'jobs.list': () => jobs.list(),
    'jobs.get': ({ job }) => jobs.get(job),
    'jobs.cancel': ({ job }) => done(jobs.cancel(job)),
    'jobs.dismiss': ({ job }) => done(jobs.dismiss(job)),
    'jobs.resume': async ({ job, password }) => ({ job: await resume(job, password) }),
    'publish.stage': async (wish) => (wish === null ? { staging: await staging.create() } : staging.stage(wish.chosen)),
    'publish.staged': async ({ staging: id, path, from }) => {
      const { digests, ...rest } = await staging.parts(id, path, from);
      return { ...rest, digests: [...digests] };
    },
    'publish.survey': ({ source }) => publisher.survey(source),
    'help.open': ({ language }) => deps.help(language),
    'publish.preview': async ({ source }) => deps.preview(await sources.survey(source)),
    'publish.metadata': ({ source, from }) => care.page(source, from),
    'publish.pause': ({ job }) => done(publisher.pause(job)),
    'publish.start': async (request) => ({ job: await publisher.start(request) }),
    'update.start': (request) => ({ job: reviser.startUpdate(request) }),
    'password.start': async (request) => ({ job: await reviser.startPasswordChange(request) }),
    'delete.start': (request) => ({ job: reviser.startDelete(request) }),
    'listing.start': (request) => ({ job: reviser.startListing(request) }),
    'listing.stop': async ({ link }) => done(await listings.stop(linkFromText(link).documentKey)),
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
    ...bookmarks.handlers,
    ...noPractice,
    ...noMove,
    ...shares.handlers,
    ...downloads.handlers,
    ...loading.handlers(downloads),
    ...playHandlers(playing, jobs, loading.folders, loaded),
    ...search.handlers,
    'library.list': () => listings.marked(library.list()),
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
    await bookmarks.close();
    await search.close();
    await shares.close();
    await listings.close();
    await serving.close();
    playing.close();
    const kept = keeping.close();
    await jobs.close();
    await loaded.close();
    await kept;
    await loading.close();
    await staging.close();
    await library.close();
    stopSettings();
    await settings.close();
  };
  return {
    ...parts,
    handlers,
    staging,
    begin() {
      tellSlots();
      loaded.begin(loading.folders.past());
      downloads.begin();
      loading.begin((publicKey) => search.isBlocked(publicKey));
    },
    on: (name, listener) => events.on(name, listener),
    tell: (name, value) => events.emit(name, value),
    close: () => (closing ??= close()),
  };
}

/** The contract's answer of calls that have none: their outcome is that they did not throw. */
const done = (_outcome: void): null => null;
