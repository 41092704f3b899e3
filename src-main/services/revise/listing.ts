/** One job that changes whether searches find a publication, and nothing of what is published. */
import { formatLink } from '../../../shared/base/links.ts';
import type { PublicationLink } from '../../../shared/base/links.ts';
import type { UpdateJob } from '../../../shared/ipc/model.ts';
import type { JobHandle } from '../jobs/job-registry.ts';
import { typeOf } from '../read/publication-reader.ts';
import type { ReviseDeps } from './deps.ts';
import { recordEdition } from './library.ts';
import { find, listAnew, takeOutOfSearch } from './update.ts';

/** With `keywords` it is listed from here from now on; without, it is taken out of search, whoever listed it. */
export async function runListing(
  deps: ReviseDeps,
  password: string,
  keywords: readonly string[] | undefined,
  link: PublicationLink,
  handle: JobHandle<UpdateJob>,
): Promise<void> {
  const startedMs = deps.clock.monotonicMs();
  const found = await find(deps, [password], link, handle);
  const manifest = found.content?.manifest;
  const { edition } = found.place;
  const newest = { edition, newLink: formatLink(found.link) };
  handle.update({ stage: 'replacing', ...newest, ...(manifest !== undefined && { title: manifest.title }) });
  if (keywords === undefined) {
    await takeOutOfSearch(deps, found, handle);
  } else {
    // A listing says what the manifest says, or no hub would take it.
    if (manifest === undefined) throw found.unreadable!;
    const sizeBytes = manifest.files.reduce((sum, file) => sum + file.sizeBytes, 0);
    handle.update({ fileCount: manifest.files.length, sizeBytes });
    const said = { ...manifest, type: typeOf(manifest), sizeBytes };
    if (deps.library.get('published', newest.newLink) === undefined)
      await recordEdition(deps, found, found.link, edition, said);
    await listAnew(deps, found.author, found.link, manifest, keywords, handle);
  }
  handle.update({ stage: 'done', seconds: (deps.clock.monotonicMs() - startedMs) / 1_000 });
}
