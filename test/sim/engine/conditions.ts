/** What the network between the nodes is like. Every experiment may change each; the defaults say where they are from. */

export interface Conditions {
  /** One-way delay between the nearest and the farthest two nodes, in milliseconds. */
  readonly latencyMinMs: number;
  readonly latencyMaxMs: number;
  /** Added to the delay of each message: uniform up to this share of it. */
  readonly jitter: number;
  /** Probability that one packet is lost; links are reliable, so a loss costs the time of sending it again. */
  readonly loss: number;
  /** What a node can send, in bytes a second; drawn log-uniformly between the two. */
  readonly upMinBytesPerSecond: number;
  readonly upMaxBytesPerSecond: number;
  /** Wall clocks are wrong by up to this much either way, in milliseconds. */
  readonly clockSkewMs: number;
  /** Share of the nodes behind address translation that two such nodes cannot get through to each other. */
  readonly natShare: number;
}

export const DEFAULT_CONDITIONS: Conditions = {
  // From one town to the far side of the world: as far as light in fibre goes in 150 ms.
  latencyMinMs: 2,
  latencyMaxMs: 150,
  jitter: 0.1, // guess
  loss: 0.002, // guess; what fixed lines show on good days
  upMinBytesPerSecond: 1_250_000, // 10 Mbit/s
  upMaxBytesPerSecond: 25_000_000, // 200 Mbit/s
  clockSkewMs: 120_000, // guess: machines without time synchronisation
  natShare: 0.2, // guess; Trautwein and others 2022 could not connect 30 % of pairs by hole punching
};

/** Bytes of one packet, for how many packets a message is: what UDX puts into one. */
export const PACKET_BYTES = 1_180;
/** A repeated packet waits for the time-out of its first sending: at least this (RFC 6298 has a second, UDX 0.1 s). */
export const RESEND_MIN_MS = 100;
/** A read of SQLite, and a commit that others share, in milliseconds: npm run bench -- store. */
export const READ_MS = 1;
export const WRITE_MS = 4;
/** Argon2id with 64 MiB and one pass, off the main thread (docs/spec/routing.md: about 60 ms). */
export const LOCATE_MS = 60;
/** Hashes a second of one core that seeks stamps; guess: a million BLAKE2b of 60 bytes. */
export const STAMP_HASHES_PER_MS = 1_000;
/** Steps of a look-up in the DHT before a node without a known address can be dialled; guess: three round trips. */
export const LOOKUP_ROUND_TRIPS = 3;
/** Round trips of a dial: probe and handshake. */
export const DIAL_ROUND_TRIPS = 2;
/** What the clocks of the nodes show at the start, before their skew. */
export const WALL_START_MS = Date.UTC(2030, 0, 1);
