/** Whether publications and files can still be read when a fraction of the nodes failed at once, beside the binomial. */
import { COPIES } from '../../../src-main/core/limits.ts';
import { Network } from '../engine/network.ts';
import type { SimRandom } from '../engine/random.ts';
import type { SimNode } from '../engine/sim-node.ts';
import { UsageError } from '../arguments.ts';
import { runOf } from '../experiment.ts';
import type { Experiment } from '../experiment.ts';
import { silence } from '../faults/behaviours.ts';
import { atLeast, standardError, survival } from '../publications/binomial.ts';
import { deny } from '../publications/denial.ts';
import { isReadable, makeFile, makePublication, segmentsOf } from '../publications/made.ts';
import type { Made } from '../publications/made.ts';
import { retrieveAll } from '../publications/retrieving.ts';
import { holdersOf, readableByPlacement } from '../publications/survivors.ts';
import type { Estimate } from '../publications/survivors.ts';
import { mean, rounded } from '../report/statistics.ts';
import { PER_NODE_PER_SECOND } from '../workloads/measured-requests.ts';
import type { MadeRecord } from '../workloads/records.ts';
import { insertAll } from '../workloads/spread.ts';
import { buildAndSettle } from '../workloads/settle.ts';
import { topologyNote, topologyOf, topologyOption } from './topology-option.ts';

/** By then every neighbour of a dead node has noticed: 20 s idle and 6 s without an answer (protocol, section 1). */
const NOTICED_MS = 27_000;
const FILE_BYTES = 10 * 2 ** 20;
const CURVE = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8] as const;
/** Draws of who fails, for what the places of the copies alone give. */
const DRAWS = 300;

type Failing = 'gone' | 'silent' | 'denying';

interface Stage {
  readonly fraction: number;
  /** Of the publications, and of the files. */
  readonly readable: number;
  readonly readableFiles: number;
  /** The same if everything that has a copy left were found. */
  readonly present: number;
  readonly presentFiles: number;
  readonly sharesFound: number;
  readonly sharesPresent: number;
  readonly blocksFound: number;
  readonly blocksPresent: number;
  readonly placed: Estimate;
  readonly placedFiles: Estimate;
}

export const availability: Experiment = {
  name: 'availability',
  about:
    'share of publications (k of n) and of files of 10 MiB that can be read after nodes failed, beside the binomial',
  nodes: 1_000,
  options: {
    k: { kind: 'number', about: 'shares that are enough', default: 3, min: 1, max: 100, isWhole: true },
    n: { kind: 'number', about: 'shares of a publication', default: 10, min: 1, max: 100, isWhole: true },
    fraction: { kind: 'number', about: 'share of the nodes that fail at once', default: 0.5, min: 0, max: 0.95 },
    failing: {
      kind: 'text',
      about: 'gone: their processes end; silent: they swallow; denying: they answer "not found"',
      default: 'gone',
      choices: ['gone', 'silent', 'denying'],
    },
    publications: { kind: 'number', about: 'how many, for each fraction', default: 300, min: 1, isWhole: true },
    files: { kind: 'number', about: 'how many of 10 MiB, some 480 blocks each', default: 2, min: 0, isWhole: true },
    curve: { kind: 'flag', about: 'fractions from 10 % to 80 % too, each on top of the last', default: false },
    topology: topologyOption('placed'),
  },
  run(context) {
    const { nodes, seed, say } = context;
    const [k, n, fraction] = [context.number('k'), context.number('n'), context.number('fraction')];
    if (k > n) throw new UsageError(`-k is at most -n: ${k} of ${n} shares cannot be found.`);
    const topology = topologyOf(context);
    const failing = context.text('failing') as Failing;
    const network = new Network({ seed, nodes });
    const random = network.newRandom(10);
    buildAndSettle(network, topology);
    const fractions = context.flag('curve') ? [...new Set([...CURVE, fraction])].sort((a, b) => a - b) : [fraction];
    // Slots that were read once are in caches for minutes: every fraction has publications of its own.
    const publications = fractions.map(() =>
      Array.from({ length: context.number('publications') }, () => makePublication(network, random, k, n)),
    );
    const files = Array.from({ length: context.number('files') }, () => makeFile(network, random, FILE_BYTES, n - k));
    const all = [...publications.flat(), ...files];
    const copies = storeAll(network, random, all);
    say(`stored, ${rounded(copies, 2)} copies each`);
    network.canDial = false;
    const holders = holdersOf(network, all);
    const order = random.shuffle([...network.nodes]);
    const stages = fractions.map((part, index) => {
      fail(network, order.slice(0, Math.round(nodes * part)), failing);
      const stage = measure(network, random, {
        fraction: part,
        publications: publications[index]!,
        all: publications.flat(),
        files,
        holders,
      });
      say(`${Math.round(part * 100)} %: ${rounded(stage.readable * 100, 1)} % of the publications readable`);
      return stage;
    });
    const asked = stages.find((stage) => stage.fraction === fraction)!;
    const binomial = (part: number): number => atLeast(k, n, survival(part, COPIES));
    const segments = segmentsOf(FILE_BYTES, n - k);
    const binomialFile = (part: number): number =>
      segments.reduce((all, { data, check }) => all * atLeast(data, data + check, survival(part, COPIES)), 1);
    const label = `${k} of ${n}, ${failing}`;
    return {
      runs: [runOf(network)],
      metrics: {
        readable: rounded(asked.readable),
        binomial: rounded(binomial(fraction)),
        standardError: rounded(standardError(binomial(fraction), context.number('publications'))),
        present: rounded(asked.present),
        placement: rounded(asked.placed.mean, 5),
        placementError: rounded(asked.placed.error, 5),
        shareFound: rounded(asked.sharesFound),
        sharePresent: rounded(asked.sharesPresent),
        shareBinomial: rounded(survival(fraction, COPIES)),
        readableFile: rounded(asked.readableFiles),
        binomialFile: rounded(binomialFile(fraction)),
        placementFile: rounded(asked.placedFiles.mean, 5),
        placementFileError: rounded(asked.placedFiles.error, 5),
        blockFound: rounded(asked.blocksFound),
        blockPresent: rounded(asked.blocksPresent),
        copiesMean: rounded(copies, 3),
        readableAt: Object.fromEntries(stages.map((stage) => [stage.fraction, rounded(stage.readable)])),
        binomialAt: Object.fromEntries(stages.map((stage) => [stage.fraction, rounded(binomial(stage.fraction))])),
        worstPlacementGap: rounded(
          Math.max(...stages.map((stage) => Math.abs(stage.placed.mean - binomial(stage.fraction)))),
        ),
        worstPlacementFileGap: rounded(
          Math.max(...stages.map((stage) => Math.abs(stage.placedFiles.mean - binomialFile(stage.fraction)))),
        ),
      },
      tables: [
        {
          title: `Publications, ${label}`,
          columns: [
            'failed',
            'readable',
            'binomial',
            'with enough copies left',
            'by placement',
            '+-',
            'shares found',
            'shares left',
            '1 - f^4',
          ],
          rows: stages.map((stage) => [
            percent(stage.fraction),
            rounded(stage.readable),
            rounded(binomial(stage.fraction)),
            rounded(stage.present),
            rounded(stage.placed.mean),
            rounded(stage.placed.error, 5),
            rounded(stage.sharesFound),
            rounded(stage.sharesPresent),
            rounded(survival(stage.fraction, COPIES)),
          ]),
        },
        ...(files.length === 0
          ? []
          : [
              {
                title: `Files of 10 MiB, ${segments.map(({ data, check }) => `${data}+${check}`).join(', ')} blocks`,
                columns: [
                  'failed',
                  'readable',
                  'binomial',
                  'with enough copies left',
                  'by placement',
                  '+-',
                  'blocks found',
                  'blocks left',
                ],
                rows: stages.map((stage) => [
                  percent(stage.fraction),
                  rounded(stage.readableFiles),
                  rounded(binomialFile(stage.fraction)),
                  rounded(stage.presentFiles),
                  rounded(stage.placedFiles.mean),
                  rounded(stage.placedFiles.error, 5),
                  rounded(stage.blocksFound),
                  rounded(stage.blocksPresent),
                ]),
              },
            ]),
      ],
      plots:
        stages.length < 2
          ? []
          : [
              {
                name: failing,
                title: `Readable after a part of ${nodes.toLocaleString('en')} nodes is ${failing}`,
                x: { label: 'nodes failed, %', scale: 'linear' },
                y: { label: 'share that can be read', scale: 'linear', max: 1 },
                series: [
                  {
                    name: `${k} of ${n}, read`,
                    kind: 'line',
                    points: stages.map((stage) => [stage.fraction * 100, stage.readable]),
                  },
                  {
                    name: '10 MiB, read',
                    kind: 'line',
                    points:
                      files.length === 0 ? [] : stages.map((stage) => [stage.fraction * 100, stage.readableFiles]),
                  },
                  {
                    name: `${k} of ${n}, by placement`,
                    kind: 'points',
                    points: stages.map((stage) => [stage.fraction * 100, stage.placed.mean]),
                  },
                  {
                    name: `${k} of ${n}, binomial`,
                    kind: 'line',
                    isDashed: true,
                    points: everyPercent((part) => binomial(part)),
                  },
                  {
                    name: '10 MiB, binomial',
                    kind: 'line',
                    isDashed: true,
                    points: everyPercent((part) => binomialFile(part)),
                  },
                ],
              },
            ],
      notes: [
        topologyNote(topology),
        failing === 'gone'
          ? 'The failed nodes are gone at once; their links were noticed and closed, nobody dials anew, and no copy is made anew (all disks are full after the storing).'
          : `The failed nodes took their copies as honest ones and are ${failing} now; they keep their links. The binomial is that of nodes that are gone.`,
        'readable: by requests of the production core, one reader a publication or file, each record asked for as often as the app asks. A publication needs k of its slots, a file enough blocks of every segment; its manifest and lists are left out.',
        `binomial: with p = 1 - f^${COPIES} for each record. By placement: where the copies really are, over ${DRAWS} draws of who fails, without messages.`,
        'standardError: of the share that is readable, were publications independent. All share one draw of failed nodes, so readable also has the luck of that draw; "with enough copies left" shows it.',
      ],
    };
  },
};

/** Returns the mean number of copies. What is refused is inserted once more, as publishing does. */
function storeAll(network: Network, random: SimRandom, made: readonly Made[]): number {
  let items = made.flatMap(({ parts }) => parts.flatMap(({ records }) => records));
  const copies: number[] = [];
  const perSecond = network.alive().length * PER_NODE_PER_SECOND;
  for (let round = 0; round < 3 && items.length > 0; round += 1) {
    const outcomes = insertAll({ network, random, perSecond }, random.shuffle([...items]));
    for (const { result } of outcomes) if ('copies' in result) copies.push(result.copies);
    const stored = new Set(outcomes.filter(({ result }) => result.ok).map(({ item }) => item));
    items = items.filter((item) => !stored.has(item));
  }
  for (const node of network.nodes) {
    node.store.clearCache();
    // From here on nothing is written: neither caches nor copies made anew may help.
    node.store.isFull = true;
  }
  return mean(copies);
}

/** Those that fail now or failed before. */
function fail(network: Network, failing: readonly SimNode[], how: Failing): void {
  for (const node of failing) {
    if (how === 'gone') network.kill(node);
    else if (how === 'silent') silence(node);
    else deny(network, node);
  }
  if (how === 'gone') network.runFor(NOTICED_MS);
}

function measure(
  network: Network,
  random: SimRandom,
  given: {
    readonly fraction: number;
    readonly publications: readonly Made[];
    /** Those of the other fractions as well: for where the copies are, all say something. */
    readonly all: readonly Made[];
    readonly files: readonly Made[];
    readonly holders: ReadonlyMap<MadeRecord, readonly number[]>;
  },
): Stage {
  const { fraction, publications, all, files, holders } = given;
  const works = (node: SimNode): boolean => node.isAlive && !node.isHostile;
  const readers = network.nodes.filter(works);
  const found = retrieveAll(network, random, readers, [...publications, ...files]);
  const isFound = (record: MadeRecord): boolean => found.has(record);
  const isPresent = (record: MadeRecord): boolean => holders.get(record)!.some((index) => works(network.nodes[index]!));
  const placement = (made: readonly Made[]): Estimate =>
    readableByPlacement(network.nodes.length, random, fraction, DRAWS, made, holders);
  return {
    fraction,
    readable: shareOf(publications, isFound),
    readableFiles: shareOf(files, isFound),
    present: shareOf(publications, isPresent),
    presentFiles: shareOf(files, isPresent),
    sharesFound: shareOfRecords(publications, isFound),
    sharesPresent: shareOfRecords(publications, isPresent),
    blocksFound: shareOfRecords(files, isFound),
    blocksPresent: shareOfRecords(files, isPresent),
    placed: placement(all),
    placedFiles: files.length === 0 ? { mean: Number.NaN, error: Number.NaN } : placement(files),
  };
}

function shareOf(made: readonly Made[], isThere: (record: MadeRecord) => boolean): number {
  return made.filter((each) => isReadable(each, isThere)).length / made.length;
}

function shareOfRecords(made: readonly Made[], isThere: (record: MadeRecord) => boolean): number {
  const records = made.flatMap(({ parts }) => parts.flatMap((part) => part.records));
  return records.filter(isThere).length / records.length;
}

function everyPercent(value: (fraction: number) => number): [number, number][] {
  return Array.from({ length: 90 }, (_, percent) => [percent, value(percent / 100)]);
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
