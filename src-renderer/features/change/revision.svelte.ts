/** What is about to be changed, and how. It lives outside of the view, so that one may look elsewhere and come back to it. */
import { explainLinkProblem, formatLink, parseLink } from '../../../shared/base/links.ts';
import { toBroadsideError } from '../../../shared/base/errors.ts';
import type { PublicationClass } from '../../../shared/ipc/model.ts';
import { ChosenFiles } from '../../lib/chosen-files.svelte.ts';
import type { Care } from '../../lib/chosen-files.svelte.ts';
import { node } from '../../lib/connection/node.svelte.ts';
import { errorWords } from '../../lib/error-words.ts';
import { t } from '../../lib/messages/translate.ts';
import { router } from '../../lib/route.svelte.ts';

export type Change = 'update' | 'password' | 'delete';

const CLASSES: Readonly<Record<1 | 2 | 3, PublicationClass>> = { 1: 'updatable', 2: 'delete-only', 3: 'fixed' };

/** Why a change is impossible, for good; undefined when it is not. */
export function forbidden(publicationClass: PublicationClass | undefined, change: Change): string | undefined {
  if (publicationClass === 'fixed') return t('change.permanent');
  if (publicationClass === 'delete-only' && change !== 'delete') return t('change.deleteOnly');
  return undefined;
}

class Revision extends ChosenFiles {
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
  /** Set by the view. */
  care = $state.raw<Care>();

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

  /** An update that failed is started again from the files that were chosen for it, which the node may have let go. */
  async again(change: Change, link: string, name: string): Promise<void> {
    const chosen = this.link === link ? this.chosen : undefined;
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
      this.given();
      router.go('change', job);
    } catch (thrown) {
      this.problem = errorWords(toBroadsideError(thrown));
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
      source: this.source!,
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
}

export const revision = new Revision();
