/** Publishing, from the request to the link that was fetched back. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { PublishRequest, Survey } from '../../../shared/ipc/contract.ts';
import type { PublishJob } from '../../../shared/ipc/model.ts';
import { strippedSource } from '../metadata/stripped-source.ts';
import type { CheckedRequest, PublishDeps } from './deps.ts';
import { networkBytes, planLayout } from './layout.ts';
import { generatePassphrase, requireStrongPassword } from './password.ts';
import { unasked } from './placing.ts';
import { progressOf, Resumption } from './resumption.ts';
import type { ResumableKind } from './resumption.ts';
import { runPublish } from './run.ts';
import { Sources } from './source.ts';
import { checkTexts } from './texts.ts';

/** Files that a survey lists (shared/ipc/contract.ts). */
const MAX_LISTED_FILES = 1_000;
/** Shares that a survey counts with, because nobody has chosen yet: the default. */
const DEFAULT_SHARES = { k: 3, n: 10 };

const PUBLISHING: ResumableKind<PublishJob, PublishRequest> = {
  isOurs: (request): request is PublishRequest => !('link' in request),
  listed: (left, { k, n, class: publicationClass }) => ({
    kind: 'publish',
    ...progressOf(left),
    ...{ k, n, class: publicationClass },
    shares: unasked(n),
  }),
  isDone: ({ link }) => link !== undefined,
};

export class Publisher {
  readonly #deps: PublishDeps;
  readonly #sources: Sources;
  readonly #resumption: Resumption<PublishJob, PublishRequest>;

  /** Lists what earlier runs of the node left, as jobs. */
  constructor(deps: PublishDeps) {
    this.#deps = deps;
    this.#sources = new Sources(deps.staging);
    this.#resumption = new Resumption(deps, PUBLISHING);
  }

  /** What would be published. Throws `usage`, `not-found` or `busy`, as survey and staging do. */
  async survey(source: PublishRequest['source']): Promise<Survey> {
    const found = await this.#sources.survey(source);
    const layout = planLayout(found, { title: found.title, description: '' }, DEFAULT_SHARES);
    return {
      title: found.title,
      shape: found.shape,
      ...(found.index === undefined ? {} : { index: found.index }),
      fileCount: found.files.length,
      sizeBytes: found.sizeBytes,
      files: found.files.slice(0, MAX_LISTED_FILES).map(({ path, type, sizeBytes }) => ({ path, type, sizeBytes })),
      refused: found.refused.map(({ path, reason }) => ({ path, reason })),
      networkBytes: networkBytes(layout, DEFAULT_SHARES.n),
      segments: [...layout.segments],
    };
  }

  /**
   * Starts a publish job and returns its id; it goes on with what the same request left when it was interrupted. Throws,
   * before anything is sent: `usage` for a request that cannot be, `weak-password`, `busy`.
   */
  async start(request: PublishRequest): Promise<string> {
    const checked = checkRequest(request);
    const left = this.#resumption.leftOf(request);
    if (left === undefined || request.restart !== true) return this.#start(checked, left?.id);
    await this.#deps.unfinished!.discard(left.id);
    this.#resumption.forget(left.id);
    return this.#start(checked, undefined);
  }

  /** Goes on with a job that can be resumed; returns the id of the new one. Throws `usage`, and as `start`. */
  async resume(job: string, password: string | undefined): Promise<string> {
    const { id, request } = this.#resumption.requestOf(job, password);
    return this.#start(checkRequest({ ...request, ...(password !== undefined && { password }) }), id);
  }

  async #start(checked: CheckedRequest, unfinished: string | undefined): Promise<string> {
    const { request } = checked;
    const { source, k, n } = request;
    let password = request.password;
    if (request.class === 'fixed') {
      if (password !== undefined) {
        throw new BroadsideError(
          'usage',
          'A permanent publication takes no password: nobody can change it, you included. Leave the password out.',
        );
      }
    } else if (password === undefined) {
      password = generatePassphrase(this.#deps.random);
    } else {
      await requireStrongPassword(password, checked.title === undefined ? [] : [checked.title]);
    }
    const held = strippedSource(this.#sources.hold(source), request, this.#deps.metadata, this.#deps.staging);
    const generated = request.password === undefined && password !== undefined;
    try {
      const job = this.#deps.jobs.start<PublishJob>(
        {
          kind: 'publish',
          title: checked.title ?? held.name,
          stage: 'reading',
          k,
          n,
          class: request.class,
          fileCount: 0,
          sizeBytes: 0,
          sealedBytes: 0,
          blocksTotal: 0,
          blocksSent: 0,
          blocksRetried: 0,
          shares: unasked(n),
          fetchedBack: [],
          ...(generated ? { password } : {}),
        },
        async (handle) => {
          const journal = this.#resumption.journalOf(handle, request, unfinished);
          let published = false;
          try {
            const surveyed = await held.survey(handle.signal);
            await runPublish(this.#deps, checked, password, surveyed, handle, (found) => journal.open(found));
            published = true;
          } finally {
            // Without a link the password opens nothing.
            if (handle.job.link === undefined) handle.update({ password: undefined });
            await journal.close();
            await held.release(published || handle.job.link !== undefined);
          }
        },
      );
      if (unfinished !== undefined) this.#resumption.forget(unfinished);
      return job;
    } catch (thrown) {
      void held.release(false);
      throw thrown;
    }
  }

  /** Rests a job that sends, an update's too. Throws `usage` for any other. */
  pause(job: string): void {
    const { jobs } = this.#deps;
    const now = jobs.get(job);
    const isSending =
      (now.kind === 'publish' && ['reading', 'sending'].includes(now.stage)) ||
      (now.kind === 'update' && ['looking', 'comparing', 'sending'].includes(now.stage));
    if (now.state !== 'running' || !isSending) {
      throw new BroadsideError(
        'usage',
        'Only what is being sent can be paused, and the rest takes seconds. Let it end.',
      );
    }
    jobs.pause(job);
  }

  /** Takes the generated password out of a job. */
  forgetPassword(job: string): void {
    const { kind } = this.#deps.jobs.get(job);
    if (kind !== 'publish' && kind !== 'update') throw new BroadsideError('usage', 'This job has no password.');
    this.#deps.jobs.amend(job, { password: undefined });
  }
}

/** Refuses what no manifest and no slot can hold, before anything is read or sent. */
function checkRequest(request: PublishRequest): CheckedRequest {
  const { k, n } = request;
  if (k > n) {
    throw new BroadsideError(
      'usage',
      `${k} of ${n} shares cannot be: as many as are needed, ${k}, must exist. Choose a k of at most n.`,
    );
  }
  const { title, description = '', language = '' } = checkTexts(request);
  return { request, title, description, language };
}
