/** What the parts of publishing share. */
import type { PublishRequest } from '../../../shared/ipc/contract.ts';
import type { JobRegistry } from '../jobs/job-registry.ts';
import type { Library } from '../library/library.ts';
import type { MetadataCare } from '../metadata/metadata.ts';
import type { Listings } from '../search/listings.ts';
import type { Staging } from '../staging/staging.ts';
import type { AuthorDeps } from './authorship.ts';
import type { ContentDeps } from './content.ts';
import type { UnfinishedPublications } from './unfinished.ts';
import type { InsertDeps } from './uploader.ts';

export interface PublishDeps extends AuthorDeps, ContentDeps, InsertDeps {
  readonly jobs: JobRegistry;
  readonly library: Library;
  /** For uploads from a browser; without one only paths can be published. */
  readonly staging?: Staging;
  /** Takes out what files tell about their authors; without it nothing can be asked to be stripped. */
  readonly metadata?: MetadataCare;
  /** Says in search that it is there; without it nothing can be asked to be listed. */
  readonly listings?: Listings;
  /** What was interrupted, to be gone on with; without it all is begun anew. */
  readonly unfinished?: UnfinishedPublications;
}

/** A request that was checked, with its texts as the manifest takes them. */
export interface CheckedRequest {
  readonly request: PublishRequest;
  readonly title: string | undefined;
  readonly description: string;
  readonly language: string;
}
