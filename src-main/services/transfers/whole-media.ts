/** A file that was loaded and is whole: shown as it was when it was verified, or not at all, with what became of it. */
import { join } from 'node:path';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { Crypto } from '../../core/ports.ts';
import { isThere } from './folder-disk.ts';
import type { PlannedFile } from './folder-state.ts';
import type { FinishedMedia } from './playing-media.ts';

export interface WholeDeps {
  readonly part: { readonly crypto: Crypto };
  /** As the file is now; undefined when there is none. */
  readonly finished: (path: string) => Promise<FinishedMedia | undefined>;
}

/** As it was when it had this stamp. Throws `not-found` when it is gone, and `damaged` when it is another. */
export async function stampedMedia(
  { finished }: Pick<WholeDeps, 'finished'>,
  path: string,
  stamp: string | undefined,
): Promise<FinishedMedia> {
  const media = (await finished(path)) ?? gone(path);
  return media.stamp === stamp ? media : changed(path);
}

/** One of a folder: as it was when it had this stamp, or, where that is not known, if it is what its root says. Throws as above. */
export async function wholeMedia(
  deps: WholeDeps,
  target: string,
  file: PlannedFile,
  stamp: string | undefined,
): Promise<FinishedMedia> {
  const path = join(target, ...file.path.split('/'));
  if (stamp !== undefined) return stampedMedia(deps, path, stamp);
  const media = (await deps.finished(path)) ?? gone(path);
  return (await isThere(deps.part.crypto, target, file).catch(() => false)) ? media : changed(path);
}

function gone(path: string): never {
  throw new BroadsideError(
    'not-found',
    `${path} is gone: it was moved or deleted after it was loaded. Put it back where it was, or load it again.`,
  );
}

function changed(path: string): never {
  throw new BroadsideError(
    'damaged',
    `${path} was changed after it was loaded and verified, so it is not shown here. Open it yourself, or load it again.`,
  );
}
