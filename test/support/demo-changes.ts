/** The part of demo-contract.ts that changes what was published and keeps it alive: jobs to begin stories with, and calls that start them. */
import { BroadsideError } from '../../shared/base/errors.ts';
import { parseLink } from '../../shared/base/links.ts';
import type { DeleteJob, Job, KeepJob, LibraryEntry, PublicationClass, UpdateJob } from '../../shared/ipc/model.ts';
import type { Handlers } from '../../shared/ipc/rpc.ts';
import { demoShares } from './demo-things.ts';

let count = 0;
const nextId = (kind: string): string => `${kind}-${(count += 1)}`;

export function demoUpdateJob(title: string, link: string, over: Partial<UpdateJob> = {}): UpdateJob {
  return {
    id: nextId('update'),
    kind: 'update',
    change: 'content',
    title,
    state: 'running',
    startedMs: Date.now() - 9000,
    link,
    stage: 'sending',
    k: 3,
    n: 10,
    class: 'updatable',
    fileCount: 14,
    sizeBytes: 42_000_000,
    filesKept: 12,
    blocksKept: 1160,
    sealedBytes: 3_900_000,
    blocksTotal: 180,
    blocksSent: 64,
    blocksRetried: 0,
    shares: demoShares('..........'),
    fetchedBack: [],
    slotsWanted: 0,
    slotsReplaced: 0,
    ...over,
  };
}

export function demoDeleteJob(title: string, link: string, over: Partial<DeleteJob> = {}): DeleteJob {
  return {
    id: nextId('delete'),
    kind: 'delete',
    title,
    state: 'running',
    startedMs: Date.now() - 3000,
    link,
    stage: 'replacing',
    k: 3,
    n: 10,
    class: 'updatable',
    shares: demoShares('ffffmmo...'),
    slotsWanted: 20,
    slotsReplaced: 9,
    ...over,
  };
}

export function demoKeepJob(entry: LibraryEntry, over: Partial<KeepJob> = {}): KeepJob {
  return {
    id: nextId('keep'),
    kind: 'keep',
    title: entry.title,
    state: 'running',
    startedMs: Date.now() - 5000,
    link: entry.link,
    k: entry.k,
    n: entry.n,
    shares: demoShares('ffffffffff'),
    sharesHeld: 10,
    sharesPutBack: 0,
    blocksTotal: 192,
    blocksDone: 80,
    blocksHeld: 80,
    blocksLooked: 20,
    blocksFound: 18,
    blocksPutBack: 2,
    blocksLost: 0,
    ...over,
  };
}

const CLASSES: Readonly<Record<number, PublicationClass>> = { 1: 'updatable', 2: 'delete-only', 3: 'fixed' };

interface Stage {
  readonly library: () => readonly LibraryEntry[];
  readonly put: (job: Job) => void;
  readonly amend: (link: string, change: Partial<LibraryEntry>) => void;
  readonly called: (name: string) => void;
}

type ChangeCall =
  'update.start' | 'password.start' | 'listing.start' | 'listing.stop' | 'delete.start' | 'keep.start' | 'keep.stop';

/** The password of everything in a story is `right`; another fails the job, as on a node. */
export function demoChanges({ library, put, amend, called }: Stage): Pick<Handlers, ChangeCall> {
  const begin = (name: ChangeCall, job: Job): { job: string } => {
    put(job);
    called(name);
    return { job: job.id };
  };
  const look = (link: string): { title: string; class: PublicationClass } => {
    const parsed = parseLink(link);
    if (!parsed.ok) throw new BroadsideError('bad-link', 'This is not a link.');
    const publicationClass = CLASSES[parsed.value.class]!;
    if (publicationClass === 'fixed') throw new BroadsideError('refused', 'This publication is permanent.');
    return { title: library().find((entry) => entry.link === link)?.title ?? 'A publication', class: publicationClass };
  };
  const refusal = (password: string): Pick<Job, 'state' | 'error'> =>
    password === 'right'
      ? { state: 'running' }
      : {
          state: 'failed',
          error: { code: 'refused', message: 'This is not the password of this publication. Nothing was sent.' },
        };
  return {
    'update.start': ({ link, password }) => {
      const { title, class: publicationClass } = look(link);
      return begin('update.start', demoUpdateJob(title, link, { class: publicationClass, ...refusal(password) }));
    },
    'password.start': ({ link, password, newPassword }) => {
      const { title } = look(link);
      const made = newPassword === undefined ? { password: 'gannet eleven brine lantern mossy dune orbit kelp' } : {};
      return begin(
        'password.start',
        demoUpdateJob(title, link, { change: 'password', stage: 'shares', ...made, ...refusal(password) }),
      );
    },
    'listing.start': ({ link, password, list }) => {
      const told = list === undefined ? ({ unlisting: 'done' } as const) : ({ listing: 'done' } as const);
      if (password === 'right') amend(link, { listed: list?.keywords });
      const job = { change: 'listing', stage: 'done', newLink: link, finishedMs: Date.now(), ...told } as const;
      const state = password === 'right' ? ({ state: 'done' } as const) : refusal(password);
      return begin('listing.start', demoUpdateJob(look(link).title, link, { ...job, ...state }));
    },
    'listing.stop': ({ link }) => {
      amend(link, { listed: undefined });
      called('listing.stop');
      return null;
    },
    'delete.start': ({ link, password }) =>
      begin('delete.start', demoDeleteJob(look(link).title, link, refusal(password))),
    'keep.start': ({ link }) => {
      const entry = library().find((candidate) => candidate.link === link);
      if (entry === undefined) throw new BroadsideError('not-found', 'None of its places has a share.');
      return begin('keep.start', demoKeepJob(entry, { startedMs: Date.now() }));
    },
    'keep.stop': ({ link }) => {
      amend(link, { keep: { on: false, nextSegment: 0 } });
      called('keep.stop');
      return null;
    },
  };
}
