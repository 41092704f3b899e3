/**
 * One run of the soak: a network and its faults drawn from a seed, checkers on; then it heals, and has to come back to
 * full service: everything acknowledged that lives on some disk is found, and new things are stored.
 */
import { watchEverything } from '../checkers/all.ts';
import type { AcknowledgedKept } from '../checkers/acknowledged-kept.ts';
import { violationText } from '../checkers/checker.ts';
import { keyOf } from '../engine/bytes-key.ts';
import { Network } from '../engine/network.ts';
import { SimRandom } from '../engine/random.ts';
import type { SimNode } from '../engine/sim-node.ts';
import { build } from '../engine/topology.ts';
import { KIND_CONTENT, KIND_SLOT } from '../../../src-main/core/wire/record.ts';
import type { RecordKind } from '../../../src-main/core/wire/record.ts';
import { makeContent } from '../workloads/records.ts';
import { OPERATION_LIMIT_MS } from '../workloads/spread.ts';
import { PUBLICATION_ENOUGH, Traffic } from '../workloads/traffic.ts';
import { drawConfiguration } from './configuration.ts';
import type { FaultConfiguration } from './configuration.ts';
import { FaultInjector } from './injector.ts';

/** Work before the faults begin, and time that a healed network has until it must serve again. */
const CALM_MS = 20_000;
const HEALING_MS = 2 * 60_000;
/** Sides of a partition that grew apart meet again by dials to strangers, one in ten minutes a node. */
const HEALING_AFTER_PARTITION_MS = 15 * 60_000;
/** Records asked for after healing, at most: a sample of what must be there. */
const ASKED_AFTER = 150;
const INSERTED_AFTER = 20;
/** A reader tries a block so often before it gives up (docs/LIMITS.md: tries of a block, 3 that were not found). */
const TRIES = 3;
const BETWEEN_TRIES_MS = 1_000;
const AFTER_PER_SECOND = 10;

export interface SoakRun {
  readonly seed: number;
  readonly configuration: FaultConfiguration;
  /** In words, first to last. */
  readonly violations: readonly string[];
  readonly traceHash: string;
  readonly events: number;
  /** Share of the requests found while the faults went on. */
  readonly foundDuring: number;
  readonly askedAfter: number;
  readonly foundAfter: number;
}

export function runSoak(seed: number): SoakRun {
  const random = new SimRandom(seed, 77);
  const configuration = drawConfiguration(random);
  const { nodes, topology, targetLinks, conditions, faultsMs, operationsPerSecond } = configuration;
  const network = new Network({ seed, nodes, targetLinks, conditions });
  const { watch, acknowledged } = watchEverything(network);
  const kinds = rememberKinds(network);
  build(network, topology);

  const traffic = new Traffic(network, random, operationsPerSecond);
  traffic.start();
  network.runFor(CALM_MS);
  const injector = new FaultInjector(network, random, configuration);
  injector.start();
  network.runFor(faultsMs);
  const foundDuring = traffic.counts.found / Math.max(1, traffic.counts.requests);
  injector.heal();
  traffic.stop();
  network.runFor(configuration.partitions > 0 ? HEALING_AFTER_PARTITION_MS : HEALING_MS);

  const complaints: string[] = [];
  const complain = (what: string): void =>
    void complaints.push(`full service, at ${Math.round(network.nowMs / 1_000)} s: ${what}`);
  const { asked, found } = askForAll(network, random, acknowledged, kinds, complain);
  checkPublications(traffic, acknowledged, found, complain);
  insertSome(network, random, complain);
  for (const node of network.nodes) if (node.core.readyLinks() === 0) complain(`node ${node.index} has no link`);
  network.runFor(OPERATION_LIMIT_MS);
  const violations = [...watch.end().map(violationText), ...complaints];
  const traceHash = network.trace.digest();
  const result = { seed, configuration, violations, traceHash, events: network.events, foundDuring };
  return { ...result, askedAfter: asked.length, foundAfter: found.size };
}

function rememberKinds(network: Network): ReadonlyMap<string, RecordKind> {
  const kinds = new Map<string, RecordKind>();
  network.observe({
    onWrite: (_nowMs, _node, entry) =>
      void kinds.set(keyOf(entry.address), entry.kind === 'content' ? KIND_CONTENT : KIND_SLOT),
  });
  return kinds;
}

function askForAll(
  network: Network,
  random: SimRandom,
  acknowledged: AcknowledgedKept,
  kinds: ReadonlyMap<string, RecordKind>,
  complain: (what: string) => void,
): { readonly asked: readonly Uint8Array[]; readonly found: ReadonlySet<string> } {
  const asked = random.shuffle(acknowledged.mustBeFound()).slice(0, ASKED_AFTER);
  const found = new Set<string>();
  let ended = 0;
  const ask = (address: Uint8Array, triesLeft: number): void => {
    const node = network.nodes[random.below(network.nodes.length)]!;
    const kind = kinds.get(keyOf(address)) ?? KIND_CONTENT;
    network.startRequest(node, address, { kind, skipOwn: true }, (result) => {
      if (result.ok) found.add(keyOf(address));
      else if (triesLeft > 1) return network.later(BETWEEN_TRIES_MS, () => ask(address, triesLeft - 1));
      else complain(`${describe(address, acknowledged)} was not found: ${result.code}, asked by node ${node.index}`);
      ended += 1;
      return undefined;
    });
  };
  asked.forEach((address, index) => network.later((index * 1_000) / AFTER_PER_SECOND, () => ask(address, TRIES)));
  network.runUntil(
    () => ended === asked.length,
    (asked.length * 1_000) / AFTER_PER_SECOND + TRIES * OPERATION_LIMIT_MS,
  );
  return { asked, found };
}

function describe(address: Uint8Array, acknowledged: AcknowledgedKept): string {
  const holders = acknowledged.holders(address).map((node: SimNode) => node.index);
  const name = Buffer.from(address.subarray(0, 6)).toString('hex');
  return `the acknowledged record ${name}, on the disks of nodes ${holders.join(', ')},`;
}

/** Of a publication whose shares were asked for: where k of them live, k are found. */
function checkPublications(
  traffic: Traffic,
  acknowledged: AcknowledgedKept,
  found: ReadonlySet<string>,
  complain: (what: string) => void,
): void {
  for (const addresses of traffic.publications) {
    const living = acknowledged.living(addresses);
    const got = addresses.filter((address) => found.has(keyOf(address))).length;
    const wereAllAsked = acknowledged.mustBeFound().length <= ASKED_AFTER;
    if (wereAllAsked && living >= PUBLICATION_ENOUGH && got < PUBLICATION_ENOUGH)
      complain(`a publication of which ${living} shares live gave only ${got}`);
  }
}

function insertSome(network: Network, random: SimRandom, complain: (what: string) => void): void {
  let ended = 0;
  for (let count = 0; count < INSERTED_AFTER; count += 1) {
    const node = network.nodes[random.below(network.nodes.length)]!;
    const { address, record } = makeContent(network, random);
    network.startInsert(node, address, record, (result) => {
      ended += 1;
      if (!result.ok) complain(`an insert of node ${node.index} failed: ${result.code}`);
    });
  }
  network.runUntil(() => ended === INSERTED_AFTER, OPERATION_LIMIT_MS);
}
