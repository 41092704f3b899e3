/** What all nodes of one network have to agree on; only its name travels (hashed, in hello). */
import type { KdfParameters } from './ports.ts';
import { MAX_HTL, SMALL_NETWORK_HTL } from './limits.ts';
import { PAYLOAD_BYTES } from './wire/record.ts';

export interface NetworkParameters {
  /** Lower-case ASCII; nodes of another network are turned away at hello. */
  readonly name: string;
  /** HTL of a message where greedy routing begins. */
  readonly maxHtl: number;
  /** Size of every payload, in bytes. Less only in the simulator, where ten thousand nodes share one memory. */
  readonly payloadBytes: number;
  /** Of so many links, one's stems end at the node that it leads to (routing/stem.ts). */
  readonly stemEndsOneIn: number;
  /** How long the choices of the stem stand, in milliseconds. */
  readonly stemEpochMs: number;
  /** Leading zero bits that the stamp of an insert needs while nodes have room (routing/stamps.ts). */
  readonly stampBits: number;
  /** Work that a claim of words has as a rule, in bits (addresses/claim.ts). Readers and hosts ask for none. */
  readonly claimBits: number;
  /** Work for a location (protocol, section 1). */
  readonly locationCost: KdfParameters;
  /** Leaves that a hub takes (core/search/roles.ts). */
  readonly leavesOfHub: number;
  /** How long a node has had neighbours before it may become a hub, in milliseconds. */
  readonly hubAfterMs: number;
  /** How often each node looks at its hubs and roles, and tells a neighbour of hubs, in milliseconds. */
  readonly searchLookMs: number;
}

/** Networks for practice have names that begin so, so that nobody takes one for the real one. */
export const PRACTICE_PREFIX = 'practice-';

const PUBLIC = {
  maxHtl: MAX_HTL,
  payloadBytes: PAYLOAD_BYTES,
  /** Median stem of three hops: docs/THREATS.md has the curves that it was chosen by. */
  stemEndsOneIn: 4,
  /** Ninety days: with draws that stand, who is recognised every day for a month is found no more often than once (ibid.). */
  stemEpochMs: 90 * 24 * 3_600_000,
  /** About half a millisecond of one core for each block (npm run bench -- stamps). Guess. */
  stampBits: 12,
  /** Two seconds of one core: little for one's own words, days for a dictionary (docs/THREATS.md). Guess. */
  claimBits: 24,
  /** 64 MiB, one pass (protocol, section 1), about 60 ms here. */
  locationCost: { passes: 1, memoryKib: 64 * 1024 },
  /** A fifth of the leaves that an index is made for (targets: 5,600), for each is a link to be kept up too. Guess. */
  leavesOfHub: 1_024,
  /** Docs/spec/search.md. */
  hubAfterMs: 3_600_000,
  /** Ten records a minute are some 20 B/s. Guess. */
  searchLookMs: 60_000,
} as const;

/** A practice network asks little: dozens of nodes start at once on one machine. */
const PRACTICE = {
  ...PUBLIC,
  maxHtl: SMALL_NETWORK_HTL,
  stemEndsOneIn: 2,
  stampBits: 4,
  claimBits: 8,
  locationCost: { passes: 1, memoryKib: 256 },
  /** Of forty nodes eight become hubs: 96 links of leaves in 128 places. */
  leavesOfHub: 16,
  hubAfterMs: 0,
  searchLookMs: 1_000,
} as const;

export function networkParameters(name: string): NetworkParameters {
  return { name, ...(name.startsWith(PRACTICE_PREFIX) ? PRACTICE : PUBLIC) };
}
