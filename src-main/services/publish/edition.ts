/** One edition on its way: files sealed and sent, the manifest, the shares, and what of it can be fetched back. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { LinkClass, PublicationLink } from '../../../shared/base/links.ts';
import type { Health, Share } from '../../../shared/ipc/model.ts';
import { blockCount } from '../../core/publish/block-list.ts';
import { encodeManifest, sealManifest } from '../../core/publish/manifest.ts';
import type { Manifest, ManifestFile } from '../../core/publish/manifest.ts';
import { manifestDigest, namesDigest, shareName } from '../../core/publish/names.ts';
import { randomContentKey, splitKey } from '../../core/publish/shares.ts';
import { makeSlot } from '../../core/publish/slot.ts';
import type { SlotPlace } from '../../core/publish/slot.ts';
import { inlineCapacityBytes } from '../../core/publish/slot-payload.ts';
import type { SlotBody } from '../../core/publish/slot-payload.ts';
import { PAYLOAD_BYTES, TIE_BYTES } from '../../core/wire/record.ts';
import { RateEstimator } from '../jobs/rate.ts';
import { throwIfAborted } from '../flow/waiting.ts';
import type { SurveyedFile } from '../survey/survey.ts';
import type { Authorship } from './authorship.ts';
import { inlineFile, sendFile, sendManifest } from './content.ts';
import type { ContentDeps, ContentSink } from './content.ts';
import { fetchBackBlocks, fetchBackSlots, placeSlots, Sample, ShareBoard } from './placing.ts';
import { MANIFEST_INDEX } from './journal.ts';
import type { PublishJournal } from './journal.ts';
import { requireStamp } from './plan.ts';
import { insertError, Uploader } from './uploader.ts';
import type { InsertDeps } from './uploader.ts';

/** Blocks that are asked for again at the end: enough that one in four missing is noticed nine times of ten. */
const SAMPLED_BLOCKS = 8;
/** Part of them that is enough: a segment has at least half as many check blocks as data. */
const ENOUGH_BLOCKS = 2 / 3;

export type EditionDeps = ContentDeps & InsertDeps;

/** The part of a job that tells how an edition travels; jobs that publish and jobs that update have it. */
export interface SendingJob {
  readonly signal: AbortSignal;
  readonly job: { readonly blocksTotal: number };
  /** See JobHandle. */
  readonly paused?: (() => Promise<void> | undefined) | undefined;
  update(change: {
    stage?: 'sending' | 'shares' | 'fetching-back';
    sealedBytes?: number;
    blocksTotal?: number;
    blocksSent?: number;
    blocksRetried?: number;
    blocksResumed?: number;
    shares?: Share[];
    fetchedBack?: Share[];
    bytesPerSecond?: number | undefined;
    secondsLeft?: number | undefined;
  }): void;
}

export interface PlacedEdition {
  readonly link: PublicationLink;
  readonly places: readonly SlotPlace[];
  /** Of all its slots, and of those that will lead to it. */
  readonly tie: Uint8Array;
}

export class EditionSender {
  readonly #deps: EditionDeps;
  readonly #job: SendingJob;
  readonly #k: number;
  readonly #n: number;
  /** Fresh: it is used for one content and one edition only, the one that is sent here. */
  readonly #contentKey: Uint8Array;
  readonly #uploader: Uploader;
  readonly #sample: Sample;
  readonly #sink: ContentSink;
  readonly #journal: PublishJournal | undefined;
  /** Blocks that the network has from an earlier run. */
  #there = 0;
  /** What is being sent, as the journal numbers it, and which of its blocks is next. */
  #place = { index: MANIFEST_INDEX, block: 0 };
  #handedOver = 0;
  #sent = 0;
  #sealed:
    | { readonly manifest: Uint8Array; readonly body: Omit<Extract<SlotBody, { kind: 'inline' | 'blocks' }>, 'share'> }
    | undefined;

  /** `journal`: of this edition and no other, with what is known from earlier runs. */
  constructor(
    deps: EditionDeps,
    job: SendingJob,
    { k, n }: { readonly k: number; readonly n: number },
    journal?: PublishJournal,
  ) {
    this.#deps = deps;
    this.#job = job;
    this.#k = k;
    this.#n = n;
    this.#journal = journal;
    this.#contentKey = journal?.contentKey ?? randomContentKey(deps.random);
    this.#sample = new Sample(SAMPLED_BLOCKS, (bound) => deps.random.below(bound));
    const rate = new RateEstimator(deps.clock);
    rate.note(0);
    const onProgress: ConstructorParameters<typeof Uploader>[2] = ({ sent, retried }) => {
      rate.note(sent * PAYLOAD_BYTES);
      job.update({
        stage: 'sending',
        blocksSent: this.#there + sent,
        blocksRetried: retried,
        ...rate.estimate((job.job.blocksTotal - this.#there - sent) * PAYLOAD_BYTES),
      });
      this.#sent = sent;
    };
    this.#uploader = new Uploader(deps, job.signal, onProgress, job.paused);
    let sealedBytes = 0;
    this.#sink = {
      send: async (block, address) => {
        this.#handedOver += 1;
        if (this.#handedOver > job.job.blocksTotal) job.update({ blocksTotal: this.#handedOver });
        this.#sample.note(address);
        const { index, block: number } = this.#place;
        this.#place = { index, block: number + 1 };
        if (journal?.hasArrived(index, number) === true) return this.#skip(1);
        return this.#uploader.send(block, () => journal?.arrived(index, number));
      },
      sealed(sizeBytes) {
        sealedBytes += sizeBytes;
        job.update({ sealedBytes });
      },
    };
  }

  /** Check blocks of a segment at least: a file of one block then survives whatever the shares survive. */
  get #least(): number {
    return this.#n - this.#k;
  }

  /**
   * Files as the manifest will list them, until their last block has arrived. Those that are in `kept`, by path, are there
   * already and cost no block.
   */
  sendFiles(
    files: readonly SurveyedFile[],
    inline: ReadonlySet<string>,
    kept: ReadonlyMap<string, ManifestFile> = new Map(),
  ): Promise<ManifestFile[]> {
    return this.#settled(async () => {
      const listed: ManifestFile[] = [];
      for (const file of files) {
        throwIfAborted(this.#job.signal);
        const before = kept.get(file.path);
        if (before !== undefined) {
          listed.push(before);
          if (before.content.kind === 'blocks') for (const root of before.content.list.roots) this.#sample.note(root);
          this.#sink.sealed(file.sizeBytes);
        } else if (inline.has(file.path)) {
          listed.push(await inlineFile(this.#deps, file));
          this.#sink.sealed(file.sizeBytes);
        } else {
          listed.push(await this.#sendFile(file));
        }
      }
      await this.#uploader.drain();
      return listed;
    });
  }

  async #sendFile(file: SurveyedFile): Promise<ManifestFile> {
    const { path, type, sizeBytes } = file;
    const journal = this.#journal;
    this.#place = { index: journal?.indexOf(path) ?? MANIFEST_INDEX, block: 0 };
    const whole = journal?.wholeFile(path, type, this.#least);
    if (whole?.content.kind === 'blocks') {
      const blocks = blockCount(sizeBytes, this.#least);
      this.#handedOver += blocks;
      for (const root of whole.content.list.roots) this.#sample.note(root);
      this.#sink.sealed(sizeBytes);
      this.#skip(blocks);
      return whole;
    }
    const ownKey = journal?.ownKeyOf(path);
    const key = this.#contentKey;
    // What an earlier run sealed under this key, and sent, must be what is sealed now.
    const stamp = journal?.stampOf(path);
    const check = stamp === undefined ? undefined : () => requireStamp(file, stamp);
    const sent = await sendFile(this.#deps, key, ownKey, file, this.#least, this.#sink, this.#job.signal, check);
    journal?.sealed(sent);
    return sent;
  }

  /** Blocks that need not be sent. */
  #skip(blocks: number): void {
    this.#there += blocks;
    this.#job.update({ stage: 'sending', blocksSent: this.#there + this.#sent, blocksResumed: this.#there });
  }

  /** Seals the manifest and, where it does not fit in the slots, sends it. */
  sendManifest(manifest: Manifest): Promise<void> {
    return this.#settled(async () => {
      const bytes = encodeManifest(manifest);
      const sealedManifest = sealManifest(this.#deps.crypto, this.#contentKey, bytes);
      this.#place = { index: MANIFEST_INDEX, block: 0 };
      if ((await this.#journal?.manifest(manifestDigest(this.#deps.crypto, bytes))) === false) {
        throw new BroadsideError(
          'usage',
          'What was begun to be published describes itself otherwise now, so it cannot be gone on with. Begin anew.',
        );
      }
      const fits = sealedManifest.length <= inlineCapacityBytes(this.#n);
      const body = fits
        ? ({ kind: 'inline', sealedManifest } as const)
        : ({
            kind: 'blocks',
            list: await sendManifest(this.#deps, this.#contentKey, sealedManifest, this.#least, this.#sink),
          } as const);
      // Now it is known exactly; the plan never counts too few.
      this.#job.update({ blocksTotal: this.#handedOver });
      await this.#uploader.drain();
      this.#sealed = { manifest: bytes, body };
    });
  }

  /** Splits the key, makes the slots and places them. Throws when fewer than k could be. */
  async place(slotClass: LinkClass, edition: number, authorship: Authorship): Promise<PlacedEdition> {
    await this.#uploader.unpaused();
    const { crypto, random } = this.#deps;
    const { keys, readSecret, kdf, places } = authorship;
    const { manifest, body } = this.#sealed!;
    const [k, n] = [this.#k, this.#n];
    this.#job.update({ stage: 'shares', bytesPerSecond: undefined, secondsLeft: undefined });
    const shares = splitKey(crypto, random, this.#contentKey, k, n);
    this.#contentKey.fill(0);
    const digest = manifestDigest(crypto, manifest);
    const names = shares.map((share) => shareName(crypto, digest, share));
    const link: PublicationLink = {
      class: slotClass,
      k,
      n,
      documentKey: keys.publicKey,
      readSecret,
      namesDigest: namesDigest(crypto, names),
      path: '',
    };
    const tie = random.bytes(TIE_BYTES);
    const slots = places.map((place, position) => ({
      place,
      record: makeSlot(
        crypto,
        random,
        keys.secretKey,
        place,
        { counter: 1, tie },
        {
          ...{ k, n, index: place.index, edition, kdf, names },
          body: { ...body, share: shares[position]! } as SlotBody,
        },
      ),
    }));
    const board = new ShareBoard(places, (states) => this.#job.update({ shares: states }));
    const failures = await placeSlots(this.#deps, slots, board, this.#job.signal);
    const placed = board.count('found');
    if (placed < k) {
      const cause = insertError(this.#deps, failures[0] ?? 'no-route', `${n - placed} of ${n} shares`);
      throw new BroadsideError(
        cause.code,
        `${cause.message} ${placed} were placed and ${k} are needed, so nobody could read it.`,
      );
    }
    return { link, places, tie };
  }

  /** As a reader would, past this node's own store. What is missing is said, not an error. Rejects only by the signal. */
  async fetchBack({ link, places }: PlacedEdition): Promise<Health> {
    const { signal } = this.#job;
    const board = new ShareBoard(places, (fetchedBack) => this.#job.update({ stage: 'fetching-back', fetchedBack }));
    const [blocksFound] = await Promise.all([
      fetchBackBlocks(this.#deps, this.#sample.items, signal),
      fetchBackSlots(this.#deps, link, places, board, signal),
    ]);
    return {
      shares: [...board.shares],
      checkedMs: this.#deps.clock.now(),
      retrievable: board.count('found') >= link.k && blocksFound >= ENOUGH_BLOCKS * this.#sample.items.length,
    };
  }

  /** What is on its way is waited for, so that nothing of the job goes on once it has ended. */
  async #settled<Value>(send: () => Promise<Value>): Promise<Value> {
    try {
      return await send();
    } catch (thrown) {
      await this.#uploader.settled();
      throw thrown;
    }
  }
}
