/** What is about to be changed, and how. It lives outside of the view, so that one may look elsewhere and come back to it. */
import { explainLinkProblem, formatLink, parseLink } from '../../../shared/base/links.ts';
import { toBroadsideError } from '../../../shared/base/errors.ts';
import type { PublicationClass } from '../../../shared/ipc/model.ts';
import { ChosenFiles } from '../../lib/chosen-files.svelte.ts';
import type { Care } from '../../lib/chosen-files.svelte.ts';
import { node } from '../../lib/connection/node.svelte.ts';
import { errorWords } from '../../lib/error-words.ts';
import { keywordProblem, splitKeywords } from '../../lib/keywords.ts';
import { t } from '../../lib/messages/translate.ts';
import { router } from '../../lib/route.svelte.ts';

export type Change = 'update' | 'password' | 'listing' | 'delete';

const CLASSES: Readonly<Record<1 | 2 | 3, PublicationClass>> = { 1: 'updatable', 2: 'delete-only', 3: 'fixed' };

/** Why a change is impossible, for good; undefined when it is not. */
export function forbidden(publicationClass: PublicationClass | undefined, change: Change): string | undefined {
  if (publicationClass === 'fixed') return t('change.permanent');
  if (publicationClass === 'delete-only' && (change === 'update' || change === 'password'))
    return t('change.deleteOnly');
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
  /** What somebody chose and typed; absent, it stays as it is listed from here. */
  #listed = $state<boolean>();
  #keywords = $state<string>();
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

  /** The words that it is listed by from here; undefined where it is not. */
  readonly listedNow = $derived.by(() => {
    const link = this.parsed.ok ? this.parsed.value : undefined;
    if (link === undefined) return undefined;
    return node.library?.find(({ listed, link: other }) => {
      const known = listed === undefined ? undefined : parseLink(other);
      return known?.ok === true && known.value.documentKey.join() === link.documentKey.join();
    })?.listed;
  });
  readonly listed = $derived(this.#listed ?? this.listedNow !== undefined);
  readonly keywords = $derived(this.#keywords ?? (this.listedNow ?? []).join(', '));
  readonly keywordProblem = $derived(this.listed ? keywordProblem(this.keywords) : undefined);

  find({ listed = this.#listed, keywords = this.#keywords }: { listed?: boolean; keywords?: string }): void {
    this.#listed = listed;
    this.#keywords = keywords;
  }

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
    const list = this.listed ? { keywords: splitKeywords(this.keywords) } : undefined;
    if (this.change === 'listing')
      return node.call('listing.start', { link, password, ...(list !== undefined && { list }) });
    const title = this.title.trim();
    return node.call('update.start', {
      link,
      password,
      source: this.source!,
      ...(title === '' ? {} : { title }),
      ...(this.dated ? { dated: true } : {}),
      // What was never listed from here is left as it is: a removal would tell hubs of it.
      ...(list !== undefined ? { list } : this.listedNow !== undefined ? { list: null } : {}),
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
    this.#listed = undefined;
    this.#keywords = undefined;
  }
}

export const revision = new Revision();
