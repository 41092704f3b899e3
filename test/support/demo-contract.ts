/**
 * A stand-in for the node that speaks the contract, for developing and testing the interface alone. Its stories are
 * told by whoever uses it: nothing here reaches a network. It lives in test/ and is never shipped.
 */
import { BroadsideError } from '../../shared/base/errors.ts';
import { explainInviteProblem, parseInvite } from '../../shared/base/invites.ts';
import { parseLink } from '../../shared/base/links.ts';
import type { EventName, EventValue, MetadataPage, Reply } from '../../shared/ipc/contract.ts';
import type { Job, LibraryEntry, NetworkView, OpenJob, PublishJob, Status, UpdateJob } from '../../shared/ipc/model.ts';
import type { Handlers } from '../../shared/ipc/rpc.ts';
import { SETTING_NAMES, SETTINGS } from '../../shared/ipc/settings.ts';
import type { SettingName, SettingValue } from '../../shared/ipc/settings.ts';
import { CallLog } from './call-log.ts';
import type { Lock } from '../../shared/ipc/lock-calls.ts';
import type { Move } from '../../shared/ipc/move-calls.ts';
import { DemoLock } from './demo-lock.ts';
import { demoMove } from './demo-move.ts';
import { demoChanges } from './demo-changes.ts';
import { DemoBookmarks } from './demo-bookmarks.ts';
import type { BookmarksStory } from './demo-bookmarks.ts';
import { DemoAddresses } from './demo-addresses.ts';
import type { AddressStory } from './demo-addresses.ts';
import { DemoSearch } from './demo-search.ts';
import { demoFolderFile, demoLoading } from './demo-loading.ts';
import type { LoadingStory } from './demo-loading.ts';
import type { SearchStory } from './demo-search.ts';
import { DemoShares } from './demo-shares.ts';
import type { SharesStory } from './demo-shares.ts';
import {
  demoDownloadJob,
  demoInvite,
  demoOpenJob,
  demoPlay,
  demoPublishJob,
  demoCheckJob,
  demoStatus,
  demoNetwork,
} from './demo-things.ts';

export interface DemoStory {
  status?: Status;
  jobs?: readonly Job[];
  library?: readonly LibraryEntry[];
  network?: NetworkView;
  settings?: Readonly<Record<string, SettingValue>>;
  addresses?: AddressStory;
  search?: SearchStory;
  shares?: SharesStory;
  loading?: LoadingStory;
  bookmarks?: BookmarksStory;
  move?: Move;
  keyStore?: Lock['keyStore'];
  /** Told when a publication is opened or something published; it may put jobs by `put`. */
  onOpen?: (job: OpenJob, node: DemoNode) => void;
  onPublish?: (job: PublishJob, node: DemoNode) => void;
  /** What files tell about their authors, from one of them on. */
  metadata?: (staged: readonly { readonly path: string }[], from: number) => MetadataPage | Promise<MetadataPage>;
  /** Answers for a player that is opened; absent: one with nothing to read. */
  onPlay?: (job: string, node: DemoNode) => Reply<'play.start'>;
  /** The node says how it is only then, and is not there for the window before. */
  answers?: Promise<void>;
  /** Told when the view of the network is asked for. */
  onLook?: () => void;
}

export class DemoNode {
  status: Status;
  network: NetworkView;
  library: LibraryEntry[];
  readonly jobs = new Map<string, Job>();
  readonly settings: Record<string, SettingValue>;
  readonly addresses: DemoAddresses;
  readonly search: DemoSearch;
  readonly shares: DemoShares;
  readonly bookmarks: DemoBookmarks;
  /** Calls in order, for tests. */
  readonly calls = new CallLog();
  /** Paths and sizes of the files that were staged. */
  readonly staged: { path: string; sizeBytes: number }[] = [];
  readonly #story: DemoStory;
  readonly #lock: DemoLock;
  readonly #move: ReturnType<typeof demoMove>;
  readonly #listeners = new Map<EventName, Set<(value: never) => void>>();

  constructor(story: DemoStory = {}) {
    this.#story = story;
    this.#lock = new DemoLock((value) => this.emit('lock', value), story.keyStore);
    this.#move = demoMove(story.move, (value) => this.emit('move', value));
    this.status = story.status ?? demoStatus();
    this.network = story.network ?? demoNetwork();
    this.library = [...(story.library ?? [])];
    for (const job of story.jobs ?? []) this.jobs.set(job.id, job);
    this.addresses = new DemoAddresses(
      story.addresses ?? {},
      (name, value) => this.emit(name, value),
      (name) => this.calls.push(name),
    );
    this.search = new DemoSearch(
      story.search ?? {},
      (name, value) => this.emit(name, value),
      (name) => this.calls.push(name),
    );
    this.shares = new DemoShares(
      story.shares ?? {},
      (name, value) => this.emit(name, value),
      (name) => this.calls.push(name),
    );
    this.bookmarks = new DemoBookmarks(
      story.bookmarks ?? {},
      (name, value) => this.emit(name, value),
      (name) => this.calls.push(name),
    );
    this.settings = {
      ...Object.fromEntries(SETTING_NAMES.map((name) => [name, SETTINGS[name].default])),
      // Only stories of the first run begin with it.
      welcomed: true,
      ...story.settings,
    };
  }

  on<N extends EventName>(name: N, listener: (value: EventValue<N>) => void): () => void {
    const set = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, set);
    set.add(listener as (value: never) => void);
    return () => set.delete(listener as (value: never) => void);
  }

  emit<N extends EventName>(name: N, value: EventValue<N>): void {
    for (const listener of this.#listeners.get(name) ?? []) listener(value as never);
  }

  put(job: Job): void {
    this.jobs.set(job.id, job);
    this.emit('job', job);
  }

  async receive(_staging: string, path: string, body: AsyncIterable<Uint8Array>): Promise<{ sizeBytes: number }> {
    let sizeBytes = 0;
    for await (const chunk of body) sizeBytes += chunk.length;
    this.staged.push({ path, sizeBytes });
    return { sizeBytes };
  }

  /** What the story says of the files that were staged; nothing where it says none. */
  async #metadata(from: number): Promise<MetadataPage> {
    const { metadata } = this.#story;
    const fileCount = this.staged.length;
    return (await metadata?.(this.staged, from)) ?? { fileCount, looked: fileCount, done: true, findings: [] };
  }

  get handlers(): Handlers {
    const known = (id: string): Job => {
      const job = this.jobs.get(id);
      if (job === undefined) throw new BroadsideError('not-found', 'This work is no longer on the list.');
      return job;
    };
    const called = <Result>(name: string, result: Result): Result => {
      this.calls.push(name);
      return result;
    };
    return {
      ...this.#lock.handlers,
      ...this.#move,
      'status.get': async () => {
        await this.#story.answers;
        return this.status;
      },
      'network.get': () => {
        this.#story.onLook?.();
        return this.network;
      },
      'node.strain': () => ({ memory: { residentBytes: 0, heapBytes: 0, outsideBytes: 0 }, tables: {} }),
      'network.invite': () => called('network.invite', { invite: demoInvite(this.status.network) }),
      'network.join': ({ invite }) => {
        const parsed = parseInvite(invite);
        if (!parsed.ok) throw new BroadsideError('bad-link', explainInviteProblem(parsed.code));
        if (parsed.value.network !== this.status.network) {
          throw new BroadsideError('usage', `This invite is to the network ${parsed.value.network}.`);
        }
        return called('network.join', { nodes: parsed.value.nodes.length });
      },
      'jobs.list': () => [...this.jobs.values()],
      'jobs.get': ({ job }) => known(job),
      'jobs.cancel': ({ job }) => {
        this.put({ ...known(job), state: 'cancelled', finishedMs: Date.now() });
        return called('jobs.cancel', null);
      },
      'jobs.dismiss': ({ job }) => {
        this.jobs.delete(job);
        this.emit('jobGone', { job });
        return called('jobs.dismiss', null);
      },
      'jobs.resume': ({ job }) => {
        const { canResume: _, error: __, ...rest } = known(job) as PublishJob | UpdateJob;
        this.put({ ...rest, state: 'running' });
        return called('jobs.resume', { job });
      },
      'publish.stage': () => called('publish.stage', { staging: 'demo' }),
      'publish.staged': () => called('publish.staged', { sizeBytes: 0, isWhole: false, digests: [] }),
      'publish.survey': () => {
        const files = this.staged.map(({ path, sizeBytes }) => ({ path, type: typeOf(path), sizeBytes }));
        const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
        const index = files.find((file) => file.path.endsWith('index.html'))?.path;
        return called('publish.survey', {
          title: files[0]?.path.split('/')[0]?.replace(/\.\w+$/, '') ?? 'Untitled',
          shape:
            index !== undefined ? ('site' as const) : files.length > 1 ? ('directory' as const) : ('file' as const),
          ...(index === undefined ? {} : { index }),
          fileCount: files.length,
          sizeBytes,
          files,
          refused: files.length > 1 ? [{ path: 'evidence/latest', reason: 'a symbolic link' }] : [],
          networkBytes: Math.round(sizeBytes * 1.5),
          segments: [{ data: 128, check: 64, count: Math.ceil(sizeBytes / 4_192_256) }],
        });
      },
      'help.open': ({ language }) => called('help.open', { title: `Help, ${language}` }),
      'publish.preview': () =>
        called('publish.preview', {
          blocked: [{ kind: 'script' as const, count: 2 }],
          pages: [{ path: 'index.html', blocked: [{ kind: 'script' as const, count: 2 }] }],
          brokenLinks: [{ page: 'index.html', target: 'nights/second.html' }],
          brokenCount: 1,
          notShown: [],
          documents: 1,
          unchecked: 0,
        }),
      'publish.metadata': ({ from }) => called('publish.metadata', this.#metadata(from)),
      'publish.pause': ({ job }) => called('publish.pause', (known(job), null)),
      'publish.start': ({ title, k, n, class: publicationClass }) => {
        const job = demoPublishJob(title ?? 'Untitled', { k, n, class: publicationClass, startedMs: Date.now() });
        if (publicationClass === 'fixed') delete job.password;
        this.put(job);
        this.#story.onPublish?.(job, this);
        return called('publish.start', { job: job.id });
      },
      'publish.forgetPassword': ({ job }) => {
        const { password: _, ...rest } = known(job) as PublishJob;
        this.put(rest);
        return called('publish.forgetPassword', null);
      },
      'publish.discard': () => {
        this.staged.length = 0;
        return called('publish.discard', null);
      },
      'open.start': ({ link }) => {
        const parsed = parseLink(link);
        if (!parsed.ok) throw new BroadsideError('bad-link', 'This is not a link.');
        const job = demoOpenJob('', { link, startedMs: Date.now() });
        this.put(job);
        this.#story.onOpen?.(job, this);
        return called('open.start', { job: job.id });
      },
      'get.start': () => {
        throw new BroadsideError('not-in-version', 'Not told in this story.');
      },
      'check.start': ({ link }) => {
        const entry = this.library.find((candidate) => candidate.link === link)!;
        const job = demoCheckJob(entry);
        this.put(job);
        return called('check.start', { job: job.id });
      },
      'download.start': ({ link }) => {
        const job = demoDownloadJob(link);
        this.put(job);
        return called('download.start', { job: job.id });
      },
      'download.pause': ({ job }) => {
        this.put({ ...known(job), state: 'interrupted' });
        return called('download.pause', null);
      },
      'download.discard': ({ job }) => {
        this.jobs.delete(job);
        this.emit('jobGone', { job });
        return called('download.discard', null);
      },
      'play.start': ({ job, file }) =>
        called(
          'play.start',
          this.#story.onPlay?.(job, this) ??
            demoPlay(file === undefined ? known(job) : { id: job, title: demoFolderFile(file, 'loading').name }, file),
        ),
      'play.stop': () => called('play.stop', null),
      ...this.addresses.handlers(),
      ...this.search.handlers(),
      ...demoLoading(this.#story.loading ?? {}, { job: known, put: (job) => this.put(job), called }),
      ...this.shares.handlers(),
      ...this.bookmarks.handlers(),
      ...demoChanges({
        library: () => this.library,
        put: (job) => this.put(job),
        amend: (link, change) => {
          this.library = this.library.map((entry) => (entry.link === link ? { ...entry, ...change } : entry));
          this.emit('library', null);
        },
        called: (name) => this.calls.push(name),
      }),
      'library.list': () => this.library,
      'library.remove': ({ link, origin }) => {
        this.library = this.library.filter((entry) => entry.link !== link || entry.origin !== origin);
        this.emit('library', null);
        return called('library.remove', null);
      },
      'library.forgetOpened': () => called('library.forgetOpened', null),
      'config.get': () => this.settings,
      'config.set': ({ name, value }) => {
        this.settings[name as SettingName] = value;
        this.emit('settings', this.settings);
        return called('config.set', { value });
      },
    };
  }
}

function typeOf(path: string): string {
  const ending = path.split('.').at(-1) ?? '';
  const types: Readonly<Record<string, string>> = {
    html: 'text/html',
    pdf: 'application/pdf',
    jpg: 'image/jpeg',
    csv: 'text/csv',
    txt: 'text/plain',
  };
  return types[ending] ?? 'application/octet-stream';
}
