/** Changing what was published: requests checked, then jobs. Only the holder of the password can, from any machine. */
import { BroadsideError, toBroadsideError } from '../../../shared/base/errors.ts';
import { formatLink, shortLink } from '../../../shared/base/links.ts';
import type { PublicationLink } from '../../../shared/base/links.ts';
import type { UpdateRequest } from '../../../shared/ipc/contract.ts';
import type { DeleteJob, UpdateJob } from '../../../shared/ipc/model.ts';
import type { JobHandle, NewJob } from '../jobs/job-registry.ts';
import { strippedSource } from '../metadata/stripped-source.ts';
import { generatePassphrase, requireStrongPassword } from '../publish/password.ts';
import { unasked } from '../publish/placing.ts';
import { progressOf, Resumption } from '../publish/resumption.ts';
import type { ResumableKind } from '../publish/resumption.ts';
import { Sources } from '../publish/source.ts';
import { checkTexts } from '../publish/texts.ts';
import { linkFromText } from '../read/gather.ts';
import { className } from '../read/publication-reader.ts';
import { requireClass } from './class.ts';
import type { ReviseDeps } from './deps.ts';
import { runDelete } from './delete.ts';
import { runListing } from './listing.ts';
import { runPasswordChange, runUpdate } from './update.ts';

export interface PasswordChange {
  readonly link: string;
  readonly password: string;
  readonly newPassword?: string | undefined;
}

interface ListingChange {
  readonly link: string;
  readonly password: string;
  readonly list?: { readonly keywords: readonly string[] } | undefined;
}

/** An update as it was asked for; its password is kept nowhere. */
type KeptUpdate = Omit<UpdateRequest, 'password'>;

const UPDATING: ResumableKind<UpdateJob, KeptUpdate> = {
  isOurs: (request): request is KeptUpdate => 'link' in request,
  listed: (left, request) => {
    const link = linkFromText(request.link);
    return { ...newUpdate(link, 'content', left.plan.title), ...progressOf(left) };
  },
  isDone: ({ stage }) => stage === 'done',
};

export class Reviser {
  readonly #deps: ReviseDeps;
  readonly #sources: Sources;
  readonly #resumption: Resumption<UpdateJob, KeptUpdate>;

  /** Lists what earlier runs of the node left, as jobs. */
  constructor(deps: ReviseDeps) {
    this.#deps = deps;
    this.#sources = new Sources(deps.staging);
    this.#resumption = new Resumption(deps, UPDATING);
  }

  /**
   * Starts a job and returns its id; it goes on with what the same request left when it was interrupted. Throws, before
   * anything is asked: `bad-link`, `refused`, `usage`, `busy`.
   */
  startUpdate(given: UpdateRequest): string {
    // In its one spelling, so that the same request is known again.
    const request = { ...given, link: formatLink({ ...linkFromText(given.link), path: '' }) };
    return this.#start(request, this.#resumption.leftOf(request)?.id);
  }

  /** Goes on with an update that can be resumed; returns the id of the new job. Throws `usage`, and as `startUpdate`. */
  resume(job: string, password: string | undefined): string {
    const { id, request } = this.#resumption.requestOf(job, password);
    return this.#start({ ...request, password: password! }, id);
  }

  #start(request: UpdateRequest, unfinished: string | undefined): string {
    const link = linkFromText(request.link);
    requireClass(link.class, 'update');
    const texts = checkTexts(request);
    const held = strippedSource(this.#sources.hold(request.source), request, this.#deps.metadata, this.#deps.staging);
    try {
      const job = this.#startUpdate(link, 'content', texts.title ?? held.name, undefined, async (handle) => {
        const journal = this.#resumption.journalOf(handle, request, unfinished);
        let sent = false;
        let inVain = false;
        try {
          await runUpdate(this.#deps, request, texts, link, held, handle, (found) => journal.open(found));
          sent = true;
        } catch (thrown) {
          inVain = toBroadsideError(thrown).code === 'deleted';
          throw thrown;
        } finally {
          await journal.close(inVain);
          await held.release(sent);
        }
      });
      if (unfinished !== undefined) this.#resumption.forget(unfinished);
      return job;
    } catch (thrown) {
      void held.release(false);
      throw thrown;
    }
  }

  /** Likewise; throws `weak-password` too. Without a new password one is made. */
  async startPasswordChange({ link: text, password, newPassword }: PasswordChange): Promise<string> {
    const link = linkFromText(text);
    requireClass(link.class, 'password');
    if (newPassword === password) throw new BroadsideError('usage', 'The new password is the old one. Choose another.');
    if (newPassword !== undefined) await requireStrongPassword(newPassword);
    const next = newPassword ?? generatePassphrase(this.#deps.random);
    const shown = newPassword === undefined ? next : undefined;
    return this.#startUpdate(link, 'password', shortLink(link), shown, async (handle) => {
      try {
        await runPasswordChange(this.#deps, { password, newPassword: next }, link, handle);
      } finally {
        // Before there is an edition of its own, the password opens nothing.
        if (handle.job.newLink === undefined) handle.update({ password: undefined });
      }
    });
  }

  /** Likewise; `list` absent: it is taken out of search. */
  startListing({ link: text, password, list }: ListingChange): string {
    const link = linkFromText(text);
    requireClass(link.class, 'list');
    return this.#startUpdate(link, 'listing', shortLink(link), undefined, (handle) =>
      runListing(this.#deps, password, list?.keywords, link, handle),
    );
  }

  /** Likewise. */
  startDelete({ link: text, password }: { readonly link: string; readonly password: string }): string {
    const link = linkFromText(text);
    requireClass(link.class, 'delete');
    return this.#deps.jobs.start<DeleteJob>(
      {
        kind: 'delete',
        title: shortLink(link),
        link: formatLink({ ...link, path: '' }),
        stage: 'looking',
        k: link.k,
        n: link.n,
        class: className(link),
        shares: unasked(link.n),
        slotsWanted: 0,
        slotsReplaced: 0,
      },
      (handle) => runDelete(this.#deps, password, link, handle),
    );
  }

  #startUpdate(
    link: PublicationLink,
    change: UpdateJob['change'],
    title: string,
    password: string | undefined,
    run: (handle: JobHandle<UpdateJob>) => Promise<void>,
  ): string {
    const made = password === undefined ? {} : { password };
    return this.#deps.jobs.start<UpdateJob>({ ...newUpdate(link, change, title), ...made }, run);
  }
}

function newUpdate(link: PublicationLink, change: UpdateJob['change'], title: string): NewJob<UpdateJob> {
  return {
    kind: 'update',
    change,
    title,
    link: formatLink({ ...link, path: '' }),
    stage: 'looking',
    k: link.k,
    n: link.n,
    class: className(link),
    fileCount: 0,
    sizeBytes: 0,
    filesKept: 0,
    blocksKept: 0,
    sealedBytes: 0,
    blocksTotal: 0,
    blocksSent: 0,
    blocksRetried: 0,
    shares: unasked(link.n),
    fetchedBack: [],
    slotsWanted: 0,
    slotsReplaced: 0,
  };
}
