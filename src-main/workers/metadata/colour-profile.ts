/** The name of a colour profile (ICC.1): those of a calibrated screen may be named by their owner. */
import { inflateSync } from 'node:zlib';
import { MIB } from '../../../shared/base/units.ts';
import type { Findings } from './findings.ts';

/** Profiles of screens and papers have some KiB, the largest of presses some MiB. */
const MAX_PROFILE_BYTES = 16 * MIB;
const HEADER_BYTES = 128;
const MAX_TAGS = 200;

/** It stays when a picture is stripped, for its colours would be others without it. */
export function lookAtProfile(profile: Uint8Array, found: Findings): void {
  let name = '';
  try {
    name = descriptionOf(profile);
  } catch {
    // Its length says that there is one.
  }
  found.addStaying('colour-profile', name === '' ? `ICC, ${profile.length} B` : name);
}

/** As PNG has it: compressed. */
export function lookAtCompressedProfile(compressed: Uint8Array, found: Findings): void {
  try {
    lookAtProfile(inflateSync(compressed, { maxOutputLength: MAX_PROFILE_BYTES }), found);
  } catch {
    found.addStaying('colour-profile', `ICC, ${compressed.length} B`);
  }
}

function descriptionOf(profile: Uint8Array): string {
  const view = new DataView(profile.buffer, profile.byteOffset, profile.length);
  const tags = Math.min(MAX_TAGS, view.getUint32(HEADER_BYTES));
  for (let index = 0; index < tags; index += 1) {
    const at = HEADER_BYTES + 4 + index * 12;
    // 'desc'
    if (view.getUint32(at) !== 0x64657363) continue;
    const offset = view.getUint32(at + 4);
    const type = view.getUint32(offset);
    if (type === 0x64657363) {
      const length = view.getUint32(offset + 8);
      return new TextDecoder('latin1').decode(profile.subarray(offset + 12, offset + 12 + Math.min(length, 200)));
    }
    const [length, start] = [view.getUint32(offset + 20), view.getUint32(offset + 24)];
    return new TextDecoder('utf-16be').decode(profile.subarray(offset + start, offset + start + Math.min(length, 400)));
  }
  return '';
}
