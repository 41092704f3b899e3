/** A source as it is published when somebody wants it stripped: its survey has stripped copies in the place of the files. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { HeldSource } from '../publish/source.ts';
import type { Staging } from '../staging/staging.ts';
import type { MetadataCare } from './metadata.ts';

interface StripRequest {
  readonly strip?: true | readonly string[] | undefined;
  readonly acceptRemaining?: boolean | undefined;
}

/** `held` itself where nothing is to be stripped. Throws `usage` where nothing here can strip. */
export function strippedSource(
  held: HeldSource,
  { strip, acceptRemaining = false }: StripRequest,
  care: MetadataCare | undefined,
  staging: Staging | undefined,
): HeldSource {
  if (strip === undefined || (strip !== true && strip.length === 0)) return held;
  if (care === undefined || staging === undefined) {
    void held.release(false);
    throw new BroadsideError('usage', 'This node cannot remove metadata. Leave that out, or clean the files before.');
  }
  const copies: string[] = [];
  return {
    name: held.name,
    async survey(signal) {
      const surveyed = await held.survey(signal);
      const directory = await staging.scratch();
      copies.push(directory);
      return care.stripped(surveyed, { strip, acceptRemaining }, directory, signal);
    },
    async release(spent) {
      for (const directory of copies.splice(0)) await staging.removeScratch(directory);
      await held.release(spent);
    },
  };
}
