/** One delete job: every slot of every edition says that its publisher deleted it. */
import type { PublicationLink } from '../../../shared/base/links.ts';
import type { DeleteJob } from '../../../shared/ipc/model.ts';
import { deletedCounter } from '../../core/publish/slot.ts';
import { TIE_BYTES } from '../../core/wire/record.ts';
import type { JobHandle } from '../jobs/job-registry.ts';
import { ShareBoard } from '../publish/placing.ts';
import type { ReviseDeps } from './deps.ts';
import { Finder } from './find.ts';
import { recordDeletion } from './library.ts';
import { editionsBefore, Replacer } from './replace.ts';
import type { OldEdition } from './replace.ts';

/**
 * The newest edition first: its slots are where all links lead. Best effort, as the words of every interface say: nodes that
 * are away keep what they have, and who has a copy has a copy.
 */
export async function runDelete(
  deps: ReviseDeps,
  password: string,
  link: PublicationLink,
  handle: JobHandle<DeleteJob>,
): Promise<void> {
  const startedMs = deps.clock.monotonicMs();
  const found = await new Finder(deps, [password], handle.signal).find(link);
  const title = found.content?.manifest.title;
  handle.update({ stage: 'replacing', ...(title === undefined ? {} : { title }) });
  const newest: OldEdition = { ...found.place, author: found.author, certain: true };
  const board = new ShareBoard(found.look.places, (shares) => handle.update({ shares }));
  const replacer = new Replacer(
    deps,
    found.link,
    { kind: 'deleted' },
    { counter: deletedCounter(found.link.class), tie: deps.random.bytes(TIE_BYTES) },
    handle.signal,
    ({ wanted, replaced }) => handle.update({ slotsWanted: wanted, slotsReplaced: replaced }),
    (edition, { index }, placed) => {
      if (edition === newest) board.set(index, placed === undefined ? 'moving' : placed ? 'found' : 'missing');
    },
  );
  await replacer.run([newest, ...editionsBefore(found)]);
  await recordDeletion(deps, found);
  // Under each of its document keys: a change of the password made another.
  for (const { keys } of [found.author, ...found.predecessors.map(({ author }) => author)])
    await deps.listings?.remove(keys);
  handle.update({ stage: 'done', seconds: (deps.clock.monotonicMs() - startedMs) / 1_000 });
}
