/** What the next edition tells of those before it. */
import type { Crypto } from '../../core/ports.ts';
import { MAX_EARLIER, MAX_PREDECESSORS, sealPredecessor } from '../../core/publish/history.ts';
import type { EarlierEdition, History } from '../../core/publish/history.ts';
import type { Author } from '../publish/authorship.ts';
import type { Found } from './find.ts';

/** Undefined when there is nothing to tell, because the newest edition could not be read any more. */
export function historyAfter(found: Found): History | undefined {
  const earlier = earlierOf(found);
  const predecessors = found.content?.manifest.history?.predecessors ?? [];
  return earlier.length + predecessors.length === 0 ? undefined : { earlier, predecessors };
}

/** As above, for an edition of another author seed, which takes the older ones along: sealed, for nobody else to open. */
export function historyOfSuccessor(crypto: Crypto, found: Found, successor: Author): History {
  const older = [...found.predecessors, { author: found.author, lastEdition: found.place.edition }];
  const predecessors = older
    .slice(-MAX_PREDECESSORS)
    .map(({ author, lastEdition }) => sealPredecessor(crypto, successor.seed, author.seed, lastEdition));
  return { earlier: earlierOf(found), predecessors };
}

function earlierOf({ content, place }: Found): EarlierEdition[] {
  if (content === undefined) return [];
  const { title, dateMs, files, history } = content.manifest;
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  return [{ attempt: place.attempt, title, dateMs, sizeBytes }, ...(history?.earlier ?? [])].slice(0, MAX_EARLIER);
}
