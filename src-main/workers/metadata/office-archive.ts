/** The ZIP archives that office documents are: read with bounds on what they unfold to, and written without dates or owners. */
import { unzipSync, zipSync } from 'fflate';
import type { Zippable } from 'fflate';
import { MIB } from '../../../shared/base/units.ts';
import { damaged, MetadataProblem } from './findings.ts';

/** All parts of a document together. A guess: four times the largest file that is looked into. */
export const MAX_UNFOLDED_BYTES = 256 * MIB;
/** Parts. A guess: the largest presentations have some thousand. */
const MAX_PARTS = 10_000;
/** The earliest that a ZIP can say: it says nothing. */
const NO_DATE = '1980-01-01T00:00:00';

export type Archive = Map<string, Uint8Array>;

export function readArchive(bytes: Uint8Array): Archive {
  let unfoldedBytes = 0;
  let parts = 0;
  const names = new Set<string>();
  let unzipped: Record<string, Uint8Array>;
  try {
    unzipped = unzipSync(bytes, {
      filter({ name, originalSize }) {
        parts += 1;
        unfoldedBytes += originalSize;
        if (parts > MAX_PARTS || unfoldedBytes > MAX_UNFOLDED_BYTES) {
          throw new MetadataProblem('too-large', 'it unfolds to too much');
        }
        // Two of one name: programs differ in which of them they show.
        if (names.has(name)) throw damaged(`two parts ${name}`);
        names.add(name);
        return !name.endsWith('/');
      },
    });
  } catch (thrown) {
    if (thrown instanceof MetadataProblem) throw thrown;
    throw damaged(`ZIP: ${String(thrown).slice(0, 100)}`);
  }
  return new Map(Object.entries(unzipped));
}

/** Parts in their order; `mimetype` of OpenDocument is stored as it is, as its readers want. */
export function writeArchive(archive: Archive): Uint8Array {
  const parts: Zippable = {};
  for (const [name, bytes] of archive) parts[name] = [bytes, { mtime: NO_DATE, level: name === 'mimetype' ? 0 : 6 }];
  return zipSync(parts, { mtime: NO_DATE });
}
