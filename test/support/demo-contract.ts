/**
 * A stand-in for the node that speaks the contract, for developing and testing the interface alone. Its stories are
 * told by whoever uses it: nothing here reaches a network. It lives in test/ and is never shipped.
 */
import { createHash } from 'node:crypto';
import { BroadsideError } from '../../shared/base/errors.ts';
import { explainInviteProblem, formatInvite, parseInvite } from '../../shared/base/invites.ts';
import { formatLink, parseLink } from '../../shared/base/links.ts';
import type { EventName, EventValue } from '../../shared/ipc/contract.ts';
import type {
  CheckJob,
  Job,
  LibraryEntry,
  LoggedRequest,
  NetworkView,
  OpenJob,
  Publication,
  PublishJob,
  Requests,
  Share,
  ShareState,
  Status,
} from '../../shared/ipc/model.ts';
import type { Handlers } from '../../shared/ipc/rpc.ts';
import { SETTING_NAMES, SETTINGS } from '../../shared/ipc/settings.ts';
import type { SettingName, SettingValue } from '../../shared/ipc/settings.ts';
import { LATELY_MS, summarize } from '../../src-main/services/node/request-log.ts';

const digest = (text: string): Uint8Array => new Uint8Array(createHash('sha256').update(text).digest());

export function demoLink(name: string, k = 3, n = 10): string {
  return formatLink({
    class: 1,
    k,
    n,
    documentKey: digest(`key of ${name}`),
    readSecret: digest(`secret of ${name}`).subarray(0, 16),
    namesDigest: digest(`names of ${name}`).subarray(0, 16),
    path: '',
  });
}

/** To `network`, by three nodes that are nobody's. */
export function demoInvite(network: string): string {
  return formatInvite({
    network,
    bootstrap: [],
    nodes: [1, 2, 3].map((number) => ({
      publicKey: digest(`node ${number}`),
      host: `192.0.2.${number}`,
      port: 49_000 + number,
    })),
  });
}

const LETTERS: Readonly<Record<string, ShareState>> = {
  f: 'found',
  m: 'moving',
  o: 'missing',
  b: 'bad',
  '.': 'unasked',
};

/** Shares from letters: f found, m moving, o missing, b bad, a point not asked. */
export function demoShares(states: string): Share[] {
  return [...states].map((letter, position) => ({
    index: position + 1,
    state: LETTERS[letter]!,
    place: (digest(`place ${position}`)[0]! / 256 / states.length + position / states.length) % 1,
    ...(letter === '.' ? {} : { afterMs: 400 + position * 90 }),
  }));
}

export function demoEntry(
  title: string,
  over: Partial<LibraryEntry> & { readonly states?: string } = {},
): LibraryEntry {
  const { states, ...rest } = over;
  const now = Date.now();
  return {
    link: demoLink(title),
    origin: 'published',
    title,
    shape: 'file',
    type: 'application/pdf',
    sizeBytes: 1_800_000,
    edition: 1,
    class: 'updatable',
    k: 3,
    n: 10,
    atMs: now - 86_400_000,
    ...(states === undefined
      ? {}
      : {
          health: {
            shares: demoShares(states),
            checkedMs: now - 7_200_000,
            retrievable: [...states].filter((letter) => letter === 'f').length >= 3,
          },
        }),
    ...rest,
  };
}

export function demoPublication(title: string, over: Partial<Publication> = {}): Publication {
  return {
    link: demoLink(title),
    title,
    shape: 'site',
    index: 'index.html',
    class: 'updatable',
    edition: 1,
    k: 3,
    n: 10,
    fileCount: 1,
    files: [{ path: 'index.html', type: 'text/html', sizeBytes: 1100 }],
    sizeBytes: 1100,
    signer: 'dumq 7xkt',
    ...over,
  };
}

let jobCount = 0;
const nextId = (): string => `job-${(jobCount += 1)}`;

export function demoOpenJob(title: string, over: Partial<OpenJob> = {}): OpenJob {
  return {
    id: nextId(),
    kind: 'open',
    title: 'Publication',
    state: 'running',
    startedMs: Date.now() - 4200,
    link: demoLink(title),
    stage: 'asking',
    k: 3,
    n: 10,
    shares: demoShares('.f.mof.mm.'),
    badShares: [],
    bytesDone: 0,
    ...over,
  };
}

export function demoPublishJob(title: string, over: Partial<PublishJob> = {}): PublishJob {
  return {
    id: nextId(),
    kind: 'publish',
    title,
    state: 'running',
    startedMs: Date.now() - 14_000,
    stage: 'sending',
    k: 3,
    n: 10,
    class: 'updatable',
    fileCount: 14,
    sizeBytes: 24_600_000,
    sealedBytes: 24_600_000,
    blocksTotal: 1127,
    blocksSent: 868,
    blocksRetried: 2,
    shares: demoShares('..........'),
    fetchedBack: [],
    password: 'tarpaulin gannet eleven brine lantern mossy dune',
    bytesPerSecond: 1_400_000,
    secondsLeft: 6,
    ...over,
  };
}

export function demoCheckJob(entry: LibraryEntry, over: Partial<CheckJob> = {}): CheckJob {
  return {
    id: nextId(),
    kind: 'check',
    title: entry.title,
    state: 'running',
    startedMs: Date.now() - 1000,
    link: entry.link,
    k: entry.k,
    n: entry.n,
    shares: demoShares('ffmmmff...'),
    blocksSampled: 0,
    blocksFound: 0,
    ...over,
  };
}

export function demoStatus(over: Partial<Status> = {}): Status {
  return {
    publicKey: 'm2vx7qdc'.repeat(6),
    name: 'm2vx 7qdc',
    place: 0.138,
    network: 'broadside-public-1',
    links: 14,
    targetLinks: 16,
    store: { usedBytes: 3.2e9, quotaBytes: 1e10, blocks: 101_204 },
    opened: { usedBytes: 1.1e9, quotaBytes: 4e9, blocks: 33_000 },
    traffic: { inBytes: 1e9, outBytes: 1e8, inBytesPerSecond: 6.8e6, outBytesPerSecond: 412_000 },
    requests: { started: 1200, answered: 1170, garbage: 2, refused: 12 },
    role: 'leaf',
    uptimeSeconds: 30_000,
    startedMs: Date.now() - 30_000_000,
    keptSpan: 0.045,
    version: '0.1.0',
    dataDirectory: '/home/somebody/.local/share/broadside',
    diskFreeBytes: 4.12e11,
    ...over,
  };
}

/** A quarter of an hour of reading and publishing, the most of it lately; the same each time. */
function demoRequests(now: number): Requests {
  const outcomes: Readonly<Record<number, LoggedRequest['outcome']>> = {
    7: 'not-found',
    13: 'busy',
    19: 'here',
    24: 'timeout',
    31: 'cancelled',
    38: 'not-found',
    52: 'no-route',
  };
  const recent = Array.from({ length: 64 }, (_, index): LoggedRequest => {
    const kind = index % 4 === 3 ? 'insert' : 'request';
    const outcome = outcomes[index] ?? (kind === 'insert' ? 'stored' : 'found');
    const chance = digest(`request ${index}`);
    return {
      atMs: now - (63 - index) * 14_000 - chance[2]! * 30,
      kind,
      priority: index % 3 === 0 ? 'interactive' : 'bulk',
      outcome,
      ...(outcome === 'found' || outcome === 'stored' ? { hops: 1 + (chance[0]! % 3) + (chance[1]! % 3) } : {}),
      afterMs: outcome === 'timeout' ? 30_000 : Math.round(30 * 10 ** (chance[0]! / 150)),
    };
  });
  return {
    recent,
    lately: summarize(recent.filter(({ atMs }) => atMs > now - LATELY_MS)),
    whole: summarize(recent),
  };
}

export function demoNetwork(over: Partial<NetworkView> = {}): NetworkView {
  const names = [
    'm2vx 7qdc',
    'k4fq 5d2m',
    'wz6p ta3r',
    'r5nh jy4e',
    'zu3b 6xsf',
    'c7we t2hp',
    'pa6t wk3z',
    'x4gd 5mvr',
    'n7df 2qke',
    'hq5a ndk2',
  ];
  const places = [0.03, 0.08, 0.105, 0.125, 0.155, 0.165, 0.19, 0.215, 0.29, 0.39, 0.56, 0.7, 0.85, 0.97];
  const now = Date.now();
  return {
    neighbours: places.map((place, index) => ({
      name: names[index % names.length]!.replace(/.$/, String((index % 6) + 2)),
      publicKey: `key-${index}`,
      state: index === 11 ? ('connecting' as const) : ('connected' as const),
      place,
      distance: Math.min(Math.abs(place - 0.138), 1 - Math.abs(place - 0.138)),
      ...(index === 11 ? {} : { roundTripMs: 18 + index * 13, answered: index === 5 ? 0.71 : 0.99 - index / 200 }),
      busy: index === 8,
      inBytes: 1e6 * (1 + ((index * 7) % 5)),
      outBytes: 4e5 * (1 + ((index * 3) % 5)),
      sinceMs: now - (index === 11 ? 1200 : 600_000),
    })),
    lastRequest: { place: 0.65, outcome: 'found' },
    requests: demoRequests(now),
    history: Array.from({ length: 360 }, (_, index) => ({
      atMs: now - (359 - index) * 10_000,
      inBytesPerSecond: 5e6 + 1.5e6 * Math.sin(index / 14) + 8e5 * Math.sin(index / 3),
      outBytesPerSecond: 1.2e6 + 4e5 * Math.sin(index / 20 + 1) + 1e5 * Math.sin(index / 2),
    })),
    ...over,
  };
}

export interface DemoStory {
  status?: Status;
  jobs?: readonly Job[];
  library?: readonly LibraryEntry[];
  network?: NetworkView;
  settings?: Readonly<Record<string, SettingValue>>;
  /** Told when a publication is opened or something published; it may put jobs by `put`. */
  onOpen?: (job: OpenJob, node: DemoNode) => void;
  onPublish?: (job: PublishJob, node: DemoNode) => void;
  /** Told when the view of the network is asked for. */
  onLook?: () => void;
}

export class DemoNode {
  status: Status;
  network: NetworkView;
  library: LibraryEntry[];
  readonly jobs = new Map<string, Job>();
  readonly settings: Record<string, SettingValue>;
  /** Calls in order, for tests. */
  readonly calls: string[] = [];
  /** Paths and sizes of the files that were staged. */
  readonly staged: { path: string; sizeBytes: number }[] = [];
  readonly #story: DemoStory;
  readonly #listeners = new Map<EventName, Set<(value: never) => void>>();

  constructor(story: DemoStory = {}) {
    this.#story = story;
    this.status = story.status ?? demoStatus();
    this.network = story.network ?? demoNetwork();
    this.library = [...(story.library ?? [])];
    for (const job of story.jobs ?? []) this.jobs.set(job.id, job);
    this.settings = {
      ...Object.fromEntries(SETTING_NAMES.map((name) => [name, SETTINGS[name].default])),
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
      'status.get': () => this.status,
      'network.get': () => {
        this.#story.onLook?.();
        return this.network;
      },
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
      'publish.stage': () => called('publish.stage', { staging: 'demo' }),
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
