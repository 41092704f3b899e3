/** Messages of each kind that goes over the wire, for what is kept of them (wire-fixtures.ts) and for the fuzzer. A new kind without one does not type-check. */
import {
  encodeRecord,
  KIND_CONTENT,
  KIND_SLOT,
  SLOT_CLASSES,
  STATE_LIVE,
  STATE_TOMBSTONE,
} from '../../src-main/core/wire/record.ts';
import type { BlockRecord } from '../../src-main/core/wire/record.ts';
import type { TransferMessage } from '../../src-main/core/wire/transfer-messages.ts';
import type { ControlMessage } from '../../src-main/transport/hyperswarm/control.ts';
import type { PathMessage } from '../../src-main/transport/hyperswarm/path-messages.ts';
import type { RelayMessage } from '../../src-main/transport/hyperswarm/relay/messages.ts';

const counting = (length: number, first = 0): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (first + index) & 0xff);

type OfEach<Message, Name extends keyof Message> = {
  readonly [Kind in Message[Name] & string]: readonly Extract<Message, { readonly [Key in Name]: Kind }>[];
};

const ROOT = counting(32, 7);

const TRANSFERS_BY_KIND = {
  ask: [{ type: 'ask', root: ROOT }],
  offer: [
    { type: 'offer', root: ROOT, sizeBytes: 300_000, held: undefined },
    { type: 'offer', root: ROOT, sizeBytes: 300_000, held: Uint8Array.of(0b10101) },
  ],
  lack: [{ type: 'lack', root: ROOT }],
  place: [{ type: 'place', root: ROOT, place: 4, waiting: 11 }],
  go: [{ type: 'go', root: ROOT }],
  over: [{ type: 'over', root: ROOT }],
  page: [{ type: 'page', id: 9, root: ROOT, level: 10, index: 3 }],
  hashes: [{ type: 'hashes', id: 9, hashes: counting(96) }],
  fetch: [{ type: 'fetch', id: 10, root: ROOT, chunk: 200 }],
  part: [{ type: 'part', id: 10, offset: 65_536, bytes: counting(100) }],
  refuse: [{ type: 'refuse', id: 10, reason: 1 }],
  cancel: [{ type: 'cancel', id: 10 }],
  have: [{ type: 'have', root: ROOT, chunks: [0, 1, 300] }],
  sourcesAsked: [{ type: 'sourcesAsked', root: ROOT }],
  sources: [
    {
      type: 'sources',
      root: ROOT,
      sources: [
        { contact: { publicKey: counting(32) }, expiresMinutes: 5, signature: counting(64) },
        {
          contact: { publicKey: counting(32), host: '198.51.100.7', port: 49_737 },
          expiresMinutes: 6,
          signature: counting(64),
        },
      ],
    },
  ],
  browse: [
    { type: 'browse', id: 11, folder: 'Charts/1911', deep: false, after: undefined },
    { type: 'browse', id: 12, folder: '', deep: false, after: { kind: 'folder', name: 'Charts' } },
    {
      type: 'browse',
      id: 13,
      folder: 'Charts',
      deep: true,
      after: { kind: 'file', folder: '1911', name: 'a.pdf', root: ROOT },
    },
  ],
  shelf: [
    { type: 'shelf', id: 11, shelf: 'refused' },
    {
      type: 'shelf',
      id: 12,
      shelf: {
        files: 12,
        sizeBytes: 34_000,
        more: true,
        entries: [
          { kind: 'folder', name: 'Charts', files: 11, sizeBytes: 33_000 },
          { kind: 'file', root: ROOT, folder: '', name: 'a.pdf', sizeBytes: 1_000, day: 20_000 },
        ],
      },
    },
  ],
} as const satisfies { readonly [Kind in TransferMessage['type']]: readonly TransferMessage[] };

const CONTROLS_BY_KIND: OfEach<ControlMessage, 'kind'> = {
  hello: [{ kind: 'hello', instance: counting(16), port: 49_737 }],
  ready: [{ kind: 'ready' }],
  ping: [{ kind: 'ping', number: 3 }],
  pong: [{ kind: 'pong', number: 4 }],
  grant: [{ kind: 'grant', totalBytes: 1_000_000 }],
  farewell: (['unwanted', 'full', 'prefix'] as const).map((reason) => ({ kind: 'farewell', reason })),
  over: [{ kind: 'over' }],
};

const PATHS_BY_KIND: OfEach<PathMessage, 'kind'> = {
  reach: [{ kind: 'reach', port: 49_737, token: counting(16) }],
  switch: [{ kind: 'switch' }],
  lost: [{ kind: 'lost', taken: 77, grantedBytes: 1_000_000 }],
};

const RELAYS_BY_KIND: OfEach<RelayMessage, 'kind'> = {
  ask: [{ kind: 'ask', number: 2, publicKey: ROOT }],
  answer: [
    { kind: 'answer', number: 2, outcome: 'none', roundTripMs: 120 },
    ...(['off', 'stranger', 'no-link', 'busy', 'spent'] as const).map((outcome) => ({
      ...({ kind: 'answer', number: 4, roundTripMs: 0 } as const),
      outcome,
    })),
  ],
  open: [{ kind: 'open', number: 6, publicKey: ROOT }],
  offer: [{ kind: 'offer', number: 7, publicKey: counting(32) }],
  accept: [{ kind: 'accept', number: 7 }],
  data: [{ kind: 'data', number: 7, bytes: counting(100) }],
  grant: [{ kind: 'grant', number: 7, totalBytes: 1_000_000 }],
  close: (['none', 'refused', 'lost'] as const).map((outcome) => ({ kind: 'close', number: 7, outcome })),
};

export const TRANSFERS: readonly TransferMessage[] = Object.values(TRANSFERS_BY_KIND).flat();
export const CONTROLS: readonly ControlMessage[] = Object.values(CONTROLS_BY_KIND).flat();
export const PATHS: readonly PathMessage[] = Object.values(PATHS_BY_KIND).flat();
export const RELAYS: readonly RelayMessage[] = Object.values(RELAYS_BY_KIND).flat();
export const TAKEN: readonly number[] = [0, 77, 2 ** 40];

/** Records of networks whose payloads are short: the length is a parameter, and most of a long one is looked at by nobody. */
export const SHORT_PAYLOAD_BYTES = 48;

const payload = counting(SHORT_PAYLOAD_BYTES);
/** One of content, and slots of each class, live and deleted. */
export const RECORDS: readonly BlockRecord[] = [
  { kind: KIND_CONTENT, payload },
  ...SLOT_CLASSES.flatMap((slotClass) =>
    ([STATE_LIVE, STATE_TOMBSTONE] as const).map((state): BlockRecord => ({
      kind: KIND_SLOT,
      class: slotClass,
      state,
      publicKey: counting(32),
      slotId: counting(32, 3),
      version: { counter: 5, tie: counting(8) },
      signature: counting(64),
      payload,
    })),
  ),
];

export const encodeShortRecord = (record: BlockRecord): Uint8Array => encodeRecord(record, SHORT_PAYLOAD_BYTES);
