/** One update job: a new edition, or the same content under another password; then all earlier editions lead to it. */
import { formatLink } from '../../../shared/base/links.ts';
import type { PublicationLink } from '../../../shared/base/links.ts';
import type { UpdateRequest } from '../../../shared/ipc/contract.ts';
import type { UpdateJob } from '../../../shared/ipc/model.ts';
import { compareBytes, toHex } from '../../../shared/base/bytes.ts';
import type { Manifest } from '../../core/publish/manifest.ts';
import { encode } from '../../core/wire/codec.ts';
import { writeHistory } from '../../core/publish/history.ts';
import type { History } from '../../core/publish/history.ts';
import { movedCounter } from '../../core/publish/slot.ts';
import { rankOf, TIE_BYTES } from '../../core/wire/record.ts';
import type { JobHandle } from '../jobs/job-registry.ts';
import { authorshipOf, newAuthor } from '../publish/authorship.ts';
import type { Author } from '../publish/authorship.ts';
import { EditionSender } from '../publish/edition.ts';
import type { PlacedEdition } from '../publish/edition.ts';
import type { PublishJournal } from '../publish/journal.ts';
import { planLayout } from '../publish/layout.ts';
import type { FoundContent } from '../publish/resumption.ts';
import type { HeldSource } from '../publish/source.ts';
import type { GivenTexts } from '../publish/texts.ts';
import { typeOf } from '../read/publication-reader.ts';
import type { SurveyResult } from '../survey/survey.ts';
import { blocksOfFiles, compareFiles, keepAll } from './compare.ts';
import type { Comparison } from './compare.ts';
import type { ReviseDeps } from './deps.ts';
import { deletedMeanwhile, Finder, overtaken } from './find.ts';
import type { EditionPlace, Found } from './find.ts';
import { historyAfter, historyOfSuccessor } from './history.ts';
import { recordEdition } from './library.ts';
import { lookAtSlots } from './look.ts';
import { editionsBefore, Replacer } from './replace.ts';
import type { OldEdition } from './replace.ts';

type Handle = JobHandle<UpdateJob>;
type OpenJournal = (found: FoundContent) => Promise<PublishJournal | undefined>;

/** The edition that all others shall lead to. */
interface Target {
  readonly link: PublicationLink;
  readonly place: EditionPlace;
  readonly tie: Uint8Array;
}

/** Resolves when the new edition is placed, all that could be led to it is, and the library knows. */
export async function runUpdate(
  deps: ReviseDeps,
  request: UpdateRequest,
  texts: GivenTexts,
  link: PublicationLink,
  source: HeldSource,
  handle: Handle,
  openJournal: OpenJournal,
): Promise<void> {
  const startedMs = deps.clock.monotonicMs();
  const [found, surveyed] = await Promise.all([
    find(deps, [request.password], link, handle),
    source.survey(handle.signal),
  ]);
  const manifest = {
    title: texts.title ?? found.content?.manifest.title ?? surveyed.title,
    description: texts.description ?? found.content?.manifest.description ?? '',
    language: texts.language ?? found.content?.manifest.language ?? '',
  };
  handle.update({
    stage: 'comparing',
    title: manifest.title,
    fileCount: surveyed.files.length,
    sizeBytes: surveyed.sizeBytes,
  });
  const compared = await compare(deps, surveyed, found, handle);
  if (compared.isSame && request.dated !== true && isSaid(found, manifest)) {
    await finish(deps, found, handle);
    if (request.list === null) await takeOutOfSearch(deps, found, handle);
    else await listAnew(deps, found.author, found.link, found.content!.manifest, request.list?.keywords, handle);
  } else {
    await sendEdition(deps, found, surveyed, manifest, request, compared, handle, openJournal);
  }
  handle.update({ stage: 'done', seconds: (deps.clock.monotonicMs() - startedMs) / 1_000 });
}

/** As an update that changes nothing but the document key. `newPassword` may have been set already by a run that was interrupted. */
export async function runPasswordChange(
  deps: ReviseDeps,
  { password, newPassword }: { readonly password: string; readonly newPassword: string },
  link: PublicationLink,
  handle: Handle,
): Promise<void> {
  const startedMs = deps.clock.monotonicMs();
  const found = await find(deps, [password, newPassword], link, handle);
  if (found.password === newPassword) {
    await finish(deps, found, handle);
  } else {
    if (found.content === undefined) throw found.unreadable!;
    const { manifest } = found.content;
    const author = await newAuthor(deps, newPassword);
    const files = keepAll(deps.crypto, found.content);
    handle.update({
      title: manifest.title,
      fileCount: files.length,
      sizeBytes: sizeOf(manifest),
      filesKept: files.length,
      blocksKept: blocksOfFiles(files),
    });
    const sender = new EditionSender(deps, handle, found.link);
    const place = { edition: found.place.edition + 1, attempt: 0 };
    const history = historyOfSuccessor(deps.crypto, found, author);
    const next: Manifest = { ...manifest, edition: place.edition, files, history };
    await sender.sendManifest(next);
    await placeEdition(deps, sender, found, found, author, place, next, handle);
  }
  handle.update({ stage: 'done', seconds: (deps.clock.monotonicMs() - startedMs) / 1_000 });
}

/** Throws where nothing can follow, or the newest edition cannot be read only now. */
export async function find(
  deps: ReviseDeps,
  passwords: readonly string[],
  link: PublicationLink,
  handle: Handle,
): Promise<Found> {
  const found = await new Finder(deps, passwords, handle.signal).find(link);
  if (found.deleted) throw deletedMeanwhile();
  const unasked = found.unreadable?.code;
  // The next edition must tell of those before it: what cannot be read only now is waited for.
  if (unasked === 'no-route' || unasked === 'offline' || unasked === 'busy') throw found.unreadable!;
  return found;
}

async function compare(
  deps: ReviseDeps,
  surveyed: SurveyResult,
  { content }: Found,
  handle: Handle,
): Promise<Comparison> {
  if (content === undefined) return { kept: new Map(), filesKept: 0, blocksKept: 0, isSame: false };
  const compared = await compareFiles(
    { crypto: deps.crypto, hasher: deps.sealing },
    surveyed,
    content,
    handle.signal,
    () => undefined,
  );
  handle.update({ filesKept: compared.filesKept, blocksKept: compared.blocksKept });
  return compared;
}

/** Whether the newest edition says of itself what the next one would. */
function isSaid({ content }: Found, said: Pick<Manifest, 'title' | 'description' | 'language'>): boolean {
  const manifest = content?.manifest;
  return (
    manifest?.title === said.title && manifest.description === said.description && manifest.language === said.language
  );
}

/** The newest edition is as it shall be: what an update before this one left undone is done. */
async function finish(deps: ReviseDeps, found: Found, handle: Handle): Promise<void> {
  const { link, place, look } = found;
  const { manifest } = found.content!;
  const tie = [...look.slots.values()].find(({ payload }) => payload.body.kind !== 'moved')?.version.tie;
  handle.update({
    edition: place.edition,
    newLink: formatLink(link),
    fileCount: manifest.files.length,
    sizeBytes: sizeOf(manifest),
    filesKept: manifest.files.length,
    blocksKept: blocksOfFiles(manifest.files),
  });
  const target: Target = { link, place, tie: tie ?? deps.random.bytes(TIE_BYTES) };
  const replaced = await leadTo(deps, found, editionsBefore(found), target, handle);
  handle.update({ outcome: replaced ? 'resumed' : 'unchanged' });
  await recordEdition(deps, found, link, place.edition, {
    ...manifest,
    type: typeOf(manifest),
    sizeBytes: sizeOf(manifest),
  });
}

async function sendEdition(
  deps: ReviseDeps,
  found: Found,
  surveyed: SurveyResult,
  said: Pick<Manifest, 'title' | 'description' | 'language'>,
  { dated = false, list }: UpdateRequest,
  compared: Comparison,
  handle: Handle,
  openJournal: OpenJournal,
): Promise<void> {
  const { k, n } = found.link;
  const history = historyAfter(found);
  const layout = planLayout(
    surveyed,
    { ...said, historyBytes: historyBytes(history) },
    { k, n },
    new Set(compared.kept.keys()),
  );
  const blocksTotal = layout.fileBlocks + layout.manifestBlocks;
  handle.update({ blocksTotal });
  const described = { shape: surveyed.shape, index: surveyed.index, ...said, history };
  const { title } = said;
  const base = baseOf(deps, found, described, compared.kept, surveyed);
  const journal = await openJournal({ title, blocksTotal, surveyed, base });
  const dateMs = dated ? (journal?.plan.dateMs ?? deps.clock.now()) : undefined;
  const sender = new EditionSender(deps, handle, { k, n }, journal);
  const files = await sender.sendFiles(surveyed.files, layout.inline, compared.kept);
  // While files were hashed and sent another machine may have published: what was sent then waits for nobody.
  const ahead = await new Finder(deps, [], handle.signal).again(found);
  const manifest: Manifest = { ...described, edition: ahead.next.edition, dateMs, files };
  await sender.sendManifest(manifest);
  const wanted = list === null ? null : list?.keywords;
  await placeEdition(deps, sender, found, ahead, found.author, ahead.next, manifest, handle, wanted);
}

/**
 * All that the manifest will have in it but for the files that are to be sent, which their stamps tell: what was begun under a
 * K can be gone on with under it only while this is the same.
 */
function baseOf(
  deps: ReviseDeps,
  { next }: Found,
  described: Omit<Manifest, 'edition' | 'dateMs' | 'files'>,
  kept: Comparison['kept'],
  { files }: SurveyResult,
): string {
  const parts = [next.edition, described, files.map(({ path, type }) => [path, type, kept.get(path)])];
  const text = JSON.stringify(parts, (_, value: unknown) => (value instanceof Uint8Array ? toHex(value) : value));
  return toHex(deps.crypto.hash('update base', new TextEncoder().encode(text)));
}

/** The shares, and then everything that leads to them. */
async function placeEdition(
  deps: ReviseDeps,
  sender: EditionSender,
  found: Found,
  { strays }: Pick<Found, 'strays'>,
  author: Author,
  place: EditionPlace,
  manifest: Manifest,
  handle: Handle,
  /** Null: out of search with it. */
  wanted?: readonly string[] | null,
): Promise<void> {
  const { class: slotClass, n } = found.link;
  const authorship = authorshipOf(deps.crypto, author, slotClass, n, place.edition, place.attempt);
  const placed = await sender.place(slotClass, place.edition, authorship);
  const health = await sender.fetchBack(placed);
  if (health.shares.some((share) => share.state === 'bad')) await requireOwn(deps, placed, handle);
  const newLink = formatLink(placed.link);
  handle.update({ edition: place.edition, newLink, outcome: 'published' });
  const listed = { ...manifest, type: typeOf(manifest), sizeBytes: sizeOf(manifest) };
  await recordEdition(deps, found, placed.link, place.edition, listed);
  await deps.library.setHealth(newLink, health);
  const keywords =
    wanted === undefined ? deps.listings?.keywordsOf(found.author.keys.publicKey) : (wanted ?? undefined);
  await listAnew(deps, author, placed.link, manifest, keywords, handle);
  if (wanted === null) await takeOutOfSearch(deps, found, handle);
  // A changed password is another document key: what was listed under the old one would stand beside it.
  if (keywords !== undefined && author !== found.author) await deps.listings?.remove(found.author.keys);
  // The newest of the old ones belongs to the others now.
  const previous: OldEdition = { ...found.place, author: found.author, certain: true };
  const old = editionsBefore({ ...found, strays });
  await leadTo(deps, found, [previous, ...old], { ...placed, place }, handle);
}

/** Only who has the password can say in search what is so now: nothing that hubs say of it is signed again. */
export async function listAnew(
  { listings }: ReviseDeps,
  { keys }: Author,
  link: PublicationLink,
  manifest: Manifest,
  keywords: readonly string[] | undefined,
  handle: Handle,
): Promise<void> {
  if (listings === undefined || keywords === undefined) return;
  const record = listings.sign(keys, link, manifest, keywords);
  handle.update({ listing: await listings.add(keys.publicKey, record, keywords) });
}

/** Under each document key that it had: who listed it, and under which of them, is not known here. */
export async function takeOutOfSearch(
  { listings }: ReviseDeps,
  found: Pick<Found, 'author' | 'predecessors'>,
  handle: Handle,
): Promise<void> {
  for (const { keys } of [found.author, ...found.predecessors.map(({ author }) => author)]) {
    const unlisting = await listings?.remove(keys);
    if (unlisting !== undefined) handle.update({ unlisting });
  }
}

/** Another machine that publishes the same edition at the same time has the same places; the higher tie stays in them. */
async function requireOwn(deps: ReviseDeps, { link, tie }: PlacedEdition, handle: Handle): Promise<void> {
  const source = { ...link, namesDigest: undefined };
  const { newest } = await lookAtSlots(deps, source, { enough: link.k, signal: handle.signal, skipOwn: true });
  if (newest !== undefined && compareBytes(rankOf(newest.version), rankOf({ counter: 1, tie })) > 0) throw overtaken();
}

/** True when there was something to do. Throws `busy` when another edition or `deleted` when a deletion counts. */
async function leadTo(
  deps: ReviseDeps,
  found: Found,
  old: readonly OldEdition[],
  { link, place, tie }: Target,
  handle: Handle,
): Promise<boolean> {
  handle.update({ stage: 'replacing' });
  const version = { counter: movedCounter(place.edition, place.attempt), tie };
  const replacer = new Replacer(deps, link, { kind: 'moved', link }, version, handle.signal, ({ wanted, replaced }) =>
    handle.update({ slotsWanted: wanted, slotsReplaced: replaced }),
  );
  const { replaced, already } = await replacer.run(old);
  if (replaced === already) return false;
  // Of two that write at once, each finds here whether it is the one that counts.
  const last = old.find(({ certain }) => certain);
  if (last !== undefined) {
    const { keys, readSecret } = authorshipOf(deps.crypto, last.author, link.class, link.n, last.edition, last.attempt);
    const source = { ...link, documentKey: keys.publicKey, readSecret, namesDigest: undefined };
    const { newest } = await lookAtSlots(deps, source, { enough: 1, signal: handle.signal, skipOwn: true });
    if (newest !== undefined && compareBytes(rankOf(newest.version), rankOf(version)) > 0)
      throw newest.payload.body.kind === 'deleted' ? deletedMeanwhile() : overtaken();
  }
  return true;
}

function sizeOf(manifest: Manifest): number {
  return manifest.files.reduce((sum, file) => sum + file.sizeBytes, 0);
}

function historyBytes(history: History | undefined): number {
  return history === undefined ? 0 : encode((writer) => writeHistory(writer, history)).length;
}
