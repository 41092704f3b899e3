/** The library of this machine follows what becomes of a publication. */
import { BroadsideError, toBroadsideError } from '../../../shared/base/errors.ts';
import { formatLink, parseLink } from '../../../shared/base/links.ts';
import type { PublicationLink } from '../../../shared/base/links.ts';
import { bytesEqual } from '../../../shared/base/bytes.ts';
import type { LibraryEntry } from '../../../shared/ipc/model.ts';
import type { Clock } from '../jobs/clock.ts';
import type { Library } from '../library/library.ts';
import { className } from '../read/publication-reader.ts';
import type { Found } from './find.ts';

interface LibraryDeps {
  readonly library: Library;
  readonly clock: Clock;
}

/** The new edition takes the place of the published entries of this publication; without one, it becomes one. */
export async function recordEdition(
  { library, clock }: LibraryDeps,
  found: Found,
  link: PublicationLink,
  edition: number,
  { title, shape, type, sizeBytes }: Pick<LibraryEntry, 'title' | 'shape' | 'type' | 'sizeBytes'>,
): Promise<void> {
  const text = formatLink(link);
  try {
    const keep = entriesOf(library, found).find(({ origin }) => origin === 'published')?.keep;
    await library.put({
      ...(keep === undefined ? {} : { keep }),
      ...{ link: text, origin: 'published', title, shape, type, sizeBytes, edition },
      ...{ class: className(link), k: link.k, n: link.n, atMs: clock.now() },
    });
    for (const entry of entriesOf(library, found)) {
      if (entry.origin === 'published' && entry.link !== text) await library.remove('published', entry.link);
    }
  } catch (thrown) {
    const error = toBroadsideError(thrown);
    throw new BroadsideError(
      error.code,
      `The new edition is published, but could not be noted in the library: keep its link yourself. ${error.message}`,
      { cause: thrown },
    );
  }
}

/** Every entry of the publication, published or opened, says that it was deleted. */
export async function recordDeletion({ library, clock }: LibraryDeps, found: Found): Promise<void> {
  for (const entry of entriesOf(library, found)) {
    if (entry.deletedMs === undefined) await library.put({ ...entry, deletedMs: clock.now() });
  }
}

function entriesOf(library: Library, { link, way, predecessors }: Found): LibraryEntry[] {
  const keys = [link, ...way].map(({ documentKey }) => documentKey);
  for (const { author } of predecessors) keys.push(author.keys.publicKey);
  return library.list().filter((entry) => {
    const parsed = parseLink(entry.link);
    return parsed.ok && keys.some((key) => bytesEqual(key, parsed.value.documentKey));
  });
}
