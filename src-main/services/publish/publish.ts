/** Publishing, from the request to the link that was fetched back. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { PublishRequest, Survey } from '../../../shared/ipc/contract.ts';
import type { PublishJob } from '../../../shared/ipc/model.ts';
import { encodeManifest } from '../../core/publish/manifest.ts';
import type { Staging } from '../staging/staging.ts';
import { survey } from '../survey/survey.ts';
import type { SurveyResult } from '../survey/survey.ts';
import { MAX_TITLE_LENGTH, tidyTitle } from '../survey/title.ts';
import type { CheckedRequest, PublishDeps } from './deps.ts';
import { networkBytes, planLayout } from './layout.ts';
import { generatePassphrase, requireStrongPassword } from './password.ts';
import { runPublish } from './run.ts';

/** Files that a survey lists (shared/ipc/contract.ts). */
const MAX_LISTED_FILES = 1_000;
/** Shares that a survey counts with, because nobody has chosen yet: the default. */
const DEFAULT_SHARES = { k: 3, n: 10 };

export class Publisher {
  readonly #deps: PublishDeps;

  constructor(deps: PublishDeps) {
    this.#deps = deps;
  }

  /** What would be published. Throws `usage`, `not-found` or `busy`, as survey and staging do. */
  async survey(source: PublishRequest['source']): Promise<Survey> {
    const found = await this.#survey(source);
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
   * Starts a publish job and returns its id. Throws, before anything is sent: `usage` for a request that cannot be,
   * `weak-password`, `busy`.
   */
  async start(request: PublishRequest): Promise<string> {
    const checked = checkRequest(request);
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
    const staged = source.kind === 'staged' ? this.#staging().hold(source.staging) : undefined;
    const generated = request.password === undefined && password !== undefined;
    try {
      return this.#deps.jobs.start<PublishJob>(
        {
          kind: 'publish',
          title: checked.title ?? staged?.name ?? lastPart(source.kind === 'path' ? source.path : source.staging),
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
          shares: Array.from({ length: n }, (_, index) => ({ index: index + 1, state: 'unasked' })),
          fetchedBack: [],
          ...(generated ? { password } : {}),
        },
        async (handle) => {
          let published = false;
          try {
            const surveyed =
              staged === undefined
                ? await this.#survey(source, handle.signal)
                : await survey(staged.path, { name: staged.name, signal: handle.signal });
            await runPublish(this.#deps, checked, password, surveyed, handle);
            published = true;
          } finally {
            // Without a link the password opens nothing.
            if (handle.job.link === undefined) handle.update({ password: undefined });
            if (source.kind === 'staged') {
              this.#staging().release(source.staging);
              // What was published needs no copy; what failed may be tried again.
              if (published || handle.job.link !== undefined) await this.#staging().remove(source.staging);
            }
          }
        },
      );
    } catch (thrown) {
      if (source.kind === 'staged') this.#staging().release(source.staging);
      throw thrown;
    }
  }

  /** Takes the generated password out of a job. */
  forgetPassword(job: string): void {
    if (this.#deps.jobs.get(job).kind !== 'publish') throw new BroadsideError('usage', 'This job has no password.');
    this.#deps.jobs.amend(job, { password: undefined });
  }

  #staging(): Staging {
    if (this.#deps.staging === undefined)
      throw new BroadsideError('usage', 'This node takes no uploads. Name a path on it.');
    return this.#deps.staging;
  }

  #survey(source: PublishRequest['source'], signal?: AbortSignal): Promise<SurveyResult> {
    const from = source.kind === 'path' ? { path: source.path } : this.#staging().root(source.staging);
    return survey(from.path, {
      ...('name' in from ? { name: from.name } : {}),
      ...(signal === undefined ? {} : { signal }),
    });
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
  const title = request.title === undefined ? undefined : tidyTitle(request.title.replace(/\p{Cc}+/gu, ' '));
  const description = (request.description ?? '')
    .toWellFormed()
    .replace(/\r\n?/gu, '\n')
    .replace(/\t/gu, ' ')
    .replace(/[^\P{Cc}\n]/gu, '')
    .trim();
  const language = request.language ?? '';
  // The codec knows the rules: it is asked with a file that breaks none.
  encodeManifest({
    shape: 'file',
    edition: 1,
    title: title ?? '',
    description,
    language,
    dateMs: undefined,
    index: undefined,
    files: [
      {
        path: 'x',
        type: 'text/plain',
        sizeBytes: 0,
        digest: new Uint8Array(32),
        content: { kind: 'inline', bytes: new Uint8Array(0) },
      },
    ],
  });
  return { request, title, description, language };
}

function lastPart(path: string): string {
  const parts = path.split(/[/\\]/u).filter((part) => part !== '');
  return (parts.at(-1) ?? 'Untitled').slice(0, MAX_TITLE_LENGTH);
}
