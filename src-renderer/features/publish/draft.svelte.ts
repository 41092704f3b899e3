/** What is about to be published. It lives outside of the view, so that one may look elsewhere and come back to it. */
import type { Preview, Survey } from '../../../shared/ipc/contract.ts';
import type { PublicationClass } from '../../../shared/ipc/model.ts';
import { toBroadsideError } from '../../../shared/base/errors.ts';
import { node } from '../../lib/connection/node.svelte.ts';
import { filesOfInput, MAX_CHOSEN_FILES, TooManyFiles } from '../../lib/dropped-files.ts';
import type { Chosen } from '../../lib/dropped-files.ts';
import { formatCount } from '../../lib/format.ts';
import { discard, handOver } from '../../lib/hand-over.ts';
import type { Source } from '../../lib/hand-over.ts';
import { t } from '../../lib/messages/translate.ts';
import { notices } from '../../lib/notices.svelte.ts';
import { router } from '../../lib/route.svelte.ts';
import { MetadataLook } from './metadata.svelte.ts';

export type Phase = 'empty' | 'reading' | 'uploading' | 'surveying' | 'ready' | 'failed';

export const DEFAULT_K = 3;
export const DEFAULT_N = 10;

class Draft {
  phase = $state<Phase>('empty');
  failure = $state('');
  sentBytes = $state(0);
  totalBytes = $state(0);
  fileCount = $state(0);
  survey = $state.raw<Survey>();
  unreadable = $state.raw<readonly string[]>([]);
  title = $state('');
  k = $state(DEFAULT_K);
  n = $state(DEFAULT_N);
  class = $state<PublicationClass>('updatable');
  dated = $state(false);
  starting = $state(false);
  readonly metadata = new MetadataLook();
  /** What readers would see, once it was asked for. */
  preview = $state.raw<Preview | 'making'>();
  #source: Source | undefined;
  #chosen: Chosen | undefined;
  #abort = new AbortController();

  async takeInput(list: FileList | null): Promise<void> {
    if (list === null || list.length === 0) return;
    await this.take(Promise.resolve().then(() => filesOfInput(list)));
  }

  /** Uploads what was chosen and asks the node what is in it. Replaces what was there before. */
  async take(choosing: Promise<Chosen>): Promise<void> {
    const abort = this.#begin();
    try {
      const chosen = await choosing;
      if (abort.signal.aborted) return;
      this.#chosen = chosen;
      this.unreadable = chosen.unreadable;
      await this.#send(chosen, abort.signal);
    } catch (thrown) {
      if (abort.signal.aborted) return;
      this.phase = 'failed';
      this.failure =
        thrown instanceof TooManyFiles
          ? t('publish.tooManyFiles', { limit: formatCount(MAX_CHOSEN_FILES) })
          : toBroadsideError(thrown).message;
    }
  }

  async retry(): Promise<void> {
    const chosen = this.#chosen;
    if (chosen !== undefined) await this.take(Promise.resolve(chosen));
  }

  startOver(): void {
    this.#begin();
    this.phase = 'empty';
    this.#chosen = undefined;
  }

  async showPreview(): Promise<void> {
    const source = this.#source;
    if (source === undefined || this.preview !== undefined) return;
    this.preview = 'making';
    const preview = await notices.attempt(() => node.call('publish.preview', { source }));
    // Somebody may have gone back, or have chosen something else, meanwhile.
    if (this.preview === 'making' && this.#source === source) this.preview = preview;
  }

  closePreview(): void {
    this.preview = undefined;
  }

  async publish(): Promise<void> {
    if (this.phase !== 'ready' || this.starting || this.#source === undefined) return;
    this.starting = true;
    const { title, k, n, dated } = this;
    const started = await notices.attempt(() =>
      node.call('publish.start', {
        source: this.#source!,
        title: title.trim() === '' ? (this.survey?.title ?? '') : title.trim(),
        k,
        n,
        class: this.class,
        ...(dated ? { dated } : {}),
        ...this.metadata.wish,
      }),
    );
    this.starting = false;
    if (started === undefined) return;
    // The node owns the files now.
    this.#source = undefined;
    this.#chosen = undefined;
    this.survey = undefined;
    this.metadata.stop();
    this.phase = 'empty';
    router.go('publish', started.job);
  }

  #begin(): AbortController {
    this.#abort.abort();
    this.#abort = new AbortController();
    const old = this.#source;
    this.#source = undefined;
    this.preview = undefined;
    this.metadata.stop();
    discard(old);
    this.survey = undefined;
    this.failure = '';
    this.sentBytes = 0;
    this.totalBytes = 0;
    this.fileCount = 0;
    this.unreadable = [];
    this.title = '';
    this.phase = 'reading';
    return this.#abort;
  }

  async #send(chosen: Chosen, signal: AbortSignal): Promise<void> {
    const source = await handOver(
      chosen,
      {
        begin: (fileCount, totalBytes) => {
          this.fileCount = fileCount;
          this.totalBytes = totalBytes;
          this.phase = 'uploading';
        },
        progress: (bytes) => (this.sentBytes = bytes),
      },
      signal,
    );
    this.phase = 'surveying';
    const survey = await node.call('publish.survey', { source });
    if (signal.aborted) return;
    this.#source = source;
    this.survey = survey;
    this.title = survey.title;
    this.phase = 'ready';
    void this.metadata.look(source);
  }
}

export const draft = new Draft();
