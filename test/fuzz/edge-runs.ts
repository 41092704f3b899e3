/** Runs of the fuzzers of the server's edges: so many inputs of a seed, and the first of them that breaks a property. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import fc from 'fast-check';
import { WebSocket } from 'ws';
import { BroadsideError } from '../../shared/base/errors.ts';
import { CALLS } from '../../shared/ipc/contract.ts';
import type { CallName } from '../../shared/ipc/contract.ts';
import { connectContract } from '../../shared/ipc/rpc.ts';
import type { ContractClient } from '../../shared/ipc/rpc.ts';
import { exchange, wrongWith, wrongWithAny } from './edge-checks.ts';
import type { EdgeHouse } from './edge-house.ts';
import { edgeBytes, edgeRequest } from './edge-requests.ts';
import { anyArguments } from './rpc-arguments.ts';

export interface EdgeRun {
  readonly name: string;
  /** What is wrong, and with which input; undefined when nothing was found. */
  readonly run: (house: EdgeHouse, seed: number, inputs: number) => Promise<string | undefined>;
}

/** Calls that start processes, take what all others need away, or work for as long as they are told. */
const LEFT_OUT: readonly string[] = [
  'practice.start',
  'practice.stop',
  'move.start',
  'lock.lock',
  'lock.change',
  'words.claim',
];
/** Longest that a call may take here, where there is nobody to wait for. */
const CALL_TIMEOUT_MS = 30_000;
/** Connections at once: some of them wait for what does not come. */
const AT_ONCE = 8;
/** Frames that end a socket close it within this. */
const CLOSE_TIMEOUT_MS = 8_000;

async function search<Input>(
  arbitrary: fc.Arbitrary<Input>,
  seed: number,
  inputs: number,
  wrong: (input: Input) => Promise<string | undefined>,
  show: (input: Input) => string,
): Promise<string | undefined> {
  const drawn = fc.sample(arbitrary, { seed, numRuns: inputs }).values();
  let found: string | undefined;
  const one = async (): Promise<void> => {
    for (const input of drawn) {
      if (found !== undefined) return;
      const problem = await wrong(input).catch((thrown: unknown) => String(thrown));
      // Of several at once a defect may be another's than who notices it; the seed brings all of them again.
      if (problem !== undefined) found ??= `${problem}: ${show(input)}`;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  return found;
}

/** As a vector of test/vectors/fuzz-found.json has it. */
function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

async function openSocket(house: EdgeHouse): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${house.port}/rpc`, ['broadside.1', `token.${house.token}`]);
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('error', reject);
  });
  socket.on('error', () => {}); // 'close' follows
  return socket;
}

function contractOver(socket: WebSocket): ContractClient {
  return connectContract({
    post: (text) => socket.send(text),
    onMessage: (listener) => socket.on('message', (data) => listener(String(data))),
  });
}

/** Frames of any kind behind a right handshake, without a client library between. */
const frames: fc.Arbitrary<Uint8Array> = fc
  .array(
    fc
      .record({
        first: fc.oneof(fc.constantFrom(0x81, 0x80, 0x01, 0x00, 0x82, 0x88, 0x89, 0x8a), fc.nat({ max: 255 })),
        isMasked: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, fc.constant(false)),
        payload: fc.oneof(
          fc.string({ maxLength: 60 }),
          fc.constantFrom(
            '{"m":"call","a":["status.get",null],"i":"1","t":"q"}',
            '{"t":"q","m":"__proto__","a":[],"i":{}}',
            '[]',
            'null',
            '{"t":"s","i":1,"r":{}}',
          ),
          fc.json({ maxDepth: 4 }),
        ),
        claimed: fc.option(fc.constantFrom(0, 125, 126, 65_535, 2 ** 20, 2 ** 31, 2 ** 52), { freq: 4 }),
      })
      .map(({ first, isMasked, payload, claimed }) =>
        frame(first, isMasked, new TextEncoder().encode(payload), claimed),
      ),
    { minLength: 1, maxLength: 6 },
  )
  .map((parts) => new Uint8Array(Buffer.concat(parts)));

function frame(first: number, isMasked: boolean, payload: Uint8Array, claimed: number | null): Uint8Array {
  const length = claimed ?? payload.length;
  const mask = isMasked ? randomBytes(4) : new Uint8Array(0);
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = first;
  head[1] = (isMasked ? 0x80 : 0) | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(length, 2);
  else if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  const body = isMasked ? payload.map((byte, index) => byte ^ mask[index % 4]!) : payload;
  return Buffer.concat([head, mask, body]);
}

/** Behind a handshake on a socket of our own; what the server says to it is not looked at. */
async function framesThrough(house: EdgeHouse, bytes: Uint8Array): Promise<string | undefined> {
  const socket = connect(house.port, '127.0.0.1');
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => {}); // 'close' follows
  socket.write(
    [
      'GET /rpc HTTP/1.1',
      `Host: 127.0.0.1:${house.port}`,
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      `Sec-WebSocket-Protocol: broadside.1, token.${house.token}`,
      '',
      '',
    ].join('\r\n'),
  );
  const [answer] = (await once(socket, 'data')) as [Buffer];
  if (!answer.toString('latin1').startsWith('HTTP/1.1 101 ')) return `no handshake: ${answer.toString('latin1')}`;
  socket.resume();
  socket.end(bytes);
  const timer = setTimeout(() => socket.destroy(new Error('late')), CLOSE_TIMEOUT_MS);
  await closed;
  clearTimeout(timer);
  return house.defects.length > 0 ? `a defect: ${String(house.defects[0])}` : undefined;
}

const http: EdgeRun = {
  name: 'http requests',
  run: (house, seed, inputs) =>
    search(
      edgeRequest(house),
      seed,
      inputs,
      async (request) => wrongWith(house, request, await exchange(house, request.bytes)),
      ({ bytes }) => hexOf(bytes),
    ),
};

const raw: EdgeRun = {
  name: 'http bytes',
  run: (house, seed, inputs) =>
    search(edgeBytes(house), seed, inputs, async (bytes) => wrongWithAny(house, await exchange(house, bytes)), hexOf),
};

const sockets: EdgeRun = {
  name: 'websocket frames',
  run: async (house, seed, inputs) => {
    const problem = await search(frames, seed, inputs, (bytes) => framesThrough(house, bytes), hexOf);
    if (problem !== undefined) return problem;
    // Whatever they were, the next window is served.
    (await openSocket(house)).terminate();
    return undefined;
  },
};

/** Every call, with arguments of every kind: it answers by its schema, or with a code and a sentence. */
export function rpcRun(directory: string): EdgeRun {
  const names = (Object.keys(CALLS) as CallName[]).filter((name) => !LEFT_OUT.includes(name));
  const drawn = fc
    .constantFrom(...names)
    .chain((name) => anyArguments(name, directory).map((params) => ({ name, params })));
  return {
    name: 'rpc calls',
    run: async (house, seed, inputs) => {
      const socket = await openSocket(house);
      const client = contractOver(socket);
      const wrong = ({
        name,
        params,
      }: {
        readonly name: CallName;
        readonly params: unknown;
      }): Promise<string | undefined> =>
        wrongWithCall(client, name, params).then((problem) =>
          house.defects.length > 0
            ? `a defect: ${String((house.defects[0] as Error)?.stack ?? house.defects[0])}`
            : problem,
        );
      try {
        return await search(drawn, seed, inputs, wrong, (call) => JSON.stringify(call).slice(0, 4_000));
      } finally {
        socket.terminate();
        client.close();
      }
    },
  };
}

async function wrongWithCall(client: ContractClient, name: CallName, params: unknown): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => (timer = setTimeout(resolve, CALL_TIMEOUT_MS, 'late')));
  try {
    const answer = await Promise.race([client.call(name, params as never), late]);
    return answer === 'late' ? `${name} does not answer` : undefined;
  } catch (thrown) {
    // An answer that is not by the schema is no BroadsideError.
    if (!(thrown instanceof BroadsideError))
      return `${name} answered what the contract does not have: ${String(thrown)}`;
    if (thrown.code === 'unexpected') return `${name}: ${thrown.message}`;
    return thrown.message === '' ? `${name} failed without a sentence` : undefined;
  } finally {
    clearTimeout(timer);
  }
}

/** Those that need no node behind the server. */
export const EDGE_RUNS: readonly EdgeRun[] = [http, raw, sockets];
