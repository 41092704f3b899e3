/** Files that were chosen to be sent: handed to the node, surveyed, previewed; until the node has made a job of them. */
import { toBroadsideError } from '../../shared/base/errors.ts';
import type { Preview, Survey } from '../../shared/ipc/contract.ts';
import { node } from './connection/node.svelte.ts';
import { filesOfInput, MAX_CHOSEN_FILES, TooManyFiles } from './dropped-files.ts';
import type { Chosen } from './dropped-files.ts';
import { formatCount } from './format.ts';
import { discard, handOver } from './hand-over.ts';
import type { Source } from './hand-over.ts';
import { t } from './messages/translate.ts';
import { notices } from './notices.svelte.ts';
import { UploadRate } from './upload-rate.ts';

type FilesPhase = 'empty' | 'reading' | 'uploading' | 'surveying' | 'ready' | 'failed';

/** What files tell about their author, looked for and decided on elsewhere. */
export interface Care {
  /** Why nothing may be sent yet. */
  readonly problem: string | undefined;
  /** What the node is asked for with the files. */
  readonly wish: { strip?: true; acceptRemaining?: true };
  look(source: Source): Promise<void>;
  stop(): void;
}

export abstract class ChosenFiles {
  phase = $state<FilesPhase>('empty');
  failure = $state('');
  sentBytes = $state(0);
  /** Of these, what the node had from before. */
  comparedBytes = $state(0);
  /** Bytes a second; undefined until it is known. */
  rate = $state<number>();
  /** The node does not answer: it goes on when it does. */
  waiting = $state(false);
  totalBytes = $state(0);
  fileCount = $state(0);
  survey = $state.raw<Survey>();
  unreadable = $state.raw<readonly string[]>([]);
  /** What readers would see, once it was asked for. */
  preview = $state.raw<Preview | 'making'>();
  #source: Source | undefined;
  #chosen: Chosen | undefined;
  #abort = new AbortController();

  /** Looks after what the files tell. */
  abstract readonly care: Care | undefined;

  /** Where the node has them, once they are ready. */
  get source(): Source | undefined {
    return this.#source;
  }

  get chosen(): Chosen | undefined {
    return this.#chosen;
  }

  async takeInput(list: FileList | null): Promise<void> {
    if (list === null || list.length === 0) return;
    await this.take(Promise.resolve().then(() => filesOfInput(list)));
  }

  /** Hands what was chosen to the node and asks what is in it. Replaces what was there before. */
  async take(choosing: Promise<Chosen>): Promise<void> {
    const { signal } = this.#begin();
    const rate = new UploadRate();
    try {
      const chosen = await choosing;
      if (signal.aborted) return;
      this.#chosen = chosen;
      this.unreadable = chosen.unreadable;
      const source = await handOver(
        chosen,
        {
          begin: (fileCount, totalBytes) => {
            this.fileCount = fileCount;
            this.totalBytes = totalBytes;
            this.phase = 'uploading';
          },
          progress: (bytes) => {
            if (signal.aborted) return;
            this.sentBytes = bytes;
            this.rate = rate.add(bytes, performance.now());
          },
          compared: (bytes) => {
            if (signal.aborted) return;
            this.comparedBytes += bytes;
            rate.forget();
          },
          waiting: (isWaiting) => {
            if (signal.aborted) return;
            this.waiting = isWaiting;
            this.rate = undefined;
            rate.forget();
          },
        },
        signal,
      );
      this.phase = 'surveying';
      const survey = await node.call('publish.survey', { source });
      if (signal.aborted) return discard(source);
      this.#source = source;
      this.survey = survey;
      this.surveyed(survey);
      this.phase = 'ready';
      void this.care?.look(source);
    } catch (thrown) {
      if (signal.aborted) return;
      this.phase = 'failed';
      this.failure =
        thrown instanceof TooManyFiles
          ? t('publish.tooManyFiles', { limit: formatCount(MAX_CHOSEN_FILES) })
          : toBroadsideError(thrown).message;
    }
  }

  async retry(): Promise<void> {
    if (this.#chosen !== undefined) await this.take(Promise.resolve(this.#chosen));
  }

  forgetFiles(): void {
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

  /** Told when it is known what is in them. */
  protected surveyed(_survey: Survey): void {}

  /** Told when others, or none, take their place. */
  protected begun(): void {}

  /** The node owns them now: a job has begun with them. */
  protected given(): void {
    this.#source = undefined;
    this.survey = undefined;
    this.preview = undefined;
    this.care?.stop();
    this.phase = 'empty';
  }

  #begin(): AbortController {
    this.#abort.abort();
    this.#abort = new AbortController();
    const old = this.#source;
    this.#source = undefined;
    this.preview = undefined;
    this.care?.stop();
    discard(old);
    this.survey = undefined;
    this.failure = '';
    this.sentBytes = 0;
    this.comparedBytes = 0;
    this.rate = undefined;
    this.waiting = false;
    this.totalBytes = 0;
    this.fileCount = 0;
    this.unreadable = [];
    this.begun();
    this.phase = 'reading';
    return this.#abort;
  }
}
