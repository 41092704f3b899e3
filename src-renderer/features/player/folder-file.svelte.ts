/** One file of a folder that is loaded, told as a download: asked for again whenever its folder tells that it got on. */
import type { DownloadJob, Job } from '../../../shared/ipc/model.ts';
import { node } from '../../lib/connection/node.svelte.ts';

/** What a player is opened for: a job, or one file of a folder, as `JOB/NUMBER`. */
export interface Played {
  readonly job: string;
  readonly file: number | undefined;
}

export function playedOf(detail: string): Played {
  const [job = '', file] = detail.split('/');
  return { job, file: file !== undefined && /^\d{1,5}$/.test(file) ? Number(file) : undefined };
}

export class FolderFileLoad {
  load = $state.raw<DownloadJob>();
  #asking = false;
  #again = false;

  /** Its folder is as `folder` says now. */
  follow(folder: Job, file: number): void {
    if (folder.state === 'running') void this.#ask(folder.id, file);
    else if (this.load !== undefined && this.load.state === 'running')
      this.load = { ...this.load, state: folder.state };
  }

  async #ask(job: string, file: number): Promise<void> {
    this.#again = this.#asking;
    if (this.#asking) return;
    this.#asking = true;
    try {
      this.load = (await node.call('folder.file', { job, file })).load;
    } catch {
      // It has ended meanwhile: what was known of it stays.
    }
    this.#asking = false;
    if (this.#again) void this.#ask(job, file);
  }
}
