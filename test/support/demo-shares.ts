/** The part of demo-contract.ts that answers for shared folders: from what a story tells. */
import { BroadsideError } from '../../shared/base/errors.ts';
import { formatFileLink } from '../../shared/base/file-links.ts';
import { fileKindOf } from '../../shared/base/file-kinds.ts';
import type { EventName, EventValue } from '../../shared/ipc/contract.ts';
import type { LeftOutReason, SharedFile, SharedFolder } from '../../shared/ipc/search-model.ts';
import type { Handlers } from '../../shared/ipc/rpc.ts';

export interface SharesStory {
  readonly folders?: readonly SharedFolder[];
  /** Of each folder. */
  readonly files?: readonly SharedFile[];
  readonly leftOut?: readonly { readonly path: string; readonly reason: LeftOutReason }[];
}

export function demoFolder(path: string, more: Partial<SharedFolder> = {}): SharedFolder {
  const [files, sizeBytes] = [more.files ?? 1_204, more.sizeBytes ?? 18_400_000_000];
  return {
    ...{ id: path, path, name: path.split('/').at(-1)!, state: 'shared', files, sizeBytes },
    ...{ offeredFiles: files, offeredBytes: sizeBytes, leftOut: [], withHidden: false, watched: true },
    lookedMs: Date.now() - 120_000,
    ...more,
  };
}

export function demoSharedFile(folder: string, name: string, sizeBytes: number): SharedFile {
  const root = new Uint8Array(32).fill(name.length);
  return { name, folder, sizeBytes, fileKind: fileKindOf(name), link: formatFileLink({ root, name, sizeBytes }) };
}

/** One that is shared, one that is being hashed, one whose disk was taken out, and one that was stopped. */
export function demoFolders(): SharesStory {
  return {
    folders: [
      demoFolder('/home/hanne/Pictures/Harbour', {
        leftOut: [
          { reason: 'hidden', count: 12 },
          { reason: 'system', count: 3 },
          { reason: 'link', count: 2 },
        ],
      }),
      demoFolder('/home/hanne/Films', {
        ...{ state: 'hashing', files: 318, sizeBytes: 96_000_000_000, offeredFiles: 120, offeredBytes: 41_000_000_000 },
        ...{ bytesPerSecond: 412_000_000, secondsLeft: 133 },
      }),
      demoFolder('/media/hanne/Archive of the port authority, second copy', {
        ...{ state: 'missing', offeredFiles: 0, offeredBytes: 0, watched: false },
      }),
      demoFolder('/srv/records', { state: 'stopped', files: 14, sizeBytes: 880_000, offeredFiles: 0, offeredBytes: 0 }),
    ],
    files: [
      demoSharedFile('', 'How we mend nets.mp4', 318_000_000),
      demoSharedFile('1911', 'محاضر لجنة المرفأ.pdf', 2_400_000),
      demoSharedFile('1911/maps', 'Parish map, sheet 7.tif', 88_000_000),
      { name: 'Lightship log.txt', folder: '1911', sizeBytes: 61_000, fileKind: 'document' },
    ],
    leftOut: [
      { path: '.cache', reason: 'hidden' },
      { path: '1911/Thumbs.db', reason: 'system' },
      { path: '1911/latest', reason: 'link' },
    ],
  };
}

export class DemoShares {
  folders: SharedFolder[];
  readonly #story: SharesStory;
  readonly #emit: <N extends EventName>(name: N, value: EventValue<N>) => void;
  readonly #called: (name: string) => void;

  constructor(
    story: SharesStory,
    emit: <N extends EventName>(name: N, value: EventValue<N>) => void,
    called: (name: string) => void,
  ) {
    this.#story = story;
    this.#emit = emit;
    this.#called = called;
    this.folders = [...(story.folders ?? [])];
  }

  handlers(): Pick<Handlers, Extract<keyof Handlers, `shares.${string}`>> {
    const change = (name: string, folders: SharedFolder[]): null => {
      this.#called(name);
      this.folders = folders;
      this.#emit('shares', folders);
      return null;
    };
    const amended = (id: string | undefined, amend: (folder: SharedFolder) => SharedFolder): SharedFolder[] =>
      this.folders.map((folder) => (id === undefined || folder.id === id ? amend(folder) : folder));
    return {
      'shares.list': () => this.folders,
      'shares.add': ({ path, evenSo }) => {
        if (path === '/home/hanne' && evenSo !== true) {
          throw new BroadsideError(
            'refused',
            '/home/hanne is your home folder: everybody could search and load all that is in it.',
          );
        }
        const folder = demoFolder(path, { state: 'looking', files: 0, sizeBytes: 0 });
        change('shares.add', [...this.folders, folder]);
        return folder;
      },
      'shares.remove': ({ id }) =>
        change(
          'shares.remove',
          this.folders.filter((folder) => folder.id !== id),
        ),
      'shares.stop': ({ id }) =>
        change(
          'shares.stop',
          amended(id, (folder) => ({ ...folder, state: 'stopped', offeredFiles: 0, offeredBytes: 0 })),
        ),
      'shares.start': ({ id }) =>
        change(
          'shares.start',
          amended(id, (folder) => ({
            ...folder,
            state: 'shared',
            offeredFiles: folder.files,
            offeredBytes: folder.sizeBytes,
          })),
        ),
      'shares.look': () => change('shares.look', this.folders),
      'shares.files': ({ from }) => {
        const files = this.#story.files ?? [];
        return { files: files.slice(from, from + 500), total: files.length };
      },
      'shares.leftOut': () => [...(this.#story.leftOut ?? [])],
    };
  }
}
