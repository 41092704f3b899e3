/** What is about to be published. It lives outside of the view, so that one may look elsewhere and come back to it. */
import type { Survey } from '../../../shared/ipc/contract.ts';
import type { PublicationClass } from '../../../shared/ipc/model.ts';
import { toBroadsideError } from '../../../shared/base/errors.ts';
import { node } from '../../lib/connection/node.svelte.ts';
import { filesOfInput, MAX_CHOSEN_FILES, TooManyFiles } from '../../lib/dropped-files.ts';
import type { Chosen } from '../../lib/dropped-files.ts';
import { formatCount } from '../../lib/format.ts';
import { t } from '../../lib/messages/translate.ts';
import { notices } from '../../lib/notices.svelte.ts';
import { router } from '../../lib/route.svelte.ts';
import { uploadAll } from '../../lib/upload.ts';

type Source = { kind: 'path'; path: string } | { kind: 'staged'; staging: string };
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
      }),
    );
    this.starting = false;
    if (started === undefined) return;
    // The node owns the files now.
    this.#source = undefined;
    this.#chosen = undefined;
    this.survey = undefined;
    this.phase = 'empty';
    router.go('publish', started.job);
  }

  #begin(): AbortController {
    this.#abort.abort();
    this.#abort = new AbortController();
    const old = this.#source;
    this.#source = undefined;
    if (old?.kind === 'staged') void node.call('publish.discard', { staging: old.staging }).catch(() => undefined);
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
    let source: Source;
    if (chosen.nativePath !== undefined) {
      source = { kind: 'path', path: chosen.nativePath };
    } else {
      if (chosen.files.length === 0) throw new Error(t('publish.nothingInIt'));
      const { staging } = await node.call('publish.stage', null);
      source = { kind: 'staged', staging };
      this.fileCount = chosen.files.length;
      this.totalBytes = chosen.files.reduce((sum, { file }) => sum + file.size, 0);
      this.phase = 'uploading';
      try {
        await uploadAll(staging, chosen.files, (bytes) => (this.sentBytes = bytes), signal);
      } catch (thrown) {
        void node.call('publish.discard', { staging }).catch(() => undefined);
        throw thrown;
      }
    }
    this.phase = 'surveying';
    const survey = await node.call('publish.survey', { source });
    if (signal.aborted) return;
    this.#source = source;
    this.survey = survey;
    this.title = survey.title;
    this.phase = 'ready';
  }
}

export const draft = new Draft();
