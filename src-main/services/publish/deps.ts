/** What the parts of publishing share. */
import type { PublishRequest } from '../../../shared/ipc/contract.ts';
import type { JobRegistry } from '../jobs/job-registry.ts';
import type { Library } from '../library/library.ts';
import type { Staging } from '../staging/staging.ts';
import type { AuthorDeps } from './authorship.ts';
import type { ContentDeps } from './content.ts';
import type { InsertDeps } from './uploader.ts';

export interface PublishDeps extends AuthorDeps, ContentDeps, InsertDeps {
  readonly jobs: JobRegistry;
  readonly library: Library;
  /** For uploads from a browser; without one only paths can be published. */
  readonly staging?: Staging;
}

/** A request that was checked, with its texts as the manifest takes them. */
export interface CheckedRequest {
  readonly request: PublishRequest;
  readonly title: string | undefined;
  readonly description: string;
  readonly language: string;
}
