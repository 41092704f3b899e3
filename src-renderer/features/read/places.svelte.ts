/** For each open publication: which file is shown, and whether the panel about it is open. */
import { SvelteMap } from 'svelte/reactivity';
import { parseLink } from '../../../shared/base/links.ts';
import type { EventValue } from '../../../shared/ipc/contract.ts';
import type { OpenJob, Publication, PublishedFile } from '../../../shared/ipc/model.ts';

class Places {
  readonly #paths = new SvelteMap<string, string>();
  /** Where links inside the content led, by its origin. */
  readonly #followed = new SvelteMap<string, string>();
  /** Counts choices, so that choosing the file that was chosen before brings the frame back to it. */
  visits = $state(0);
  #about = $state<boolean>();
  /** What the node said of the page that a frame shows, by its origin. */
  readonly #told = new SvelteMap<string, EventValue<'page'>>();
  /** How large content is shown, everywhere. */
  zoom = $state(1);
  /** The bar for finding, zooming and the source is open. */
  tools = $state(false);

  /** Until somebody says: open where it has room beside the content, which is 60 rem, so less with large text. */
  get about(): boolean {
    return (
      this.#about ?? window.innerWidth >= 60 * Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
    );
  }
  set about(open: boolean) {
    this.#about = open;
  }

  /** The file that was chosen here, or that the link names, or that the publication opens with; '' is its list of files. */
  pathOf(job: OpenJob, publication: Publication): string {
    const chosen = this.#paths.get(job.id);
    if (chosen !== undefined) return chosen;
    const link = parseLink(job.link);
    if (link.ok && link.value.path !== '') return link.value.path.replace(/^\//, '');
    if (publication.index !== undefined) return publication.index;
    if (publication.shape === 'file') return publication.files[0]?.path ?? '';
    return '';
  }

  /** The file that is to be seen now: where the frame went by itself, or else what was chosen. */
  currentOf(job: OpenJob, publication: Publication): string {
    const followed = job.contentUrl === undefined ? undefined : this.#followed.get(job.contentUrl);
    if (followed === undefined) return this.pathOf(job, publication);
    return followed === '' ? (publication.index ?? '') : followed;
  }

  toldOf(job: OpenJob): EventValue<'page'> | undefined {
    return job.contentUrl === undefined ? undefined : this.#told.get(job.contentUrl);
  }

  show(job: OpenJob, path: string): void {
    if (job.contentUrl !== undefined) this.#followed.delete(job.contentUrl);
    this.#paths.set(job.id, path);
    this.visits += 1;
  }

  /** The frame went to another page. A PDF has a viewer of ours, which a frame without scripts cannot show. */
  follow(job: OpenJob, publication: Publication, page: EventValue<'page'>): void {
    const { path } = page;
    this.#told.set(page.contentUrl, page);
    if (fileAt(publication, path)?.type === 'application/pdf') this.show(job, path);
    else if (job.contentUrl !== undefined) this.#followed.set(job.contentUrl, path);
  }
}

export const places = new Places();

export function fileAt(publication: Publication, path: string): PublishedFile | undefined {
  return publication.files.find((file) => file.path === path);
}
