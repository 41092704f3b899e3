/** One publish job: read, seal, send, place the shares, make the link, fetch back. */
import { BroadsideError, toBroadsideError } from '../../../shared/base/errors.ts';
import { formatLink } from '../../../shared/base/links.ts';
import type { PublishJob } from '../../../shared/ipc/model.ts';
import type { JobHandle } from '../jobs/job-registry.ts';
import { within } from '../flow/waiting.ts';
import { typeOf } from '../read/publication-reader.ts';
import type { SurveyResult } from '../survey/survey.ts';
import { authorshipOf, newAuthor, SLOT_CLASS_OF } from './authorship.ts';
import type { Authorship } from './authorship.ts';
import type { CheckedRequest, PublishDeps } from './deps.ts';
import { EditionSender } from './edition.ts';
import type { PlacedEdition } from './edition.ts';
import type { PublishJournal } from './journal.ts';
import { planLayout } from './layout.ts';
import { ShareBoard } from './placing.ts';
import type { FoundContent } from './resumption.ts';

type Handle = JobHandle<PublishJob>;

/** Resolves when it is published, recorded in the library and fetched back. */
export async function runPublish(
  deps: PublishDeps,
  checked: CheckedRequest,
  password: string | undefined,
  surveyed: SurveyResult,
  handle: Handle,
  openJournal: (found: FoundContent) => Promise<PublishJournal | undefined> = async () => undefined,
): Promise<void> {
  const startedMs = deps.clock.monotonicMs();
  const { request } = checked;
  const slotClass = SLOT_CLASS_OF[request.class];
  const texts = { title: checked.title ?? surveyed.title, description: checked.description };
  const layout = planLayout(surveyed, texts, request);
  handle.update({
    title: texts.title,
    fileCount: surveyed.files.length,
    sizeBytes: surveyed.sizeBytes,
    blocksTotal: layout.fileBlocks + layout.manifestBlocks,
  });
  // Argon2id takes half a second on threads of its own; reading and sending need not wait for it.
  const authorship = within(firstEdition(deps, checked, password), handle.signal);
  authorship.then(
    ({ places }) => new ShareBoard(places, (shares) => handle.update({ shares })),
    () => undefined,
  );
  const { title } = texts;
  const journal = await openJournal({ title, blocksTotal: layout.fileBlocks + layout.manifestBlocks, surveyed });
  const sender = new EditionSender(deps, handle, request, journal);
  const files = await sender.sendFiles(surveyed.files, layout.inline);
  await sender.sendManifest({
    shape: surveyed.shape,
    edition: 1,
    title: texts.title,
    description: checked.description,
    language: checked.language,
    dateMs: request.dated === true ? (journal?.plan.dateMs ?? deps.clock.now()) : undefined,
    index: surveyed.index,
    files,
  });
  const { keys } = await authorship;
  const placed = await sender.place(slotClass, 1, await authorship);
  const keywords = request.list?.keywords;
  const said = { ...surveyed, title: texts.title };
  const listing = keywords === undefined ? undefined : deps.listings?.sign(keys, placed.link, said, keywords);
  keys.secretKey.fill(0);
  const link = formatLink(placed.link);
  await record(deps, link, texts.title, surveyed, handle);
  if (listing !== undefined) {
    handle.update({ listing: await deps.listings!.add(placed.link.documentKey, listing, keywords!) });
  }
  await fetchBack(deps, sender, placed, link, handle);
  handle.update({ stage: 'done', seconds: (deps.clock.monotonicMs() - startedMs) / 1_000 });
}

async function firstEdition(
  deps: PublishDeps,
  { request }: CheckedRequest,
  password: string | undefined,
): Promise<Authorship> {
  const author = await newAuthor(deps, password);
  const authorship = authorshipOf(deps.crypto, author, SLOT_CLASS_OF[request.class], request.n, 1);
  author.seed.fill(0);
  return authorship;
}

/** Into the library, durably, before the link is shown; should that fail, the link is shown all the same. */
async function record(
  deps: PublishDeps,
  link: string,
  title: string,
  surveyed: SurveyResult,
  handle: Handle,
): Promise<void> {
  const { k, n, class: publicationClass } = handle.job;
  try {
    await deps.library.put({
      link,
      origin: 'published',
      title,
      shape: surveyed.shape,
      type: typeOf(surveyed),
      sizeBytes: surveyed.sizeBytes,
      edition: 1,
      class: publicationClass,
      k,
      n,
      atMs: deps.clock.now(),
    });
  } catch (thrown) {
    handle.update({ link });
    const error = toBroadsideError(thrown);
    throw new BroadsideError(
      error.code,
      `It is published, but could not be noted in the library: keep its link yourself. ${error.message}`,
      { cause: thrown },
    );
  }
  handle.update({ link });
}

async function fetchBack(
  deps: PublishDeps,
  sender: EditionSender,
  placed: PlacedEdition,
  link: string,
  handle: Handle,
): Promise<void> {
  try {
    await deps.library.setHealth(link, await sender.fetchBack(placed));
  } catch (thrown) {
    // It is published: a cancel only ends the looking.
    if (!handle.signal.aborted) throw thrown;
  }
}
