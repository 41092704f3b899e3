/** What the parts of changing a publication share. */
import type { PublishDeps } from '../publish/deps.ts';
import type { FileHasher } from './compare.ts';

export interface ReviseDeps extends PublishDeps {
  readonly sealing: PublishDeps['sealing'] & FileHasher;
}
