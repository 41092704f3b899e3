/** The content of a publication on its way: files read, sealed and handed to the network, and the manifest that lists them. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { Crypto } from '../../core/ports.ts';
import { BlockListBuilder } from '../../core/publish/block-list.ts';
import type { BlockList, ListBlock } from '../../core/publish/block-list.ts';
import { plaintextDigest } from '../../core/publish/manifest.ts';
import type { ManifestFile } from '../../core/publish/manifest.ts';
import { fileKey, manifestBlocksKey, PIECE_BYTES, sealPiece } from '../../core/publish/piece.ts';
import { contentAddress, encodeRecord, KIND_CONTENT } from '../../core/wire/record.ts';
import { openRegular, readError } from '../survey/regular-file.ts';
import type { SurveyedFile } from '../survey/survey.ts';

/** Seals files off this thread (workers/sealing). */
export interface FileSealer {
  /** Hands over a file's content records in order, the next batch when `onBatch` resolved; resolves with its digest. */
  seal(
    file: {
      readonly absolutePath: string;
      readonly sizeBytes: number;
      readonly path: string;
      readonly key: Uint8Array;
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
  readonly sealing: FileSealer;
}

/** A file that stands in the manifest. Throws `usage` when it is not what was surveyed. */
export async function inlineFile(deps: ContentDeps, file: SurveyedFile): Promise<ManifestFile> {
  const bytes = await readWhole(file);
  const digest = plaintextDigest(deps.crypto, bytes);
  return { path: file.path, type: file.type, sizeBytes: file.sizeBytes, digest, content: { kind: 'inline', bytes } };
}

/** A file that goes as blocks. Holds some batches of it at once, whatever its size. */
export async function sendFile(
  deps: ContentDeps,
  contentKey: Uint8Array,
  file: SurveyedFile,
  sink: ContentSink,
  signal: AbortSignal,
): Promise<ManifestFile> {
  const { path, type, sizeBytes, absolutePath } = file;
  const key = fileKey(deps.crypto, contentKey, path);
  const builder = new BlockListBuilder(deps.crypto, key);
  const digest = await deps.sealing.seal(
    { absolutePath, sizeBytes, path, key },
    async ({ records, addresses, plaintextBytes }) => {
      for (const [index, record] of records.entries()) {
        await sink.send(record, addresses[index]!);
        await sendLists(builder.push(addresses[index]!), sink);
      }
      sink.sealed(plaintextBytes);
    },
    signal,
  );
  const { list, blocks } = builder.finish(sizeBytes);
  await sendLists(blocks, sink);
  return { path, type, sizeBytes, digest, content: { kind: 'blocks', list, key: undefined } };
}

/** A sealed manifest that does not fit in the slots; 64 MiB at most, sealed here in steps that each send a block. */
export async function sendManifest(
  deps: Pick<ContentDeps, 'crypto'>,
  contentKey: Uint8Array,
  sealedManifest: Uint8Array,
  sink: ContentSink,
): Promise<BlockList> {
  const { crypto } = deps;
  const key = manifestBlocksKey(crypto, contentKey);
  const builder = new BlockListBuilder(crypto, key);
  for (let index = 0; index * PIECE_BYTES < sealedManifest.length; index += 1) {
    const plaintext = sealedManifest.subarray(index * PIECE_BYTES, (index + 1) * PIECE_BYTES);
    const payload = sealPiece(crypto, key, index, plaintext);
    const address = contentAddress(crypto, payload);
    await sink.send(encodeRecord({ kind: KIND_CONTENT, payload }), address);
    await sendLists(builder.push(address), sink);
  }
  const { list, blocks } = builder.finish(sealedManifest.length);
  await sendLists(blocks, sink);
  return list;
}

async function sendLists(blocks: readonly ListBlock[], sink: ContentSink): Promise<void> {
  for (const { payload, address } of blocks) await sink.send(encodeRecord({ kind: KIND_CONTENT, payload }), address);
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
