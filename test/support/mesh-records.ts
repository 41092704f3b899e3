/** Records for nodes in one process (mesh.ts): content and signed slots that verify, and some near a given place. */
import assert from 'node:assert/strict';
import { bytesEqual, toHex } from '../../shared/base/bytes.ts';
import { distance, locationOf } from '../../src-main/core/routing/location.ts';
import { findStamp } from '../../src-main/core/routing/stamps.ts';
import {
  CLASS_UPDATABLE,
  encodeRecord,
  KIND_CONTENT,
  KIND_SLOT,
  PAYLOAD_BYTES,
  slotAddress,
  slotDigest,
  STATE_LIVE,
} from '../../src-main/core/wire/record.ts';
import type { SlotClass, SlotState } from '../../src-main/core/wire/record.ts';
import { crypto } from './mesh.ts';
import type { Mesh, MeshNode } from './mesh.ts';

export interface MadeRecord {
  readonly record: Uint8Array;
  readonly address: Uint8Array;
}

/** Payloads of tests with many records: the hashing of 32 KiB would be most of their time. */
export const SMALL_PAYLOAD_BYTES = 256;

export function block(number: number, payloadBytes = PAYLOAD_BYTES): MadeRecord {
  const payload = new Uint8Array(payloadBytes).fill(number & 255);
  payload[0] = number >> 8;
  payload[1] = number >> 16;
  return {
    record: encodeRecord({ kind: KIND_CONTENT, payload }, payloadBytes),
    address: crypto.hash('content', payload),
  };
}

export function smallBlock(number: number): MadeRecord {
  return block(number, SMALL_PAYLOAD_BYTES);
}

/** The first small blocks, counting from `first`, whose addresses are within `within` of a place. */
export function blocksNear(place: number, within: number, count: number, first = 0): MadeRecord[] {
  const near: MadeRecord[] = [];
  for (let number = first; near.length < count; number += 1) {
    const made = smallBlock(number);
    if (distance(locationOf(made.address), place) < within) near.push(made);
  }
  return near;
}

/** Small blocks that are nearer to a node than to all others of its mesh, so that it is their sink. */
export function blocksFor(mesh: Mesh, sink: MeshNode, count: number): MadeRecord[] {
  const blocks: MadeRecord[] = [];
  for (let number = 0; blocks.length < count; number += 1) {
    const made = smallBlock(number);
    const away = (node: MeshNode): number => distance(node.location, locationOf(made.address));
    if (mesh.nodes.every((node) => node === sink || away(node) > away(sink))) blocks.push(made);
  }
  return blocks;
}

const signer = crypto.keyPairFromSeed(new Uint8Array(32).fill(7));

interface SlotOptions {
  readonly tie?: number;
  readonly slotClass?: SlotClass;
  readonly slotId?: number;
  readonly fill?: number;
  readonly payloadBytes?: number;
  readonly state?: SlotState;
}

export function slot(counter: number, options: SlotOptions = {}): MadeRecord {
  const { tie = 1, slotClass = CLASS_UPDATABLE, slotId = 9, fill = counter, payloadBytes = PAYLOAD_BYTES } = options;
  const unsigned = {
    class: slotClass,
    state: options.state ?? STATE_LIVE,
    publicKey: signer.publicKey,
    slotId: new Uint8Array(32).fill(slotId),
    version: { counter, tie: new Uint8Array(8).fill(tie) },
    payload: new Uint8Array(payloadBytes).fill(fill),
  } as const;
  const signature = crypto.sign(slotDigest(crypto, unsigned), signer.secretKey);
  return {
    record: encodeRecord({ ...unsigned, kind: KIND_SLOT, signature }, payloadBytes),
    address: slotAddress(crypto, slotClass, signer.publicKey, unsigned.slotId),
  };
}

export function stampFor(made: MadeRecord, bits: number): Uint8Array {
  return findStamp(crypto, made.address, bits);
}

/** Nodes that file it as kept for their place. */
export function holders(mesh: Mesh, address: Uint8Array): MeshNode[] {
  return mesh.nodes.filter((node) => node.store.get(toHex(address))?.place === 'store');
}

/** Not deepEqual, whose report of a difference in 32 KiB takes minutes. */
export function sameBytes(actual: Uint8Array | undefined, expected: Uint8Array): void {
  assert.ok(actual !== undefined && bytesEqual(actual, expected), 'other bytes than expected');
}
