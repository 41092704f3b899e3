/**
 * The curves that the stem's probability and epoch were chosen by: the best estimator's precision over each, on networks
 * of the model. Each point is the mean of a few networks.
 */
import type { Plot, Series } from '../../report/plot.ts';
import { mean, rounded } from '../../report/statistics.ts';
import type { Table } from '../../report/table.ts';
import { bayes } from '../estimators/bayes.ts';
import { counting } from '../estimators/counting.ts';
import type { Estimator } from '../estimators/estimator.ts';
import { firstSpy } from '../estimators/first-spy.ts';
import { timing } from '../estimators/timing.ts';
import type { Keeps, StemRule } from '../topology.ts';
import { makeGraph } from './graph.ts';
import type { GraphOptions } from './graph.ts';
import { runModel } from './run.ts';
import type { ModelOptions } from './run.ts';

export interface CurveContext {
  readonly nodes: number;
  readonly seed: number;
  readonly say: (text: string) => void;
}

export interface Curves {
  readonly tables: readonly Table[];
  readonly plots: readonly Plot[];
  readonly metrics: Readonly<Record<string, number>>;
}

type Point = Partial<GraphOptions> & Partial<Omit<ModelOptions, 'graph'>>;

interface Measured {
  /** By estimator. */
  readonly precision: ReadonlyMap<string, number>;
  readonly recall: ReadonlyMap<string, number>;
  readonly sure: ReadonlyMap<string, number>;
  readonly stemHops: number;
  readonly colluderFirst: number;
}

/** Networks that a point is the mean of. */
const NETWORKS = 3;
/** Enough for where a stem ended to be plain; 3,082 tell no more. */
const MESSAGES = 64;
/** Origins of a network, if a point does not say. Those of all networks together give an error of about 1 %. */
const ORIGINS = 300;
/** Origins of the points that have many activities each. */
const LINKED_ORIGINS = 100;
const LINKED_MESSAGES = 40;
const TEN_MINUTES_MS = 600_000;
/** The choice: docs/THREATS.md. */
const RULE: StemRule = { endsOneIn: 4, epochMs: TEN_MINUTES_MS, keeps: 'nothing', endsPer: 'node' };
const STRONGEST: readonly Estimator[] = [bayes, timing];

export function drawCurves(context: CurveContext): Curves {
  const { say } = context;
  const at = (point: Point): Measured => measure(context, point);
  const tables: Table[] = [];
  const plots: Plot[] = [];
  say('curve: probability that a stem ends');
  const ends = [1, 1.5, 2, 3, 4, 6, 10].map((endsOneIn) => {
    const stem = { ...RULE, endsOneIn };
    return [endsOneIn, at({ stem, estimators: [firstSpy, counting, bayes, timing] })] as const;
  });
  tables.push(tableOf('One activity, by probability (a node ends one in ...)', 'one in', ends));
  plots.push(
    plotOf(
      'stem-probability',
      'Precision on the origin of a publication, 5 % collude',
      'stems end at one node in',
      ends,
    ),
  );
  say('curve: colluders');
  const shares = [0.01, 0.05, 0.1, 0.2].map((colluderShare) => [colluderShare, at({ colluderShare })] as const);
  tables.push(tableOf('By share of colluders', 'colluders', shares));
  plots.push(plotOf('colluders', 'Precision by share of colluders', 'share of the nodes that collude', shares));
  say('curve: degree');
  const degrees = [8, 12, 16, 20].map((degree) => [degree, at({ degreeMin: degree, degreeMax: degree })] as const);
  tables.push(tableOf('By degree', 'links', degrees));
  say('curve: messages of a set');
  const sizes = [1, 3, 10, 30, 100, 300, 1_000].map((messages) => [messages, at({ messages, origins: 150 })] as const);
  tables.push(tableOf('By messages of the set', 'messages', sizes));
  plots.push(plotOf('messages', 'Precision by messages of one origin in one epoch', 'messages', sizes, 'log'));
  say('curve: epochs that fall into one publication of five minutes');
  // 150 messages, one in flight after the other with a second between them.
  const inside = [0.5, 1, 2, 5, 10, 30, 60].map((minutes) => {
    const stem = { ...RULE, epochMs: minutes * 60_000 };
    return [minutes, at({ stem, messages: 150, paceMs: 2_000, origins: LINKED_ORIGINS })] as const;
  });
  tables.push(tableOf('A publication of five minutes, by minutes of an epoch', 'minutes', inside));
  plots.push(
    plotOf('epoch-length', 'Precision on a publication that takes five minutes', 'minutes of an epoch', inside, 'log'),
  );
  say('curve: linked activities in so many epochs');
  const linked = (['nothing', 'own', 'all'] as const).map((keeps) => ({ keeps, points: linkedActivities(at, keeps) }));
  for (const { keeps, points } of linked)
    tables.push(tableOf(`Linked activities, ${KEPT[keeps]}`, 'activities', points));
  plots.push({
    name: 'linked-activities',
    title: 'Precision on an origin whose activities can be linked, 5 % collude',
    x: { label: 'activities, each in another epoch', scale: 'log' },
    y: { label: 'precision of the Bayesian estimator', scale: 'linear', min: 0, max: 1 },
    series: linked.map(({ keeps, points }) => seriesOf(KEPT[keeps], points, (one) => one.precision.get('bayes')!)),
  });
  say('variants');
  tables.push(
    tableOf(
      'Variants of the rule and of the attack',
      'variant',
      VARIANTS.map(([name, point]) => [name, at(point)] as const),
    ),
  );
  const chosen = ends.find(([endsOneIn]) => endsOneIn === RULE.endsOneIn)![1];
  return { tables, plots, metrics: { modelPrecision: rounded(chosen.precision.get('bayes')!) } };
}

const KEPT: Readonly<Record<Keeps, string>> = {
  nothing: 'a new first successor each epoch',
  own: 'the own first successor kept, relaying drawn anew',
  all: 'all draws kept',
};

const VARIANTS: readonly (readonly [string, Point])[] = [
  ['dialled successors, direction known', {}],
  ['dialled successors, direction unknown', { directionKnown: false }],
  ['any neighbour as successor', { successors: 'any' }],
  ['colluders make 40 links each: dialled', { colluderDegree: 40 }],
  ['colluders make 40 links each: any', { colluderDegree: 40, successors: 'any' }],
  ['answers let the next message go', { messages: 600 }],
  ['messages by a clock of their own', { messages: 600, paceMs: 60, window: 64 }],
  ['colluders probe who ends', { probing: true }],
  ['ends drawn for each link, probed', { probing: true, stem: { ...RULE, endsPer: 'link' } }],
];

function linkedActivities(at: (point: Point) => Measured, keeps: Keeps): (readonly [number, Measured])[] {
  const stem = { ...RULE, keeps };
  return [1, 2, 3, 5, 10, 30].map((activities) => [
    activities,
    at({ stem, activities, messages: LINKED_MESSAGES, origins: LINKED_ORIGINS, estimators: [bayes] }),
  ]);
}

function measure({ nodes, seed }: CurveContext, point: Point): Measured {
  const results = Array.from({ length: NETWORKS }, (_, index) => {
    const own = seed + 1_000 * index;
    const graph = makeGraph({
      nodes,
      degreeMin: 8,
      degreeMax: 20,
      colluderShare: 0.05,
      successors: 'dialled',
      ...point,
      seed: own,
    });
    return runModel({
      stem: RULE,
      messages: MESSAGES,
      origins: ORIGINS,
      activities: 1,
      estimators: STRONGEST,
      ...point,
      graph,
      seed: own,
    });
  });
  const average = (of: 'precision' | 'recall' | 'sure'): Map<string, number> =>
    new Map(
      [...results[0]!.scores.keys()].map((name) => [name, mean(results.map((result) => result.scores.get(name)![of]))]),
    );
  return {
    precision: average('precision'),
    recall: average('recall'),
    sure: average('sure'),
    stemHops: mean(results.flatMap((result) => result.stemHops)),
    colluderFirst: mean(results.map((result) => result.colluderFirst)),
  };
}

function tableOf(title: string, column: string, points: readonly (readonly [number | string, Measured])[]): Table {
  const names = [...(points[0]?.[1].precision.keys() ?? [])];
  return {
    title: `Model: ${title}`,
    columns: [
      column,
      'stem hops',
      'colluder first',
      ...names.flatMap((name) => [`${name} precision`, 'recall', 'sure']),
    ],
    rows: points.map(([x, one]) => [
      x,
      rounded(one.stemHops, 2),
      rounded(one.colluderFirst),
      ...names.flatMap((name) =>
        [one.precision.get(name)!, one.recall.get(name)!, one.sure.get(name)!].map((value) => rounded(value)),
      ),
    ]),
  };
}

function plotOf(
  name: string,
  title: string,
  label: string,
  points: readonly (readonly [number, Measured])[],
  scale: 'linear' | 'log' = 'linear',
): Plot {
  const names = [...points[0]![1].precision.keys()];
  return {
    name,
    title,
    x: { label, scale },
    y: { label: 'precision', scale: 'linear', min: 0 },
    series: [
      ...names.map((each) => seriesOf(each, points, (one) => one.precision.get(each)!)),
      { ...seriesOf('target', points, () => 0.1), isDashed: true },
    ],
  };
}

function seriesOf(
  name: string,
  points: readonly (readonly [number, Measured])[],
  y: (one: Measured) => number,
): Series {
  return { name, kind: 'line', points: points.map(([x, one]) => [x, y(one)] as const) };
}
