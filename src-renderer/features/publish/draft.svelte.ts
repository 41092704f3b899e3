/** What is about to be published. It lives outside of the view, so that one may look elsewhere and come back to it. */
import type { Survey } from '../../../shared/ipc/contract.ts';
import type { PublicationClass } from '../../../shared/ipc/model.ts';
import { ChosenFiles } from '../../lib/chosen-files.svelte.ts';
import { node } from '../../lib/connection/node.svelte.ts';
import { keywordProblem, splitKeywords } from '../../lib/keywords.ts';
import { notices } from '../../lib/notices.svelte.ts';
import { router } from '../../lib/route.svelte.ts';
import { MetadataLook } from './metadata.svelte.ts';

export const DEFAULT_K = 3;
export const DEFAULT_N = 10;

class Draft extends ChosenFiles {
  title = $state('');
  k = $state(DEFAULT_K);
  n = $state(DEFAULT_N);
  class = $state<PublicationClass>('updatable');
  dated = $state(false);
  listed = $state(false);
  /** As typed: words with commas between them. */
  keywords = $state('');
  starting = $state(false);
  readonly keywordProblem = $derived(this.listed ? keywordProblem(this.keywords) : undefined);
  readonly care = new MetadataLook();

  async publish(): Promise<void> {
    const { source, title, k, n, dated } = this;
    if (this.phase !== 'ready' || this.starting || source === undefined) return;
    this.starting = true;
    const started = await notices.attempt(() =>
      node.call('publish.start', {
        source,
        title: title.trim() === '' ? (this.survey?.title ?? '') : title.trim(),
        k,
        n,
        class: this.class,
        ...(dated ? { dated } : {}),
        ...(this.listed ? { list: { keywords: splitKeywords(this.keywords) } } : {}),
        ...this.care.wish,
      }),
    );
    this.starting = false;
    if (started === undefined) return;
    this.given();
    router.go('publish', started.job);
  }

  protected override surveyed(survey: Survey): void {
    this.title = survey.title;
  }

  protected override begun(): void {
    this.title = '';
  }
}

export const draft = new Draft();
