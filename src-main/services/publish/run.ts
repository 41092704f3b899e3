/** One publish job: read, seal, send, place the shares, make the link, fetch back. */
import { BroadsideError, toBroadsideError } from '../../../shared/base/errors.ts';
import { formatLink } from '../../../shared/base/links.ts';
import type { PublicationLink } from '../../../shared/base/links.ts';
import type { Health, PublishJob } from '../../../shared/ipc/model.ts';
import { encodeManifest, sealManifest } from '../../core/publish/manifest.ts';
import type { ManifestFile } from '../../core/publish/manifest.ts';
import { manifestDigest, namesDigest, shareName } from '../../core/publish/names.ts';
import { randomContentKey, splitKey } from '../../core/publish/shares.ts';
import { makeSlot } from '../../core/publish/slot.ts';
import { inlineCapacityBytes } from '../../core/publish/slot-payload.ts';
import type { SlotBody } from '../../core/publish/slot-payload.ts';
import { PAYLOAD_BYTES, TIE_BYTES } from '../../core/wire/record.ts';
import type { JobHandle } from '../jobs/job-registry.ts';
import { RateEstimator } from '../jobs/rate.ts';
import { throwIfAborted, within } from '../flow/waiting.ts';
import type { SurveyResult } from '../survey/survey.ts';
import { newAuthorship, SLOT_CLASS_OF } from './authorship.ts';
import type { Authorship } from './authorship.ts';
import { inlineFile, sendFile, sendManifest } from './content.ts';
import type { ContentSink } from './content.ts';
import { planLayout } from './layout.ts';
import type { Layout } from './layout.ts';
import { fetchBackBlocks, fetchBackSlots, placeSlots, Sample, ShareBoard } from './placing.ts';
import type { CheckedRequest, PublishDeps } from './deps.ts';
import { insertError, Uploader } from './uploader.ts';

/** Blocks that are asked for again at the end: enough that one in four missing is noticed nine times of ten. */
const SAMPLED_BLOCKS = 8;

/** Part of them that is enough: a segment has at least half as many check blocks as data. */
const ENOUGH_BLOCKS = 2 / 3;

type Handle = JobHandle<PublishJob>;

interface SentContent {
  readonly contentKey: Uint8Array;
  readonly manifest: Uint8Array;
  /** The share of each slot is added. */
  readonly body: { kind: 'inline'; sealedManifest: Uint8Array } | Omit<Extract<SlotBody, { kind: 'blocks' }>, 'share'>;
  readonly sample: Sample;
}

/** Resolves when it is published, recorded in the library and fetched back. */
export async function runPublish(
  deps: PublishDeps,
  checked: CheckedRequest,
  password: string | undefined,
  surveyed: SurveyResult,
  handle: Handle,
): Promise<void> {
  const startedMs = deps.clock.monotonicMs();
  const { request } = checked;
  const texts = { title: checked.title ?? surveyed.title, description: checked.description };
  const layout = planLayout(surveyed, texts, request);
  handle.update({
    title: texts.title,
    fileCount: surveyed.files.length,
    sizeBytes: surveyed.sizeBytes,
    blocksTotal: layout.fileBlocks + layout.manifestBlocks,
  });
  // Argon2id takes half a second on threads of its own; reading and sending need not wait for it.
  const authorship = within(newAuthorship(deps, request.class, request.n, password), handle.signal);
  authorship.then(
    ({ places }) => new ShareBoard(places, (shares) => handle.update({ shares })),
    () => undefined,
  );
  const content = await sendContent(deps, checked, texts.title, surveyed, layout, handle);
  const { link, places } = await placeShares(deps, checked, await authorship, content, handle);
  const text = formatLink(link);
  await record(deps, text, texts.title, surveyed, handle);
  await fetchBack(deps, link, text, places, content.sample, handle);
  handle.update({ stage: 'done', seconds: (deps.clock.monotonicMs() - startedMs) / 1_000 });
}

/** Files and manifest, until the last block has arrived. */
async function sendContent(
  deps: PublishDeps,
  checked: CheckedRequest,
  title: string,
  surveyed: SurveyResult,
  layout: Layout,
  handle: Handle,
): Promise<SentContent> {
  const { crypto, random, clock } = deps;
  const rate = new RateEstimator(clock);
  rate.note(0);
  const uploader = new Uploader(deps, handle.signal, ({ sent, retried }) => {
    const total = handle.job.blocksTotal;
    rate.note(sent * PAYLOAD_BYTES);
    handle.update({
      stage: 'sending',
      blocksSent: sent,
      blocksRetried: retried,
      ...rate.estimate((total - sent) * PAYLOAD_BYTES),
    });
  });
  const sample = new Sample(SAMPLED_BLOCKS, (bound) => random.below(bound));
  let sealedBytes = 0;
  let handedOver = 0;
  const sink: ContentSink = {
    async send(block, address) {
      handedOver += 1;
      if (handedOver > handle.job.blocksTotal) handle.update({ blocksTotal: handedOver });
      sample.note(address);
      await uploader.send(block);
    },
    sealed(sizeBytes) {
      sealedBytes += sizeBytes;
      handle.update({ sealedBytes });
    },
  };
  const contentKey = randomContentKey(random);
  // A file of one block then survives whatever the shares survive.
  const least = checked.request.n - checked.request.k;
  try {
    const files: ManifestFile[] = [];
    for (const file of surveyed.files) {
      throwIfAborted(handle.signal);
      if (layout.inline.has(file.path)) {
        files.push(await inlineFile(deps, file));
        sink.sealed(file.sizeBytes);
      } else {
        files.push(await sendFile(deps, contentKey, file, least, sink, handle.signal));
      }
    }
    const manifest = encodeManifest({
      shape: surveyed.shape,
      edition: 1,
      title,
      description: checked.description,
      language: checked.language,
      dateMs: checked.request.dated === true ? clock.now() : undefined,
      index: surveyed.index,
      files,
    });
    const sealedManifest = sealManifest(crypto, contentKey, manifest);
    const fits = sealedManifest.length <= inlineCapacityBytes(checked.request.n);
    const body = fits
      ? ({ kind: 'inline', sealedManifest } as const)
      : ({ kind: 'blocks', list: await sendManifest(deps, contentKey, sealedManifest, least, sink) } as const);
    // Now it is known exactly; the plan never counts too few.
    handle.update({ blocksTotal: handedOver });
    await uploader.drain();
    return { contentKey, manifest, body, sample };
  } catch (thrown) {
    // What is on its way is waited for, so that nothing of the job goes on once it has ended.
    await uploader.settled();
    throw thrown;
  }
}

/** Splits the key, makes the slots and places them. Throws when fewer than k could be. */
async function placeShares(
  deps: PublishDeps,
  { request }: CheckedRequest,
  { keys, readSecret, kdf, places }: Authorship,
  { contentKey, manifest, body }: SentContent,
  handle: Handle,
) {
  const { crypto, random } = deps;
  const { k, n } = request;
  handle.update({ stage: 'shares', bytesPerSecond: undefined, secondsLeft: undefined });
  const shares = splitKey(crypto, random, contentKey, k, n);
  contentKey.fill(0);
  const digest = manifestDigest(crypto, manifest);
  const names = shares.map((share) => shareName(crypto, digest, share));
  const link: PublicationLink = {
    class: SLOT_CLASS_OF[request.class],
    k,
    n,
    documentKey: keys.publicKey,
    readSecret,
    namesDigest: namesDigest(crypto, names),
    path: '',
  };
  const version = { counter: 1, tie: random.bytes(TIE_BYTES) };
  const slots = places.map((place, position) => ({
    place,
    record: makeSlot(crypto, random, keys.secretKey, place, version, {
      k,
      n,
      index: place.index,
      edition: 1,
      kdf,
      names,
      body: { ...body, share: shares[position]! },
    }),
  }));
  keys.secretKey.fill(0);
  const board = new ShareBoard(places, (states) => handle.update({ shares: states }));
  const failures = await placeSlots(deps, slots, board, handle.signal);
  const placed = board.count('found');
  if (placed < k) {
    const cause = insertError(deps, failures[0] ?? 'no-route', `${n - placed} of ${n} shares`);
    throw new BroadsideError(
      cause.code,
      `${cause.message} ${placed} were placed and ${k} are needed, so nobody could read it.`,
    );
  }
  return { link, places };
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
  const { shape, index, files, sizeBytes } = surveyed;
  const main = shape === 'file' ? files[0] : files.find((file) => file.path === index);
  try {
    await deps.library.put({
      link,
      origin: 'published',
      title,
      shape,
      type: main?.type ?? 'inode/directory',
      sizeBytes,
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

/** As a reader would, past this node's own store. What is missing is said, not an error; a cancel ends it early. */
async function fetchBack(
  deps: PublishDeps,
  link: PublicationLink,
  text: string,
  places: Authorship['places'],
  sample: Sample,
  handle: Handle,
): Promise<void> {
  const board = new ShareBoard(places, (fetchedBack) => handle.update({ stage: 'fetching-back', fetchedBack }));
  try {
    const [blocksFound] = await Promise.all([
      fetchBackBlocks(deps, sample.items, handle.signal),
      fetchBackSlots(deps, link, places, board, handle.signal),
    ]);
    const health: Health = {
      shares: [...board.shares],
      checkedMs: deps.clock.now(),
      retrievable: board.count('found') >= link.k && blocksFound >= ENOUGH_BLOCKS * sample.items.length,
    };
    await deps.library.setHealth(text, health);
  } catch (thrown) {
    // It is published: a cancel only ends the looking.
    if (!handle.signal.aborted) throw thrown;
  }
}
