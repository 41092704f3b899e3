/** A folder that was loaded, or is paused: what is whole of it can be looked at and played, as while it is loaded. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { DownloadJob, FolderFile } from '../../../shared/ipc/model.ts';
import { newLoad, shownLoad } from './folder-loads.ts';
import type { PlannedFile } from './folder-state.ts';
import type { Media } from './playing-media.ts';
import { wholeMedia } from './whole-media.ts';
import type { WholeDeps } from './whole-media.ts';

export interface RestingFile {
  readonly file: FolderFile;
  readonly planned: PlannedFile;
  /** As it was when it was finished; undefined where that is not known. */
  readonly stamp?: string | undefined;
}

interface RestingJob {
  readonly id: string;
  readonly startedMs: number;
}

export class RestingFolder {
  readonly #deps: WholeDeps;
  readonly #job: RestingJob;
  readonly #target: string;
  /** By the numbers of the files; some may be missing. */
  readonly #files: ReadonlyMap<number, RestingFile>;

  constructor(deps: WholeDeps, job: RestingJob, target: string, files: readonly RestingFile[]) {
    this.#deps = deps;
    this.#job = job;
    this.#target = target;
    this.#files = new Map(files.map((each) => [each.file.index, each]));
  }

  /** `from`: how many of them are known already. */
  files(from: number, limit: number): { files: FolderFile[]; total: number } {
    const shown = [...this.#files.values()].slice(from, from + limit);
    return { files: shown.map(({ file }) => file), total: this.#files.size };
  }

  /** Throws `not-found`. */
  file(index: number): { file: FolderFile; load: DownloadJob } {
    const { file, planned } = this.#known(index);
    const { id, startedMs } = this.#job;
    const load = newLoad(planned, `${id}/${index}`, startedMs);
    return { file, load: shownLoad(load, file, planned, this.#target) };
  }

  /** Throws `usage` for one that is not whole, and as wholeMedia. */
  async play(index: number): Promise<{ name: string; root: Uint8Array; media: Media }> {
    const { file, planned, stamp } = this.#known(index);
    if (file.state !== 'done')
      throw new BroadsideError('usage', 'This file is not whole. Go on with its folder, then play it.');
    const { name, root } = planned;
    return {
      name,
      root,
      media: { kind: 'finished', file: await wholeMedia(this.#deps, this.#target, planned, stamp) },
    };
  }

  #known(index: number): RestingFile {
    const known = this.#files.get(index);
    if (known === undefined) throw new BroadsideError('not-found', 'This folder has no such file. List it again.');
    return known;
  }
}
