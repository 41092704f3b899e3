/** For each open publication: which file is shown, and whether the panel about it is open. */
import { SvelteMap } from 'svelte/reactivity';
import { parseLink } from '../../../shared/base/links.ts';
import type { OpenJob, Publication, PublishedFile } from '../../../shared/ipc/model.ts';

class Places {
  readonly #paths = new SvelteMap<string, string>();
  #about = $state<boolean>();

  /** Until somebody says: open where it has room beside the content, which is 60 rem, so less with large text. */
  get about(): boolean {
    return this.#about ?? window.innerWidth >= 60 * Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
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

  show(job: OpenJob, path: string): void {
    this.#paths.set(job.id, path);
  }
}

export const places = new Places();

export function fileAt(publication: Publication, path: string): PublishedFile | undefined {
  return publication.files.find((file) => file.path === path);
}
