/** The content of a publication on its way: files read, sealed and handed to the network, and the manifest that lists them. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { Crypto, LinearCombiner } from '../../core/ports.ts';
import { BlockListBuilder } from '../../core/publish/block-list.ts';
import type { BlockList } from '../../core/publish/block-list.ts';
import { plaintextDigest } from '../../core/publish/manifest.ts';
import type { ManifestFile } from '../../core/publish/manifest.ts';
import { fileKey, manifestBlocksKey } from '../../core/publish/piece.ts';
import { sealBytes } from '../../core/publish/seal-bytes.ts';
import type { SealedBlock } from '../../core/publish/seal-bytes.ts';
import { encodeRecord, KIND_CONTENT } from '../../core/wire/record.ts';
import { openRegular, readError } from '../survey/regular-file.ts';
import type { SurveyedFile } from '../survey/survey.ts';

/** Seals files off this thread (workers/sealing). */
export interface FileSealer {
  /**
   * Hands over a file's content records in the order of their addresses (core/publish/segments.ts), the next batch when
   * `onBatch` resolved; resolves with its digest.
   */
  seal(
    file: {
      readonly absolutePath: string;
      readonly sizeBytes: number;
      readonly path: string;
      readonly key: Uint8Array;
      readonly least: number;
    },
    onBatch: (batch: {
      readonly records: readonly Uint8Array[];
      readonly addresses: readonly Uint8Array[];
      readonly plaintextBytes: number;
    }) => Promise<void>,
    signal?: AbortSignal,
  ): Promise<Uint8Array>;
}

export interface ContentSink {
  /** Resolves when the record may be forgotten by the caller. */
  send(record: Uint8Array, address: Uint8Array): Promise<void>;
  /** Bytes of files that were read and sealed. */
  sealed(sizeBytes: number): void;
}

export interface ContentDeps {
  readonly crypto: Crypto;
  readonly combiner: LinearCombiner;
  readonly sealing: FileSealer;
}

/** A file that stands in the manifest. Throws `usage` when it is not what was surveyed. */
export async function inlineFile(deps: ContentDeps, file: SurveyedFile): Promise<ManifestFile> {
  const bytes = await readWhole(file);
  const digest = plaintextDigest(deps.crypto, bytes);
  return { path: file.path, type: file.type, sizeBytes: file.sizeBytes, digest, content: { kind: 'inline', bytes } };
}

/**
 * A file that goes as blocks, under a key that follows from K or its own. Holds some batches of it at once, whatever its
 * size. `least`: see core/publish/segments.ts. `beforeBatch` is called when some of it was read, before that is sent.
 */
export async function sendFile(
  deps: ContentDeps,
  contentKey: Uint8Array,
  ownKey: Uint8Array | undefined,
  file: SurveyedFile,
  least: number,
  sink: ContentSink,
  signal: AbortSignal,
  beforeBatch: () => Promise<void> = async () => undefined,
): Promise<ManifestFile> {
  const { path, type, sizeBytes, absolutePath } = file;
  const key = ownKey ?? fileKey(deps.crypto, contentKey, path);
  const builder = new BlockListBuilder(deps.crypto, deps.combiner, key, sizeBytes, least);
  const digest = await deps.sealing.seal(
    { absolutePath, sizeBytes, path, key, least },
    async ({ records, addresses, plaintextBytes }) => {
      await beforeBatch();
      for (const [index, record] of records.entries()) {
        await sink.send(record, addresses[index]!);
        for (const block of builder.push(addresses[index]!)) await sendBlock(block, sink);
      }
      sink.sealed(plaintextBytes);
    },
    signal,
  );
  return { path, type, sizeBytes, digest, content: { kind: 'blocks', list: builder.finish(), key: ownKey } };
}

/** A sealed manifest that does not fit in the slots; 64 MiB at most, sealed here in steps that each send a block. */
export async function sendManifest(
  deps: Pick<ContentDeps, 'crypto' | 'combiner'>,
  contentKey: Uint8Array,
  sealedManifest: Uint8Array,
  least: number,
  sink: ContentSink,
): Promise<BlockList> {
  const { crypto, combiner } = deps;
  const blocks = sealBytes(crypto, combiner, manifestBlocksKey(crypto, contentKey), sealedManifest, least);
  for (;;) {
    const next = blocks.next();
    if (next.done) return next.value;
    await sendBlock(next.value, sink);
  }
}

function sendBlock({ payload, address }: SealedBlock, sink: ContentSink): Promise<void> {
  return sink.send(encodeRecord({ kind: KIND_CONTENT, payload }), address);
}

async function readWhole(file: SurveyedFile): Promise<Uint8Array> {
  const handle = await openRegular(file.absolutePath, file.path);
  try {
    // One byte more than expected would show that it grew.
    const bytes = new Uint8Array(file.sizeBytes + 1);
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    if (filled !== file.sizeBytes) {
      throw new BroadsideError(
        'usage',
        `${file.path} changed while it was being published. Wait until nothing writes to it, then publish again.`,
      );
    }
    return bytes.slice(0, file.sizeBytes);
  } catch (thrown) {
    throw readError(thrown, file.path);
  } finally {
    await handle.close();
  }
}
