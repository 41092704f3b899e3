/** Recall against messages of a search: Broadside's own hubs, and flood, expanding ring and walkers among nodes without hubs. */
import type { SearchOptions } from '../../../src-main/core/search/effects.ts';
import { Network } from '../engine/network.ts';
import type { SimRandom } from '../engine/random.ts';
import { runOf } from '../experiment.ts';
import type { Experiment, ExperimentContext } from '../experiment.ts';
import { mean, median, quantile, rounded } from '../report/statistics.ts';
import { Catalogue, FILES_OF_SHARER } from '../search/catalogue.ts';
import type { Asked } from '../search/catalogue.ts';
import { SearchTraffic } from '../search/search-traffic.ts';
import { Searching } from '../search/searching.ts';
import type { Found } from '../search/searching.ts';
import { settle } from '../search/standing.ts';

/** How the strategies go: hops of a flood and of the widest ring, as far as a thousand nodes need; steps of each of eight walkers. */
const WITHOUT_HUBS: Readonly<Record<string, SearchOptions['withoutHubs']>> = {
  flood: { way: 'flood', hops: 6 },
  ring: { way: 'ring', hops: 5 },
  walk: { way: 'walker', hops: 32 },
};
/** What a person looks through. */
const WANTED = 250;
const TIMEOUT_MS = 10_000;
/** Of a hundred queries: those for which there is nothing (as the design asks), and for what exists once. Guess. */
const NOTHING_OF_100 = 40;
const RARE_OF_100 = 20;
/** Links of a node for routing, by which queries go without hubs: Gnutella's peers had 3.4 in the mean (Ripeanu, Foster 2002). */
const ROUTING_LINKS = 5;
/** Searches a second in the whole network while it is measured, and how long answers may be on their way behind the end of one. */
const SEARCHES_A_SECOND = 5;
const AFTER_MS = 1_000;
/** Searches of one person: one in ten minutes while the program runs. Guess. */
const SEARCH_EVERY_S = 600;

export const search: Experiment = {
  name: 'search',
  about:
    'what a search finds of what is there, and what it costs: among hubs, or by flood, ring and walkers without them',
  nodes: 1_000,
  options: {
    strategy: {
      kind: 'text',
      about: 'broadside: hubs; the others: no hubs',
      default: 'broadside',
      choices: ['broadside', 'flood', 'ring', 'walk'],
    },
    queries: { kind: 'number', about: 'searches', default: 300, min: 10, isWhole: true },
    leaves: {
      kind: 'number',
      about: 'leaves that a hub takes; 0: as in the public network',
      default: 0,
      min: 0,
      max: 8_192,
      isWhole: true,
    },
    files: {
      kind: 'number',
      about: 'files of who shares, in the mean',
      default: FILES_OF_SHARER,
      min: 1,
      max: 10_000,
      isWhole: true,
    },
    quiet: {
      kind: 'number',
      about: 'seconds in which nobody searches, by which upkeep is measured',
      default: 30,
      min: 1,
      isWhole: true,
    },
  },
  run(context) {
    const { nodes, say } = context;
    const strategy = context.text('strategy');
    const withoutHubs = WITHOUT_HUBS[strategy];
    const stand = standOf(context, withoutHubs);
    const { network, searching, traffic } = stand;
    const quietSeconds = context.number('quiet');
    const hubs = settle(network, searching, withoutHubs === undefined, quietSeconds);
    say(`${nodes} nodes stand, ${hubs} of them hubs, after ${Math.round(network.nowMs / 1_000)} s`);
    const upkeep = traffic.since(network.nowMs - quietSeconds * 1_000, network.nowMs);

    const before = traffic.bytesOfQueries;
    const found = askAll(stand, context.number('queries'));
    const perSearch = (traffic.bytesOfQueries - before) / found.length;
    const measured = measure(found);
    const hubNodes = network.nodes.filter((node) => node.core.search()?.role === 'hub');
    const metrics = {
      strategy,
      ...measured,
      hubs,
      leavesPerHub: rounded(mean(hubNodes.map((node) => node.core.search()!.leaves)), 1),
      upkeepBytesPerSecond: rounded(upkeep.bytesPerSecond / nodes, 1),
      leafUpkeepBytesPerSecond: rounded(upkeep.ofLeaf, 1),
      searchBytes: Math.round(perSearch),
      searchBytesPerNodeSecond: rounded(perSearch / SEARCH_EVERY_S, 2),
    };
    return {
      runs: [runOf(network)],
      metrics,
      tables: [
        { title: `Searches, ${strategy}`, columns: ['metric', 'value'], rows: Object.entries(metrics) },
        { title: 'By what there was', columns: KIND_COLUMNS, rows: byKind(found) },
      ],
      plots: [recallPlot(found, nodes, strategy)],
      notes: [
        `Every node shares files drawn by Zipf popularity (exponent 0.9); a quarter share nothing, the others ${context.number('files')} files in the mean. Names have four words by Zipf.`,
        `Of 100 queries ${NOTHING_OF_100} match nothing, ${RARE_OF_100} all the words of what exists once, the others one to three words of a name drawn by popularity.`,
        'recall: distinct contents found of those that match and are shared by anybody, or of the 250 that are wanted if there are more; mean over the queries that match. messages: everything sent on the channel for the query, both ways.',
        withoutHubs === undefined
          ? 'Hubs: as many as are needed, chosen among the nodes that can be dialled; leaves find them and bring their lists by the protocol.'
          : 'No hubs: each node answers from its own files.',
        `Routing is kept small here (${ROUTING_LINKS} links a node, about as many as peers of Gnutella had), for hubs use it only to meet.`,
        `Upkeep: bytes on the channel a second and node while nobody searches; a node searches every ${SEARCH_EVERY_S} s.`,
      ],
    };
  },
};

interface Stand {
  readonly network: Network;
  readonly searching: Searching;
  readonly catalogue: Catalogue;
  readonly random: SimRandom;
  readonly traffic: SearchTraffic;
}

function standOf(context: ExperimentContext, withoutHubs: SearchOptions['withoutHubs']): Stand {
  const { nodes, seed } = context;
  const leaves = context.number('leaves');
  const parameters = { searchLookMs: 2_000, hubAfterMs: 0, ...(leaves > 0 && { leavesOfHub: leaves }) };
  const optionsOf = (node: Parameters<Searching['optionsOf']>[0]): SearchOptions => ({
    hubWish: () => (searching.isHub(node) ? 'always' : 'never'),
    address: () => (node.isBehindNat ? undefined : { host: node.host, port: node.port }),
    ...(withoutHubs && { withoutHubs }),
  });
  const contents = new Network({ seed, nodes: 0 }).newRandom(20);
  const catalogue = new Catalogue(contents, nodes, context.number('files'));
  const searching: Searching = new Searching(catalogue, optionsOf);
  const network = new Network({ seed, nodes, search: searching, parameters, targetLinks: ROUTING_LINKS });
  const traffic = new SearchTraffic(network);
  return { network, searching, catalogue, random: network.newRandom(21), traffic };
}

function drawn(catalogue: Catalogue, random: SimRandom): Asked {
  const lot = random.below(100);
  if (lot < NOTHING_OF_100) return catalogue.queryForNothing();
  return lot < NOTHING_OF_100 + RARE_OF_100 ? catalogue.queryForRare() : catalogue.queryForPopular();
}

/** Searches of different nodes at times of chance, so many a second, each followed by its id. */
function askAll({ network, searching, catalogue, random, traffic }: Stand, count: number): Found[] {
  const found: Found[] = [];
  const asking = new Set<number>();
  let ended = 0;
  let atMs = network.nowMs;
  for (let index = 0; index < count; index += 1) {
    atMs += random.exponential(1_000 / SEARCHES_A_SECOND);
    network.at(atMs, () => {
      let node = random.pick(network.nodes);
      while (asking.has(node.index)) node = random.pick(network.nodes);
      asking.add(node.index);
      const cost = { messages: 0 };
      traffic.follow(node.index, cost);
      const one = searching.start(network, node, drawn(catalogue, random), WANTED, TIMEOUT_MS, (done) => {
        ended += 1;
        // What is still on its way is part of the cost.
        network.later(AFTER_MS, () => {
          done.messages = cost.messages;
          traffic.unfollow(node.index);
          asking.delete(node.index);
        });
      });
      found.push(one);
    });
  }
  network.runUntil(() => ended === count, atMs - network.nowMs + 2 * TIMEOUT_MS);
  network.runFor(2 * AFTER_MS);
  return found;
}

function recallOf({ asked, contents }: Found): number {
  return Math.min(1, contents.size / Math.min(WANTED, asked.matching.size));
}

function measure(found: readonly Found[]) {
  const matching = found.filter(({ asked }) => asked.matching.size > 0);
  const rare = matching.filter(({ asked }) => asked.matching.size === 1);
  const nothing = found.filter(({ asked }) => asked.matching.size === 0);
  const messages = (some: readonly Found[]): number[] => some.map((one) => one.messages);
  const took = (some: readonly Found[]): number[] => some.map(({ startedMs, endedMs }) => endedMs - startedMs);
  return {
    recall: rounded(mean(matching.map(recallOf)), 4),
    messagesMedian: median(messages(found)),
    messagesP99: quantile(messages(found), 0.99),
    rareRecall: rounded(mean(rare.map(recallOf)), 4),
    messagesMedianMatching: median(messages(matching)),
    messagesP99Matching: quantile(messages(matching), 0.99),
    messagesMaxRare: Math.max(0, ...messages(rare)),
    messagesMaxNothing: Math.max(0, ...messages(nothing)),
    secondsMaxNothing: rounded(Math.max(0, ...took(nothing)) / 1_000, 2),
    firstHitMedianMs: Math.round(
      median(matching.flatMap(({ firstMs, startedMs }) => (firstMs === undefined ? [] : [firstMs - startedMs]))),
    ),
    endMedianMs: Math.round(median(took(found))),
  };
}

const KIND_COLUMNS = ['contents that match', 'searches', 'recall', 'messages, median', 'messages, most'];

function byKind(found: readonly Found[]): (string | number)[][] {
  const classes: readonly (readonly [string, number, number])[] = [
    ['none', 0, 0],
    ['one', 1, 1],
    ['2 ... 10', 2, 10],
    ['11 ... 100', 11, 100],
    ['more', 101, Number.POSITIVE_INFINITY],
  ];
  return classes.flatMap(([name, least, most]) => {
    const some = found.filter(({ asked }) => asked.matching.size >= least && asked.matching.size <= most);
    if (some.length === 0) return [];
    const recall = least === 0 ? '' : rounded(mean(some.map(recallOf)), 4);
    const messages = some.map((one) => one.messages);
    return [[name, some.length, recall, median(messages), Math.max(...messages)]];
  });
}

/** Share of the searches whose recall is at least 95 %, within so many messages. */
function recallPlot(found: readonly Found[], nodes: number, strategy: string) {
  const matching = found.filter(({ asked }) => asked.matching.size > 0);
  const most = Math.max(1, ...matching.map((one) => one.messages));
  const steps = Array.from({ length: 41 }, (_, index) => Math.ceil(most ** (index / 40)));
  const share = (limit: number): number =>
    matching.filter((one) => one.messages <= limit && recallOf(one) >= 0.95).length / Math.max(1, matching.length);
  return {
    name: `search-${strategy}-${nodes}`,
    title: `Searches that found 95 % within so many messages, ${nodes.toLocaleString('en')} nodes, ${strategy}`,
    x: { label: 'messages', scale: 'log' as const },
    y: { label: 'share of the searches that match', scale: 'linear' as const },
    series: [
      {
        name: strategy,
        kind: 'line' as const,
        points: [...new Set(steps)].map((limit) => [limit, share(limit)] as const),
      },
    ],
  };
}
