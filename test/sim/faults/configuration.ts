/**
 * A fault configuration drawn at random from a seed (as TigerBeetle's vopr.zig does): how large the network, how bad the
 * lines, who fails and how. What one run leaves out another has.
 */
import { DEFAULT_CONDITIONS } from '../engine/conditions.ts';
import type { Conditions } from '../engine/conditions.ts';
import type { SimRandom } from '../engine/random.ts';
import type { Topology } from '../engine/topology.ts';

export interface FaultConfiguration {
  readonly nodes: number;
  readonly topology: Topology;
  readonly targetLinks: number;
  readonly conditions: Conditions;
  /** How long faults go on, in milliseconds. */
  readonly faultsMs: number;
  readonly operationsPerSecond: number;
  /** Mean time between two ends of processes anywhere; Infinity for none. Ends are kills or clean stops. */
  readonly churnEveryMs: number;
  /** Share of what ended that comes back during the faults; the rest comes back when the network heals. */
  readonly returns: number;
  /** Partitions: how many, and how long each lasts. */
  readonly partitions: number;
  readonly partitionMs: number;
  /** Shares of the nodes that do not keep to the protocol while faults go on. */
  readonly silent: number;
  readonly forgetful: number;
  readonly lying: number;
  readonly babbling: number;
  /** Shares of honest nodes that are slow, and whose disk is full. */
  readonly slow: number;
  readonly full: number;
}

export function drawConfiguration(random: SimRandom): FaultConfiguration {
  const sometimes = (ofHundred: number, value: () => number, otherwise = 0): number =>
    random.below(100) < ofHundred ? value() : otherwise;
  const latencyMaxMs = random.between(20, 300);
  return {
    nodes: 50 + random.below(random.below(4) === 0 ? 151 : 51),
    topology: random.below(2) === 0 ? 'grown' : 'placed',
    targetLinks: 8 + random.below(13),
    conditions: {
      ...DEFAULT_CONDITIONS,
      latencyMinMs: random.between(1, 10),
      latencyMaxMs,
      jitter: random.between(0, 1),
      loss: sometimes(60, () => random.between(0, 0.05)),
      upMinBytesPerSecond: sometimes(30, () => 125_000, 1_250_000),
      clockSkewMs: random.between(0, 6 * 60_000),
      natShare: sometimes(60, () => random.between(0, 0.3)),
    },
    faultsMs: random.between(60_000, 120_000),
    operationsPerSecond: random.between(2, 12),
    churnEveryMs: sometimes(60, () => random.between(2_000, 20_000), Number.POSITIVE_INFINITY),
    returns: random.fraction(),
    partitions: sometimes(30, () => 1 + random.below(2)),
    partitionMs: random.between(5_000, 40_000),
    silent: sometimes(30, () => random.between(0, 0.15)),
    forgetful: sometimes(20, () => random.between(0, 0.15)),
    lying: sometimes(30, () => random.between(0, 0.1)),
    babbling: sometimes(20, () => random.between(0, 0.1)),
    slow: sometimes(30, () => random.between(0, 0.2)),
    full: sometimes(20, () => random.between(0, 0.2)),
  };
}
