/** How often colluding nodes find the origin of messages, by every estimator known, and what the stem costs. */
import { bestOf, solve } from '../anonymity/solve.ts';
import { runBursts } from '../anonymity/engine/bursts.ts';
import type { BurstResult, Work } from '../anonymity/engine/bursts.ts';
import { changedLinks, knownNetwork } from '../anonymity/engine/known-network.ts';
import { ESTIMATORS } from '../anonymity/estimators/all.ts';
import { drawCurves } from '../anonymity/model/curves.ts';
import { runModel } from '../anonymity/model/run.ts';
import type { Graph } from '../anonymity/model/graph.ts';
import { RouteBook } from '../anonymity/routes.ts';
import type { Score } from '../anonymity/scoring.ts';
import { honestNodes } from '../anonymity/topology.ts';
import type { Adversary, StemRule } from '../anonymity/topology.ts';
import { Network } from '../engine/network.ts';
import { build } from '../engine/topology.ts';
import { runOf } from '../experiment.ts';
import type { Experiment } from '../experiment.ts';
import { mean, median, rounded } from '../report/statistics.ts';
import type { Table } from '../report/table.ts';
import { makeContent } from '../workloads/records.ts';
import { topologyNote, topologyOf, topologyOption } from './topology-option.ts';

/** Single messages of all origins begin over so long: an epoch's fifth. */
const SINGLE_SPREAD_MS = 120_000;
/** Publishers begin over a whole epoch, so that each meets another part of the others' epochs. */
const BULK_SPREAD_MS = 600_000;
/** Messages that a publisher or reader has under way (services/flow/window.ts, FIRST_WINDOW). */
const WINDOW = 16;

export const anonymity: Experiment = {
  name: 'anonymity',
  about: 'how often colluding nodes find the origin of requests and inserts, an estimator a row',
  nodes: 1_000,
  options: {
    colluders: { kind: 'number', about: 'share of the nodes that collude', default: 0.05, min: 0.001, max: 0.5 },
    bulk: { kind: 'flag', about: 'many messages of one origin, as of a publication, in place of one', default: false },
    messages: { kind: 'number', about: 'messages of one origin with --bulk', default: 64, min: 2, isWhole: true },
    origins: {
      kind: 'number',
      about: 'origins with --bulk; without, all that are honest',
      default: 300,
      min: 1,
      isWhole: true,
    },
    ends: { kind: 'number', about: 'stems end at one node in so many; 0: as the network has it', default: 0, min: 0 },
    pace: {
      kind: 'number',
      about: 'with --bulk: milliseconds between messages of an origin, by a clock without memory; 0: as a node does it',
      default: 0,
      min: 0,
    },
    answers: { kind: 'flag', about: 'with --bulk: messages go when answers come, without any clock', default: false },
    curves: {
      kind: 'flag',
      about: 'also the curves over probability, epochs, degree and colluders, by the model',
      default: false,
    },
    topology: topologyOption('placed'),
  },
  run(context) {
    const { nodes, seed, number, flag, say } = context;
    const topology = topologyOf(context);
    const parameters = number('ends') > 0 ? { stemEndsOneIn: number('ends') } : {};
    const network = new Network({ seed, nodes, parameters });
    const random = network.newRandom(20);
    build(network, topology);
    const colluding = drawColluders(nodes, number('colluders'), random.below.bind(random));
    const before = knownNetwork(network, colluding);
    const works = makeWorks(
      network,
      colluding,
      flag('bulk') ? number('messages') : 1,
      flag('bulk') ? number('origins') : nodes,
    );
    say(`${nodes} nodes, ${colluding.reduce((a, b) => a + b, 0)} collude; ${works.length} origins insert`);
    const spreadMs = flag('bulk') ? BULK_SPREAD_MS : SINGLE_SPREAD_MS;
    const pace = !flag('bulk') || flag('answers') ? 'answers' : number('pace') > 0 ? number('pace') : 'clock';
    const options = { network, random, colluding, window: WINDOW, spreadMs, pace } as const;
    const inserts = runBursts({ ...options, purpose: 'insert' }, works);
    say(`${rounded(inserts.success, 4)} stored; as many read what another published`);
    for (const node of network.nodes) node.store.clearCache();
    const halfway = knownNetwork(network, colluding);
    const requests = runBursts(
      { ...options, purpose: 'request' },
      works.map((work, index) => ({
        origin: work.origin,
        records: works[(index + 1) % works.length]!.records,
      })),
    );
    const after = knownNetwork(network, colluding);
    const rule: StemRule = {
      endsOneIn: network.parameters.stemEndsOneIn,
      epochMs: network.parameters.stemEpochMs,
      keeps: 'all',
      endsPer: 'link',
    };
    say('estimating');
    const maxHtl = network.parameters.maxHtl;
    const judge = (result: BurstResult, graph: Graph): Map<string, Score> => {
      const adversary: Adversary = { ...graph, stem: rule, maxHtl };
      const routes = new RouteBook(graph.topology, colluding, result.places, maxHtl);
      return solve(result.posed, adversary, routes, ESTIMATORS, random);
    };
    const scores = { inserts: judge(inserts, before), requests: judge(requests, halfway) };
    const modelOf = (stem: StemRule | undefined): ReadonlyMap<string, Score> =>
      runModel({
        graph: before,
        seed,
        stem,
        messages: works[0]!.records.length,
        origins: works.length,
        activities: 1,
        ...(number('pace') > 0 ? { paceMs: number('pace'), window: 64 } : {}),
      }).scores;
    say('the same network in the model, with the stem and without');
    const model = { stem: modelOf(rule), without: modelOf(undefined) };
    const curves = flag('curves') ? drawCurves({ nodes, seed, say }) : { tables: [], plots: [], metrics: {} };
    const best = { inserts: bestOf(scores.inserts)!, requests: bestOf(scores.requests)! };
    const stemHops = [...inserts.stemHops, ...requests.stemHops];
    const costs = {
      stemCostHops: median(stemHops),
      stemCostHopsMean: rounded(mean(stemHops), 2),
      stemCostMs: rounded(2 * median([...inserts.stemMs, ...requests.stemMs]), 1),
      tookMedianMs: rounded(median([...inserts.tookMs, ...requests.tookMs]), 1),
    };
    return {
      runs: [runOf(network)],
      metrics: {
        ...costs,
        colluders: number('colluders'),
        stemEndsOneIn: rule.endsOneIn,
        bestPrecision: rounded(Math.max(best.inserts.score.precision, best.requests.score.precision)),
        successInserts: rounded(inserts.success),
        successRequests: rounded(requests.success),
        linksChanged: rounded(changedLinks(before, after)),
        estimators: worseOf(scores.inserts, scores.requests),
        inserts: metricsOf(scores.inserts),
        requests: metricsOf(scores.requests),
        modelStem: metricsOf(model.stem),
        modelWithoutStem: metricsOf(model.without),
        ...curves.metrics,
      },
      tables: [
        tableOf('Inserts', scores.inserts),
        tableOf('Requests', scores.requests),
        tableOf('Model of the same network, with the stem', model.stem),
        tableOf('Model of the same network, without a stem', model.without),
        { title: 'Cost of the stem', columns: ['', 'value'], rows: Object.entries(costs) },
        ...curves.tables,
      ],
      plots: curves.plots,
      notes: [
        topologyNote(topology),
        'Precision and recall by Dandelion’s definition, averaged over the origins; a message that tells nothing is mapped to an honest node at random.',
        'first hop: recall where the origin handed the message to a colluder itself. sure: share of the origins for which the estimator holds itself right with 1/2 or more, and how often it is.',
        'The colluders know every link, who dialled it, its latency, all addresses of the set, the rule and its probability.',
        'Without a stem there is the model only: the core always has one.',
      ],
    };
  },
};

function drawColluders(nodes: number, share: number, below: (bound: number) => number): Uint8Array {
  const colluding = new Uint8Array(nodes);
  for (let left = Math.max(1, Math.round(nodes * share)); left > 0;) {
    const node = below(nodes);
    if (colluding[node] === 1) continue;
    colluding[node] = 1;
    left -= 1;
  }
  return colluding;
}

function makeWorks(network: Network, colluding: Uint8Array, messages: number, origins: number): Work[] {
  const random = network.newRandom(21);
  const honest = random.shuffle(honestNodes(colluding));
  return honest.slice(0, origins).map((origin) => ({
    origin,
    records: Array.from({ length: messages }, () => makeContent(network, random)),
  }));
}

function metricsOf(scores: ReadonlyMap<string, Score>): Record<string, Record<string, number>> {
  return Object.fromEntries(
    [...scores].map(([name, score]) => [
      name,
      Object.fromEntries(Object.entries(score).map(([key, value]) => [key, rounded(value as number)])),
    ]),
  );
}

/** An estimator a row, the higher of the figures for inserts and for requests. */
function worseOf(
  a: ReadonlyMap<string, Score>,
  b: ReadonlyMap<string, Score>,
): { estimator: string; precision: number; recall: number }[] {
  return [...a].map(([estimator, score]) => ({
    estimator,
    precision: rounded(Math.max(score.precision, b.get(estimator)!.precision)),
    recall: rounded(Math.max(score.recall, b.get(estimator)!.recall)),
  }));
}

function tableOf(title: string, scores: ReadonlyMap<string, Score>): Table {
  return {
    title,
    columns: ['estimator', 'precision', 'recall', 'first hop', 'otherwise', 'sure', 'of those right'],
    rows: [...scores].map(([name, score]) => [
      name,
      ...[
        score.precision,
        score.recall,
        score.recallColluderFirst,
        score.recallOtherwise,
        score.sure,
        score.sureRight,
      ].map((value) => rounded(value)),
    ]),
  };
}
