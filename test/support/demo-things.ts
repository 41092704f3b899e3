/** The things that stories of the interface are told with: links, shares, jobs, entries, a status, a network. Nobody's, and the same each time. */
import { createHash } from 'node:crypto';
import { formatInvite } from '../../shared/base/invites.ts';
import { formatLink } from '../../shared/base/links.ts';
import { playableOf } from '../../shared/base/playable.ts';
import type { MetadataPage, Reply } from '../../shared/ipc/contract.ts';
import type {
  CheckJob,
  DownloadJob,
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
    earlier: [],
    signer: 'dumq 7xkt',
    ...over,
  };
}

/** A photograph, a paper and a recording, each telling something; the first can be stripped whole, the last not at all. */
export function demoMetadata(): MetadataPage {
  return {
    fileCount: 3,
    looked: 3,
    done: true,
    findings: [
      {
        path: 'Photographs of the harbour before the bridge/pier.jpg',
        kind: 'jpeg',
        severity: 'identifies',
        items: [
          { what: 'location', value: '59.91273, 10.74609' },
          { what: 'serial', value: '0044710093' },
          { what: 'thumbnail', value: 'EXIF' },
          { what: 'device', value: 'Kestrel X200' },
          { what: 'colour-profile', value: 'sRGB' },
        ],
        more: 0,
        canStrip: true,
        leaves: ['colour-profile'],
      },
      {
        path: 'Witness statements.docx',
        kind: 'office',
        severity: 'identifies',
        items: [
          { what: 'person', value: 'O. Vantongeren' },
          { what: 'comment', value: 'ask the lawyer before this goes out' },
          { what: 'date', value: '2026-03-01T10:20:30Z' },
        ],
        more: 3,
        canStrip: true,
        leaves: ['comment'],
      },
      {
        path: 'hearing.mp3',
        kind: 'audio',
        severity: 'identifies',
        items: [{ what: 'person', value: 'O. Vantongeren' }],
        more: 0,
        canStrip: false,
        reason: 'kind',
        leaves: ['person'],
      },
    ],
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

export function demoDownloadJob(link: string, over: Partial<DownloadJob> = {}): DownloadJob {
  return {
    id: nextId(),
    kind: 'download',
    title: 'Shared file',
    state: 'running',
    startedMs: Date.now(),
    link,
    stage: 'finding',
    bytesDone: 0,
    pieces: '',
    sources: [],
    ...over,
  };
}

/** A player of it, whose origin has nothing open. */
export function demoPlay(job: { readonly id: string; readonly title: string }, file?: number): Reply<'play.start'> {
  const contentUrl = `http://${'p'.repeat(32)}.localhost/`;
  return {
    play: `play of ${job.id}`,
    kind: playableOf(job.title)?.kind ?? 'other',
    contentUrl,
    state: { job: job.id, ...(file !== undefined && { file }), atBytes: 0, isWaiting: true },
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
    uploads: { active: 2, waiting: 1, bytes: 48_200_000 },
    relay: { streams: 1, streamsInAll: 4, bytes: 312_000_000, links: 1 },
    requests: { started: 1200, answered: 1170, garbage: 2, refused: 12 },
    faults: { garbage: 2, overload: 12 },
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
      ...(index === 7
        ? { path: 'relay' as const, relay: names[0]! }
        : { path: index % 4 === 0 ? ('tcp' as const) : ('udx' as const) }),
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
