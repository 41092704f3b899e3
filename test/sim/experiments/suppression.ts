/** What it costs to hide a publication by nodes at chosen places: computed, and shown with the production core. */
import { bytesEqual } from '../../../shared/base/bytes.ts';
import { COPIES, MAX_LINKS } from '../../../src-main/core/limits.ts';
import { networkParameters } from '../../../src-main/core/network-parameters.ts';
import { createPasswordHash } from '../../../src-main/workers/sodium/password-hash.ts';
import { keyOf } from '../engine/bytes-key.ts';
import { LOCATE_MS } from '../engine/conditions.ts';
import { Network } from '../engine/network.ts';
import type { SimNode } from '../engine/sim-node.ts';
import type { SimRandom } from '../engine/random.ts';
import { build } from '../engine/topology.ts';
import { runOf } from '../experiment.ts';
import type { Experiment } from '../experiment.ts';
import { mean, rounded } from '../report/statistics.ts';
import { Identities, turnAgainst } from '../suppression/attackers.ts';
import { identitiesFor, surroundingChance } from '../suppression/work.ts';
import { makeSlot, makeSlotAuthor } from '../workloads/records.ts';
import type { MadeRecord, SlotAuthor } from '../workloads/records.ts';
import { insertAll, OPERATION_LIMIT_MS } from '../workloads/spread.ts';
import { topologyNote, topologyOf, topologyOption } from './topology-option.ts';

/** After this nothing is in the memory of who passed a slot on (core/limits.ts, CACHED_SLOT_MS), and all have settled. */
const SETTLE_MS = 330_000;
/** Between two of the first holders that leave: time for the others to hand over what is left. */
const LEAVE_EVERY_MS = 5_000;
const INSERTS_PER_SECOND = 20;
/** A reader asks again for what was not found (docs/LIMITS.md: 3 tries of a block that were not found). */
const TRIES = 3;
const BETWEEN_TRIES_MS = 1_000;
const READER_EVERY_MS = 200;
/** Tries of Argon2id that are timed, to be said beside the figure that is reckoned with. */
const TIMED_TRIES = 5;

/** A slot that its author can write anew. */
interface Slot {
  readonly author: SlotAuthor;
  made: MadeRecord;
}

interface Read {
  /** Share of the requests for slots that found them, in any version and in the one written last. */
  readonly slotsFound: number;
  readonly newest: number;
  /** Share of the readers that got k. */
  readonly readable: number;
}

interface Shown extends Read {
  readonly stage: string;
  readonly nearest: number;
  readonly nodesRun: number;
  readonly tried: number;
  /** The same of a publication that nobody attacks. */
  readonly control: Read;
}

export const suppression: Experiment = {
  name: 'suppression',
  about: 'identities and work that hide a known publication, by nodes nearest to its slots',
  nodes: 500,
  options: {
    k: { kind: 'number', about: 'slots that a reader needs', default: 3, min: 1, isWhole: true },
    n: { kind: 'number', about: 'slots of a publication', default: 10, min: 1, isWhole: true },
    reckoned: {
      kind: 'number',
      about: 'honest nodes that the identities are reckoned for',
      default: 10_000,
      min: 1,
      isWhole: true,
    },
    readers: { kind: 'number', about: 'readers of each publication, every time', default: 30, min: 1, isWhole: true },
    topology: topologyOption('placed'),
  },
  async run(context) {
    const { nodes, seed, number, say } = context;
    const topology = topologyOf(context);
    const [k, n] = [number('k'), number('n')];
    const network = new Network({ seed, nodes });
    const random = network.newRandom(30);
    build(network, topology);
    const honest = [...network.nodes];
    const [attacked, control] = [publish(network, random, n), publish(network, random, n)];
    const all = [...attacked, ...control];
    const write = (slots: readonly Slot[]): number =>
      insertAll(
        { network, random, perSecond: INSERTS_PER_SECOND, from: honest.filter((node) => node.isAlive) },
        slots.map((slot) => slot.made),
      ).filter((one) => one.result.ok).length;
    say(`${nodes} nodes stand; ${write(all)} of ${all.length} slots stored`);
    network.runFor(SETTLE_MS);
    const firstHolders = holdersOf(network, all);
    const addresses = attacked.map((slot) => slot.author.address);
    const targets = new Set(addresses.map(keyOf));
    const identities = new Identities(network, random, addresses);
    const below = random.below.bind(random);
    const shown: Shown[] = [];
    let nodesRun = 0;
    const show = (stage: string, nearest: number): void => {
      const readers = honest.filter((node) => node.isAlive);
      const read = (slots: readonly Slot[]): Read => readAll(network, readers, slots, k, number('readers'), below);
      shown.push({ stage, nearest, nodesRun, tried: identities.tried, ...read(attacked), control: read(control) });
      const { slotsFound, newest, readable } = shown.at(-1)!;
      say(
        `${stage}, ${nearest} nearest: ${rounded(slotsFound, 3)} of the slots found, ${rounded(newest, 3)} as written last, ${rounded(readable, 3)} of the readers got ${k}`,
      );
    };
    const surround = (nearest: number): void => {
      for (const found of identities.untilEachHas(nearest)) {
        const node = network.addNode(found);
        turnAgainst(network, node, targets);
        network.start(node);
        nodesRun += 1;
      }
      network.runFor(SETTLE_MS);
    };
    show('before', 0);
    for (const nearest of [1, COPIES]) {
      surround(nearest);
      show('attackers settled', nearest);
    }
    for (const slot of all) slot.made = makeSlot(network, random, slot.author, 2);
    say(`${write(all)} of ${all.length} slots written anew, by their word`);
    network.runFor(SETTLE_MS);
    show('written anew', COPIES);
    for (const node of firstHolders) {
      network.stop(node);
      network.runFor(LEAVE_EVERY_MS);
    }
    network.runFor(SETTLE_MS);
    show('first holders gone', COPIES);
    surround(2 * COPIES);
    show('more attackers settled', 2 * COPIES);
    const reckoned = number('reckoned');
    const seconds = (count: number): number => rounded((count * LOCATE_MS) / 1_000, 0);
    const rows = [1, COPIES, 2 * COPIES].map((nearest) => {
      const aim = { nodes: reckoned, k, n, nearest };
      return { nearest, half: identitiesFor(aim, 0.5), nearlySure: identitiesFor(aim, 0.95) };
    });
    // As many as there are copies: what showed to be enough once the first holders are gone.
    const enough = rows[1]!;
    say(`a try of Argon2id takes ${rounded(await timeOfTry(), 1)} ms here and now; reckoned with ${LOCATE_MS} ms`);
    return {
      runs: [runOf(network)],
      metrics: {
        identities: enough.nearlySure,
        workSeconds: seconds(enough.nearlySure),
        identitiesHalf: enough.half,
        workSecondsHalf: seconds(enough.half),
        nodesToRun: enough.nearest * (n - k + 1),
        reckonedFor: reckoned,
        msPerIdentity: LOCATE_MS,
        shown: shown.map(
          ({ stage, nearest, slotsFound, newest, readable, control: { readable: controlReadable } }) => ({
            stage,
            nearest,
            slotsFound: rounded(slotsFound),
            newest: rounded(newest),
            readable: rounded(readable),
            controlReadable: rounded(controlReadable),
          }),
        ),
      },
      tables: [
        {
          title: `Shown with the core, ${nodes} honest nodes`,
          columns: [
            'stage',
            'nearest of each slot',
            'attacking nodes',
            'identities tried',
            'slots found',
            'as written last',
            `got ${k}`,
            'not attacked: found',
            'as written last',
            `got ${k}`,
          ],
          rows: shown.map((one) => [
            one.stage,
            one.nearest,
            one.nodesRun,
            one.tried,
            ...[
              one.slotsFound,
              one.newest,
              one.readable,
              one.control.slotsFound,
              one.control.newest,
              one.control.readable,
            ].map((value) => rounded(value)),
          ]),
        },
        {
          title: `Reckoned: identities that surround ${n - k + 1} of ${n} slots among ${reckoned} honest nodes`,
          columns: [
            'nearest of each slot',
            'nodes to run',
            'identities, chance 50 %',
            'seconds of one core',
            'identities, chance 95 %',
            'seconds of one core',
          ],
          rows: rows.map(({ nearest, half, nearlySure }) => [
            nearest,
            nearest * (n - k + 1),
            half,
            seconds(half),
            nearlySure,
            seconds(nearlySure),
          ]),
        },
      ],
      plots: [
        {
          name: 'suppression',
          title: `Identities that surround a (${k},${n}) publication among ${reckoned} nodes`,
          x: { label: 'identities computed', scale: 'log' },
          y: { label: 'chance', scale: 'linear', min: 0, max: 1 },
          series: [1, COPIES, 2 * COPIES].map((nearest) => ({
            name: `${nearest} nearest of each slot`,
            kind: 'line' as const,
            points: Array.from({ length: 41 }, (_, step) => {
              const count = reckoned * 10 ** (step / 16 - 0.5);
              return [count, surroundingChance({ nodes: reckoned, k, n, nearest }, count)] as const;
            }),
          })),
        },
      ],
      notes: [
        topologyNote(topology),
        `An identity is a try of Argon2id, ${networkParameters('simulator').locationCost.memoryKib / 1_024} MiB and one pass: ${LOCATE_MS} ms of a core that has the memory.`,
        'The slots were stored before the attack; the attackers join by the protocol, deny the slots, and pass on all else.',
        `Attackers keep at most ${MAX_LINKS} links, as all do. "slots found" is after ${TRIES} tries of a reader.`,
      ],
    };
  },
};

function publish(network: Network, random: SimRandom, n: number): Slot[] {
  return Array.from({ length: n }, () => {
    const author = makeSlotAuthor(network, random);
    return { author, made: makeSlot(network, random, author, 1) };
  });
}

/** Who has any of them on disk, in the order of their numbers. */
function holdersOf(network: Network, slots: readonly Slot[]): SimNode[] {
  const numbers = slots.map((slot) => network.table.find(slot.author.address)).filter((found) => found !== undefined);
  return network.nodes.filter((node) => numbers.some((found) => node.store.has(found)));
}

/** Readers drawn at random ask for all slots. */
function readAll(
  network: Network,
  honest: readonly SimNode[],
  slots: readonly Slot[],
  k: number,
  readers: number,
  below: (bound: number) => number,
): Read {
  const got = new Float64Array(readers);
  let waiting = readers * slots.length;
  let newest = 0;
  for (let index = 0; index < readers; index += 1) {
    const reader = honest[below(honest.length)]!;
    for (const { made } of slots) {
      const ask = (triesLeft: number): void => {
        network.startRequest(reader, made.address, { kind: made.kind }, (result) => {
          if (!result.ok && triesLeft > 1) return network.later(BETWEEN_TRIES_MS, () => ask(triesLeft - 1));
          waiting -= 1;
          if (!result.ok || !('record' in result)) return undefined;
          got[index]! += 1;
          if (bytesEqual(result.record, made.record)) newest += 1;
          return undefined;
        });
      };
      network.later(index * READER_EVERY_MS, () => ask(TRIES));
    }
  }
  network.runUntil(() => waiting === 0, readers * READER_EVERY_MS + TRIES * OPERATION_LIMIT_MS);
  const asked = readers * slots.length;
  return {
    slotsFound: (mean([...got]) * readers) / asked,
    newest: newest / asked,
    readable: mean(Array.from(got, (count) => (count >= k ? 1 : 0))),
  };
}

async function timeOfTry(): Promise<number> {
  const hash = createPasswordHash();
  const { locationCost } = networkParameters('simulator');
  const startMs = performance.now();
  for (let count = 0; count < TIMED_TRIES; count += 1) {
    await hash.derive(Uint8Array.of(count), new Uint8Array(16), locationCost, 16);
  }
  return (performance.now() - startMs) / TIMED_TRIES;
}
