/** What hostile peers do, one kind at a time, as fast as they can. */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { setImmediate as turn } from 'node:timers/promises';
import type { FaultKind } from '../../shared/ipc/network-model.ts';
import { decodeRecord, KIND_SLOT } from '../../src-main/core/wire/record.ts';
import { FIRST_CREDIT_BYTES } from '../../src-main/transport/hyperswarm/credit.ts';
import { MAX_TRANSPORT_MESSAGE_BYTES } from '../../src-main/transport/limits.ts';
import type { HostileLink, HostileLinkOptions, HostileLinks, Victim } from './peer-links.ts';
import {
  asking,
  contradictions,
  fresh,
  messagesByType,
  overclaims,
  placing,
  validRecords,
  withFreshId,
} from './peer-messages.ts';
import type { MadeRecord, Said } from './peer-messages.ts';

export interface Attack {
  readonly links: HostileLinks;
  readonly victim: Victim;
  readonly seed: number;
  readonly stampBits: number;
  readonly signal: AbortSignal;
}

export interface HostileKind {
  readonly name: string;
  /** In words, for the page of results. */
  readonly about: string;
  /** The victim's statistics must tell of one of these; empty where the kind breaks no rule and only costs. */
  readonly seenAs: readonly FaultKind[];
  /** Goes on until the signal. */
  readonly run: (attack: Attack) => Promise<void>;
}

/** Links of one attacker that floods: more only share its core. */
const FLOODING = 4;
/** Those that make the victim hold something for each. */
const HOLDING = 32;
/** As many as one process can open and keep, in a minute or so. */
const THOUSANDS = 4_000;
const DIALS_AT_ONCE = 24;
/** Messages in one go, before the process reads what came. */
const BURST = 32;
/** Opening a link that is refused at once is tried again after so long. */
const REFUSED_MS = 20;
/** What all others are measured against. */
export const NOTHING = 'nothing';
const HUGE_FRAME = Buffer.alloc(15 * 2 ** 20);

/** Keeps so many links up, each driven by `drive` as soon as it stands, until the signal. */
async function keepUp(
  { links, signal }: Attack,
  count: number,
  options: HostileLinkOptions,
  drive: (link: HostileLink) => void,
): Promise<void> {
  const one = async (): Promise<void> => {
    while (!signal.aborted) {
      const link = await links.open(options);
      if (link === undefined) {
        await pause(REFUSED_MS);
        continue;
      }
      const closed = new Promise<void>((resolve) => (link.onClosed = resolve));
      drive(link);
      await Promise.race([closed, aborted(signal)]);
    }
  };
  await Promise.all(Array.from({ length: count }, one));
}

/** Says one after the other as fast as the link takes it. */
function say(link: HostileLink, signal: AbortSignal, next: () => Said): void {
  const go = (): void => {
    for (let left = BURST; left > 0; left -= 1) {
      if (signal.aborted || link.isClosed) return;
      const { channel, bytes } = next();
      // `onRoom` goes on where there is none now.
      if (!link.send(channel, bytes)) return;
    }
    setImmediate(go);
  };
  link.onRoom = go;
  go();
}

function inTurn<Item>(items: readonly Item[]): () => Item {
  let index = 0;
  return () => items[index++ % items.length]!;
}

function pause(timeoutMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, timeoutMs));
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** Streams that open and are given to `use` until they close. */
async function streams(
  { links, signal }: Attack,
  count: number,
  use: (stream: NonNullable<Awaited<ReturnType<HostileLinks['stream']>>>) => void,
): Promise<void> {
  const one = async (): Promise<void> => {
    while (!signal.aborted) {
      const stream = await links.stream();
      if (stream === undefined) {
        await pause(REFUSED_MS);
        continue;
      }
      const closed = new Promise<void>((resolve) => stream.once('close', () => resolve()));
      stream.on('data', () => {});
      use(stream);
      await Promise.race([closed, aborted(signal)]);
    }
  };
  await Promise.all(Array.from({ length: count }, one));
}

function idle({ signal }: Attack): Promise<void> {
  return aborted(signal);
}

async function packets({ links, victim, signal }: Attack): Promise<void> {
  const socket = createSocket('udp4');
  const pool = randomBytes(65_536);
  try {
    while (!signal.aborted) {
      for (let left = BURST; left > 0; left -= 1) {
        const length = 1 + Math.floor(Math.random() * 1_200);
        const at = Math.floor(Math.random() * (pool.length - length));
        socket.send(pool.subarray(at, at + length), victim.port, victim.host);
        links.tally.messages += 1;
        links.tally.bytes += length;
      }
      await turn();
    }
  } finally {
    socket.close();
  }
}

function frames(attack: Attack): Promise<void> {
  return streams(attack, FLOODING, (stream) => {
    const go = (): void => {
      if (attack.signal.aborted || stream.destroying) return;
      for (let left = BURST; left > 0; left -= 1) stream.write(randomBytes(1 + Math.floor(Math.random() * 400)));
      setImmediate(go);
    };
    go();
  });
}

function noise(attack: Attack): Promise<void> {
  const channel = inTurn(['link', 'route', 'search', 'transfer'] as const);
  return keepUp(attack, FLOODING, {}, (link) =>
    say(link, attack.signal, () => ({
      channel: channel(),
      bytes: randomBytes(1 + Math.floor(Math.random() * 400)),
    })),
  );
}

function validMessages(attack: Attack): Promise<void> {
  const all = [...messagesByType(attack.seed)].filter(([type]) => type !== 'link/hello').flatMap(([, said]) => said);
  const next = inTurn(all);
  return keepUp(attack, FLOODING, {}, (link) => say(link, attack.signal, () => withFreshId(next())));
}

function validBlocks(attack: Attack): Promise<void> {
  // New ones all the time, so that they are written and not only found to be there.
  let seed = attack.seed;
  let made: MadeRecord[] = [];
  let count = 0;
  return keepUp(attack, FLOODING, {}, (link) =>
    say(link, attack.signal, () => {
      if (count % (made.length || 1) === 0) made = validRecords((seed += 1), attack.stampBits);
      count += 1;
      return placing(made[count % made.length]!, count);
    }),
  );
}

/** Has blocks stored, and asks for them again and again without ever taking an answer. */
async function slowReading(attack: Attack): Promise<void> {
  const made = validRecords(attack.seed, attack.stampBits);
  const first = await attack.links.open();
  for (const [index, record] of made.entries()) {
    const { channel, bytes } = placing(record, 3 * index);
    first?.send(channel, bytes);
  }
  const wanted = made.map((record) => ({ address: record.address, isSlot: isSlot(record) }));
  const next = inTurn(wanted);
  let count = 0;
  await keepUp(attack, HOLDING, { readsNothing: true }, (link) =>
    say(link, attack.signal, () => {
      const { address, isSlot: slot } = next();
      count += 1;
      return asking(address, slot, 1 + 3 * count);
    }),
  );
}

function isSlot({ record }: MadeRecord): boolean {
  const decoded = decodeRecord(record);
  return decoded.ok && decoded.value.kind === KIND_SLOT;
}

function manyLinks(attack: Attack, targetLinks: number): Promise<void> {
  let dialling = 0;
  const { links, signal } = attack;
  const open = async (): Promise<void> => {
    dialling += 1;
    const link = await links.open({ targetLinks });
    dialling -= 1;
    if (link === undefined) await pause(REFUSED_MS);
  };
  return (async () => {
    while (!signal.aborted) {
      while (dialling < DIALS_AT_ONCE && links.standing + dialling < THOUSANDS) void open();
      await pause(1);
    }
  })();
}

function oversized(attack: Attack): Promise<void> {
  const claims = overclaims(attack.seed);
  const next = inTurn(claims);
  const inMessages = keepUp(attack, FLOODING, {}, (link) => say(link, attack.signal, next));
  const inFrames = streams(attack, 1, (stream) => void stream.write(HUGE_FRAME));
  const beyond = keepUp(attack, 1, {}, (link) => {
    link.force('route', new Uint8Array(MAX_TRANSPORT_MESSAGE_BYTES + 1));
  });
  return Promise.all([inMessages, inFrames, beyond]).then(() => {});
}

/** More than the victim granted. */
function overrun(attack: Attack): Promise<void> {
  return keepUp(attack, FLOODING, {}, (link) => {
    const bytes = new Uint8Array(FIRST_CREDIT_BYTES / 2);
    const go = (): void => {
      if (attack.signal.aborted || link.isClosed) return;
      for (let left = BURST; left > 0; left -= 1) link.force('search', bytes);
      setImmediate(go);
    };
    go();
  });
}

function replayed(attack: Attack): Promise<void> {
  const [record] = validRecords(attack.seed, attack.stampBits);
  const [one, other, address] = [fresh(), fresh(), fresh()];
  const nowhere = new Uint8Array([...address, ...fresh()]);
  let count = 0;
  return keepUp(attack, FLOODING, {}, (link) =>
    say(link, attack.signal, () => {
      count += 1;
      return count % 4 === 0 ? placing(record!, 1, one) : asking(nowhere, count % 2 === 0, 1, other);
    }),
  );
}

function contradicting(attack: Attack): Promise<void> {
  const next = inTurn(contradictions(attack.seed, attack.stampBits));
  let count = 0;
  return keepUp(attack, FLOODING, {}, (link) =>
    say(link, attack.signal, () => placing(next(), Math.floor((count += 1) / 2))),
  );
}

const silent: readonly HostileKind[] = [
  {
    name: 'half-open: streams',
    about: 'opens streams and says nothing on them',
    seenAs: ['handshake', 'crowded'],
    run: (attack) => streams(attack, 4 * HOLDING, () => {}),
  },
  {
    name: 'half-open: streams that end at once',
    about: 'opens streams, each with a key of its own, and ends them as soon as they are open',
    seenAs: [],
    run: (attack) => streams(attack, HOLDING, (stream) => stream.destroy()),
  },
  {
    name: 'half-open: links',
    about: 'makes links and never says hello to the node',
    seenAs: ['no-hello', 'no-room'],
    run: (attack) => keepUp(attack, 4 * HOLDING, { greets: false }, () => {}),
  },
  {
    name: 'half-open: neighbours',
    about: 'becomes a neighbour and answers nothing',
    seenAs: [],
    run: (attack) => keepUp(attack, HOLDING, {}, () => {}),
  },
];

/** Floods of one type each; none of a type that honest nodes do not send at any time breaks a rule by its form. */
function floods(seed: number): HostileKind[] {
  return [...messagesByType(seed)].map(([type, samples]) => ({
    name: `flood: ${type}`,
    about: `says ${type.split('/')[1]} on the channel ${type.split('/')[0]} again and again`,
    seenAs: [],
    run: (attack) => {
      const next = inTurn(samples);
      return keepUp(attack, FLOODING, {}, (link) => say(link, attack.signal, () => withFreshId(next())));
    },
  }));
}

/** All kinds, in the order in which they are tried. */
export function hostileKinds(seed: number): readonly HostileKind[] {
  return [
    { name: NOTHING, about: 'does nothing: what the machine and honest work cost', seenAs: [], run: idle },
    { name: 'garbage: packets', about: 'sends random packets to the port', seenAs: [], run: packets },
    {
      name: 'garbage: frames',
      about: 'sends random frames on streams',
      seenAs: ['broken-frames', 'oversized'],
      run: frames,
    },
    { name: 'garbage: messages', about: 'says random bytes on links', seenAs: ['garbage'], run: noise },
    {
      name: 'valid garbage: messages',
      about: 'says every message there is, in the right form and with random content',
      seenAs: ['garbage'],
      run: validMessages,
    },
    {
      name: 'valid garbage: blocks',
      about: 'has blocks of nothing stored, and slots of keys that it made up',
      // Each with its stamp, and within the budget of a day: it breaks no rule.
      seenAs: [],
      run: validBlocks,
    },
    {
      name: 'slow reading',
      about: 'asks for blocks and takes no answer',
      seenAs: ['too-slow', 'overload'],
      run: slowReading,
    },
    ...silent,
    {
      name: 'thousands of links',
      about: 'makes as many links as it can, each with a key of its own',
      seenAs: ['no-room', 'crowded'],
      run: (attack) => manyLinks(attack, 16),
    },
    {
      name: 'thousands of links beside routing',
      about: 'the same, of which none wants to be a neighbour',
      seenAs: ['no-room', 'crowded'],
      run: (attack) => manyLinks(attack, 0),
    },
    {
      name: 'oversized claims',
      about: 'claims lengths and counts that are not there, and sends what is too long',
      seenAs: ['oversized', 'garbage'],
      run: oversized,
    },
    {
      name: 'beyond the credit',
      about: 'sends more than it was granted',
      seenAs: ['overrun', 'garbage'],
      run: overrun,
    },
    { name: 'replayed ids', about: 'asks under the same ids again and again', seenAs: ['repeated'], run: replayed },
    {
      name: 'contradictory slots',
      about: 'has two signed slots of one version stored, in turn',
      seenAs: ['contradiction'],
      run: contradicting,
    },
    ...floods(seed),
  ];
}
