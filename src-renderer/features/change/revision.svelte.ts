/** What is about to be changed, and how. It lives outside of the view, so that one may look elsewhere and come back to it. */
import { explainLinkProblem, formatLink, parseLink } from '../../../shared/base/links.ts';
import { toBroadsideError } from '../../../shared/base/errors.ts';
import type { Survey } from '../../../shared/ipc/contract.ts';
import type { PublicationClass } from '../../../shared/ipc/model.ts';
import { node } from '../../lib/connection/node.svelte.ts';
import { filesOfInput, MAX_CHOSEN_FILES, TooManyFiles } from '../../lib/dropped-files.ts';
import type { Chosen } from '../../lib/dropped-files.ts';
import { formatCount } from '../../lib/format.ts';
import { discard, handOver } from '../../lib/hand-over.ts';
import type { Source } from '../../lib/hand-over.ts';
import { t } from '../../lib/messages/translate.ts';
import { router } from '../../lib/route.svelte.ts';

export type Change = 'update' | 'password' | 'delete';
type Phase = 'empty' | 'uploading' | 'surveying' | 'ready' | 'failed';

const CLASSES: Readonly<Record<1 | 2 | 3, PublicationClass>> = { 1: 'updatable', 2: 'delete-only', 3: 'fixed' };

/** Why a change is impossible, for good; undefined when it is not. */
export function forbidden(publicationClass: PublicationClass | undefined, change: Change): string | undefined {
  if (publicationClass === 'fixed') return t('change.permanent');
  if (publicationClass === 'delete-only' && change !== 'delete') return t('change.deleteOnly');
  return undefined;
}

/** What the chosen files tell about their author, looked for and decided on elsewhere. */
export interface Care {
  /** Why nothing may be sent yet. */
  readonly problem: string | undefined;
  /** What the node is asked for with the files. */
  readonly wish: { strip?: true; acceptRemaining?: true };
  look(source: Source): Promise<void>;
  stop(): void;
}

class Revision {
  link = $state('');
  /** What it is called, where that is known here. */
  name = $state('');
  change = $state<Change>('update');
  password = $state('');
  ownPassword = $state(false);
  newPassword = $state('');
  title = $state('');
  dated = $state(false);
  starting = $state(false);
  /** What the node said when it refused to begin. */
  problem = $state<string>();
  phase = $state<Phase>('empty');
  failure = $state('');
  sentBytes = $state(0);
  totalBytes = $state(0);
  fileCount = $state(0);
  survey = $state.raw<Survey>();
  /** Set by the view. */
  care = $state.raw<Care>();
  #source: Source | undefined;
  #chosen: Chosen | undefined;
  #abort = new AbortController();

  readonly parsed = $derived(parseLink(this.link));
  readonly publicationClass = $derived(this.parsed.ok ? CLASSES[this.parsed.value.class] : undefined);
  readonly linkProblem = $derived(
    this.link.trim() === '' || this.parsed.ok
      ? undefined
      : this.parsed.code === 'short-address'
        ? t('change.short')
        : explainLinkProblem(this.parsed.code, this.link),
  );

  /** Goes to the view with what is known already; another publication than before begins anew. */
  begin(change: Change, link = '', name = ''): void {
    if (link !== this.link) this.#clear();
    this.link = link;
    this.name = name;
    this.change = change;
    this.problem = undefined;
    router.go('change');
  }

  async takeInput(list: FileList | null): Promise<void> {
    if (list === null || list.length === 0) return;
    await this.take(Promise.resolve().then(() => filesOfInput(list)));
  }

  /** Hands what was chosen to the node and asks what is in it. Replaces what was there before. */
  async take(choosing: Promise<Chosen>): Promise<void> {
    const { signal } = this.#beginFiles();
    try {
      const chosen = await choosing;
      if (signal.aborted) return;
      this.#chosen = chosen;
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
      if (signal.aborted) return discard(source);
      this.#source = source;
      this.survey = survey;
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

  forgetFiles(): void {
    this.#beginFiles();
    this.phase = 'empty';
    this.#chosen = undefined;
  }

  /** An update that failed is started again from the files that were chosen for it, which the node may have let go. */
  async again(change: Change, link: string, name: string): Promise<void> {
    const chosen = this.link === link ? this.#chosen : undefined;
    this.begin(change, link, name);
    if (change === 'update' && chosen !== undefined) await this.take(Promise.resolve(chosen));
  }

  /** Starts the job and goes to it. What is wrong stays in `problem`. */
  async start(): Promise<void> {
    if (this.starting) return;
    this.starting = true;
    this.problem = undefined;
    try {
      const { job } = await this.#call();
      // In the spelling that the job has, so that it can be started again from here.
      if (this.parsed.ok) this.link = formatLink({ ...this.parsed.value, path: '' });
      this.password = '';
      this.newPassword = '';
      // The node owns the files now.
      this.#source = undefined;
      this.survey = undefined;
      this.care?.stop();
      this.phase = 'empty';
      router.go('change', job);
    } catch (thrown) {
      this.problem = toBroadsideError(thrown).message;
    } finally {
      this.starting = false;
    }
  }

  #call(): Promise<{ job: string }> {
    const { link, password } = this;
    if (this.change === 'delete') return node.call('delete.start', { link, password });
    if (this.change === 'password') {
      return node.call('password.start', {
        link,
        password,
        ...(this.ownPassword ? { newPassword: this.newPassword } : {}),
      });
    }
    const title = this.title.trim();
    return node.call('update.start', {
      link,
      password,
      source: this.#source!,
      ...(title === '' ? {} : { title }),
      ...(this.dated ? { dated: true } : {}),
      ...this.care?.wish,
    });
  }

  #clear(): void {
    this.forgetFiles();
    this.password = '';
    this.ownPassword = false;
    this.newPassword = '';
    this.title = '';
    this.dated = false;
  }

  #beginFiles(): AbortController {
    this.#abort.abort();
    this.#abort = new AbortController();
    discard(this.#source);
    this.#source = undefined;
    this.care?.stop();
    this.survey = undefined;
    this.failure = '';
    this.sentBytes = 0;
    this.totalBytes = 0;
    this.fileCount = 0;
    this.phase = 'surveying';
    return this.#abort;
  }
}

export const revision = new Revision();
