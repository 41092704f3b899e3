/** Changing what was published: requests checked, then jobs. Only the holder of the password can, from any machine. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import { formatLink, shortLink } from '../../../shared/base/links.ts';
import type { PublicationLink } from '../../../shared/base/links.ts';
import type { UpdateRequest } from '../../../shared/ipc/contract.ts';
import type { DeleteJob, Share, UpdateJob } from '../../../shared/ipc/model.ts';
import type { JobHandle } from '../jobs/job-registry.ts';
import { strippedSource } from '../metadata/stripped-source.ts';
import { generatePassphrase, requireStrongPassword } from '../publish/password.ts';
import { Sources } from '../publish/source.ts';
import { checkTexts } from '../publish/texts.ts';
import { linkFromText } from '../read/gather.ts';
import { className } from '../read/publication-reader.ts';
import { requireClass } from './class.ts';
import type { ReviseDeps } from './deps.ts';
import { runDelete } from './delete.ts';
import { runPasswordChange, runUpdate } from './update.ts';

export interface PasswordChange {
  readonly link: string;
  readonly password: string;
  readonly newPassword?: string | undefined;
}

export class Reviser {
  readonly #deps: ReviseDeps;
  readonly #sources: Sources;

  constructor(deps: ReviseDeps) {
    this.#deps = deps;
    this.#sources = new Sources(deps.staging);
  }

  /** Starts a job and returns its id. Throws, before anything is asked: `bad-link`, `refused`, `usage`, `busy`. */
  startUpdate(request: UpdateRequest): string {
    const link = linkFromText(request.link);
    requireClass(link.class, 'update');
    const texts = checkTexts(request);
    const held = strippedSource(this.#sources.hold(request.source), request, this.#deps.metadata, this.#deps.staging);
    try {
      return this.#startUpdate(link, 'content', texts.title ?? held.name, undefined, async (handle) => {
        let sent = false;
        try {
          await runUpdate(this.#deps, request, texts, link, held, handle);
          sent = true;
        } finally {
          await held.release(sent);
        }
      });
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
    return this.#deps.jobs.start<UpdateJob>(
      {
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
        ...(password === undefined ? {} : { password }),
      },
      run,
    );
  }
}

function unasked(n: number): Share[] {
  return Array.from({ length: n }, (_, index) => ({ index: index + 1, state: 'unasked' }));
}
