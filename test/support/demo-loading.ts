/** The part of demo-contract.ts that answers for what users share, for folders that are loaded, and for figures of transfers. */
import { BroadsideError } from '../../shared/base/errors.ts';
import { fileKindOf, isProgram, nameWarnings } from '../../shared/base/file-kinds.ts';
import { formatFileLink } from '../../shared/base/file-links.ts';
import type { BrowsedEntry, BrowsedPage } from '../../shared/ipc/browse-model.ts';
import type { DownloadJob, FolderFile, FolderJob, Job } from '../../shared/ipc/model.ts';
import type { Handlers } from '../../shared/ipc/rpc.ts';
import type { TransferFigures } from '../../shared/ipc/transfer-model.ts';

/** What a user of the story shares: paths and sizes. Absent: it cannot be reached. */
export interface LoadingStory {
  readonly shelves?: Readonly<Record<string, number>>;
  /** It answers so instead. */
  readonly browseError?: BroadsideError;
  readonly figures?: Partial<TransferFigures>;
}

type LoadingCall = Extract<
  keyof Handlers,
  `folder.${string}` | `transfers.${string}` | 'download.order' | 'users.browse'
>;

export function demoFolderJob(over: Partial<FolderJob> = {}): FolderJob {
  return {
    ...{ id: 'folder job', kind: 'folder', title: 'Harbour', state: 'running', startedMs: Date.now() },
    ...{ user: 'ab'.repeat(32), userName: 'mory wfqu', folder: 'Harbour', stage: 'loading' },
    ...{ files: 5, filesDone: 2, filesFailed: 0, filesInAll: 6, sizeBytes: 40_000_000, bytesDone: 17_000_000 },
    active: [demoFolderFile(2, 'loading', { bytesDone: 6_000_000, bytesPerSecond: 2_400_000 })],
    path: '/home/reader/Harbour',
    ...over,
  } as FolderJob;
}

export function demoFolderFile(index: number, state: FolderFile['state'], over: Partial<FolderFile> = {}): FolderFile {
  const NAMES = ['Minutes 1911.pdf', 'Bell of the buoy.ogg', 'quay.webm', 'aux.h', 'lock gates.mov', 'unwanted.zip'];
  const folder = index > 1 ? 'plans' : '';
  return { index, folder, name: NAMES[index] ?? `file ${index}`, sizeBytes: 8_000_000, state, ...over };
}

/** How one of its files fares. */
function demoFolderLoad(job: string, { index, name, state, sizeBytes }: FolderFile): DownloadJob {
  return {
    ...{ kind: 'download', id: `${job}/${index}`, title: name, state: state === 'done' ? 'done' : 'running' },
    ...{ startedMs: Date.now(), link: formatFileLink({ root: new Uint8Array(32).fill(7), sizeBytes }) },
    ...{ stage: state === 'done' ? 'done' : 'loading', sizeBytes, bytesDone: state === 'done' ? sizeBytes : 6_000_000 },
    ...(state === 'done'
      ? { path: `/home/reader/Harbour/${name}`, pieces: '' }
      : { pieces: '9999995000', coming: '0000001100', from: 'AAABAB....' }),
    givers: [
      { name: 'mory wfqu', publicKey: 'ab'.repeat(32), bytes: 4_000_000 },
      { name: 'k4fq 5d2m', publicKey: 'cd'.repeat(32), bytes: 2_000_000 },
    ],
    sources: [],
  } as DownloadJob;
}

export function demoLoading(
  story: LoadingStory,
  {
    job,
    put,
    called,
  }: {
    readonly job: (id: string) => Job;
    readonly put: (job: Job) => void;
    readonly called: <Value>(name: LoadingCall, value: Value) => Value;
  },
): Pick<Handlers, LoadingCall> {
  const files: FolderFile[] = [
    demoFolderFile(0, 'done'),
    demoFolderFile(1, 'done'),
    demoFolderFile(2, 'loading'),
    demoFolderFile(3, 'waiting', { path: 'plans/%61ux.h' }),
    demoFolderFile(4, 'failed', { error: { code: 'usage', message: 'Something else is there already.' } }),
    demoFolderFile(5, 'left'),
  ];
  /** Of a folder that is done every file is here. */
  const now = (id: string): FolderFile[] =>
    job(id).state === 'done' ? files.map((_, index) => demoFolderFile(index, 'done')) : files;
  return {
    'users.browse': ({ folder = '' }) => called('users.browse', page(story, folder)),
    'folder.start': ({ folder, user }) => {
      const started = demoFolderJob({ id: `folder ${folder}`, title: folder, folder, user });
      put(started);
      return called('folder.start', { job: started.id });
    },
    'folder.pause': (params) => {
      put({ ...job(params.job), state: 'cancelled', isPaused: true, canResume: true } as Job);
      return called('folder.pause', null);
    },
    'folder.discard': (params) => {
      put({ ...job(params.job), state: 'cancelled' });
      return called('folder.discard', null);
    },
    'folder.files': ({ job: id, from }) => ({ files: now(id).slice(from), total: files.length }),
    'folder.choose': ({ files: indexes, wanted }) => {
      for (const index of indexes) files[index] = { ...files[index]!, state: wanted ? 'waiting' : 'left' };
      return called('folder.choose', null);
    },
    'folder.next': () => called('folder.next', null),
    'folder.file': ({ job: id, file }) => ({ file: now(id)[file]!, load: demoFolderLoad(id, now(id)[file]!) }),
    'folder.order': ({ files: indexes, priority }) => {
      for (const index of indexes) files[index] = { ...files[index]!, priority };
      return called('folder.order', null);
    },
    'download.order': ({ job: id, priority }) => {
      if (priority !== undefined) put({ ...job(id), priority } as Job);
      return called('download.order', null);
    },
    'transfers.figures': () => ({
      ...{ sentBytes: 48_200_000, receivedBytes: 9_100_000, sinceMs: 1_700_000_000_000 },
      ...{ sentInAllBytes: 5_200_000_000, receivedInAllBytes: 2_400_000_000 },
      limits: { upBytesPerSecond: 0, downBytesPerSecond: 0, userUpBytesPerSecond: 0 },
      uploads: [],
      ...story.figures,
    }),
  };
}

function page({ shelves, browseError }: LoadingStory, folder: string): BrowsedPage {
  if (browseError !== undefined) throw browseError;
  if (shelves === undefined) throw new BroadsideError('offline', 'mory wfqu cannot be reached now. Try again later.');
  const prefix = folder === '' ? '' : `${folder}/`;
  const below = Object.entries(shelves).filter(([path]) => path.startsWith(prefix));
  const folders = new Map<string, { files: number; sizeBytes: number }>();
  const files: BrowsedEntry[] = [];
  for (const [path, sizeBytes] of below) {
    const [name, ...rest] = path.slice(prefix.length).split('/') as [string, ...string[]];
    if (rest.length > 0) {
      const known = folders.get(name) ?? { files: 0, sizeBytes: 0 };
      folders.set(name, { files: known.files + 1, sizeBytes: known.sizeBytes + sizeBytes });
      continue;
    }
    const warnings = nameWarnings(name);
    files.push({
      ...{ kind: 'file', name, folder: '', sizeBytes, fileKind: fileKindOf(name), isProgram: isProgram(name) },
      link: formatFileLink({ root: new Uint8Array(32).fill(files.length + 1), name, sizeBytes }),
      ...(warnings.length > 0 && { warnings }),
      ...{ sinceMs: 1_750_000_000_000, isHere: false },
    });
  }
  return {
    files: below.length,
    sizeBytes: below.reduce((sum, [, sizeBytes]) => sum + sizeBytes, 0),
    entries: [...[...folders].map(([name, sums]) => ({ kind: 'folder' as const, name, ...sums })), ...files],
  };
}
