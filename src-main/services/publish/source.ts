/** Where what is to be published lies: a path on this machine, or files that were put to the staging area. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { PublishRequest } from '../../../shared/ipc/contract.ts';
import type { Staging } from '../staging/staging.ts';
import { survey } from '../survey/survey.ts';
import type { SurveyResult } from '../survey/survey.ts';
import { MAX_TITLE_LENGTH } from '../survey/title.ts';

export type Source = PublishRequest['source'];

/** Kept for one job until it is released. */
export interface HeldSource {
  readonly name: string;
  /** Throws `usage`, `not-found`, as survey does. */
  survey(signal: AbortSignal): Promise<SurveyResult>;
  /** `spent`: it was published, so that no copy is needed; else it may be tried again. */
  release(spent: boolean): Promise<void>;
}

export class Sources {
  readonly #staging: Staging | undefined;

  /** Without a staging area only paths can be published. */
  constructor(staging: Staging | undefined) {
    this.#staging = staging;
  }

  /** Throws `usage`, `not-found` or `busy`, as survey and staging do. */
  survey(source: Source): Promise<SurveyResult> {
    if (source.kind === 'path') return survey(source.path);
    const { path, name } = this.#area().root(source.staging);
    return survey(path, { name });
  }

  /** Throws as staging does for files that are not there, still arrive or are being published. */
  hold(source: Source): HeldSource {
    if (source.kind === 'path') {
      return {
        name: lastPart(source.path),
        survey: (signal) => survey(source.path, { signal }),
        release: () => Promise.resolve(),
      };
    }
    const staging = this.#area();
    const { path, name } = staging.hold(source.staging);
    return {
      name,
      survey: (signal) => survey(path, { name, signal }),
      async release(spent) {
        staging.release(source.staging);
        if (spent) await staging.remove(source.staging);
      },
    };
  }

  #area(): Staging {
    if (this.#staging === undefined)
      throw new BroadsideError('usage', 'This node takes no uploads. Name a path on it.');
    return this.#staging;
  }
}

function lastPart(path: string): string {
  const parts = path.split(/[/\\]/u).filter((part) => part !== '');
  return (parts.at(-1) ?? 'Untitled').slice(0, MAX_TITLE_LENGTH);
}
