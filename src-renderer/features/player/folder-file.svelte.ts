/** One file of a folder that is loaded, or was, told as a download: asked for again whenever its folder tells that it got on. */
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
  #key = '';
  #folderState: Job['state'] = 'running';
  #asking = false;
  #again = false;

  /** Its folder is as `folder` says now. */
  follow({ id, state }: Job, file: number): void {
    const key = `${id}/${file}`;
    if (key !== this.#key) this.load = undefined;
    this.#key = key;
    this.#folderState = state;
    void this.#ask(id, file);
  }

  async #ask(job: string, file: number): Promise<void> {
    this.#again = this.#asking;
    if (this.#asking) return;
    this.#asking = true;
    try {
      const { load } = await node.call('folder.file', { job, file });
      // What is not whole of a folder that rests, rests with it.
      const rests = load.state === 'running' && this.#folderState !== 'running';
      this.load = rests ? { ...(this.load ?? load), state: this.#folderState } : load;
    } catch {
      // Nothing is known of it any more, but what was known.
      if (this.load?.state === 'running') this.load = { ...this.load, state: this.#folderState };
    }
    this.#asking = false;
    if (this.#again) void this.#ask(job, file);
  }
}
