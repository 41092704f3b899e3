/** Sends bytes to the server, reads what comes back as strictly as nobody does, and says what is wrong with it. */
import { connect } from 'node:net';
import type { EdgeHouse } from './edge-house.ts';
import type { EdgeRequest } from './edge-requests.ts';

/** What the server may answer: content.ts, server.ts and Node's own parser. 500 is a defect, whoever asked for what. */
const STATUSES = new Set([200, 204, 206, 301, 302, 304, 400, 403, 404, 405, 408, 413, 416, 417, 426, 431, 503, 507]);
/** Without an answer and without an end: longer than the server takes for anything but slow headers. */
const ANSWER_TIMEOUT_MS = 8_000;
/** Nothing more comes after this: answers come in one go. */
const SILENCE_MS = 40;
/** A request that is whole is answered by then. */
const UNANSWERED_MS = 1_500;
/** Answers to one request. */
const MAX_ANSWER_BYTES = 4 * 1_048_576;

export interface EdgeAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** What came back: one whole answer, or all until the connection ended or fell silent. */
export function exchange(house: EdgeHouse, bytes: Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(house.port, '127.0.0.1');
    let text = '';
    let silence: NodeJS.Timeout | undefined;
    const end = (): void => {
      clearTimeout(timer);
      clearTimeout(silence);
      socket.destroy();
      resolve(text);
    };
    const fail = (why: string): void => {
      clearTimeout(timer);
      clearTimeout(silence);
      socket.destroy();
      reject(new Error(`${why}; so far ${JSON.stringify(text.slice(0, 200))}`));
    };
    const timer = setTimeout(() => fail('neither an answer nor an end'), ANSWER_TIMEOUT_MS);
    // What is no whole request is ended by its sender; not before, for Node ends a connection whose sender has ended its half.
    const half = setTimeout(() => socket.end(), UNANSWERED_MS);
    socket.on('data', (part) => {
      clearTimeout(half);
      clearTimeout(silence);
      text += part.toString('latin1');
      if (text.length > MAX_ANSWER_BYTES) fail('the answer does not end');
      else if (isOneWhole(text)) end();
      else silence = setTimeout(end, SILENCE_MS);
    });
    socket.on('close', () => {
      clearTimeout(half);
      end();
    });
    socket.on('error', end);
    socket.write(bytes);
  });
}

/** By its length, with which all answers but those to HEAD come whole. */
function isOneWhole(text: string): boolean {
  const head = text.indexOf('\r\n\r\n');
  const length = /^content-length: ([0-9]+)\r$/im.exec(text.slice(0, head + 2))?.[1];
  return head > 0 && length !== undefined && text.length >= head + 4 + Number(length);
}

/** Answers as they stand in what came back, one after the other; undefined where that is no HTTP. */
export function readAnswers(text: string): EdgeAnswer[] | undefined {
  const answers: EdgeAnswer[] = [];
  let rest = text;
  while (rest !== '') {
    const head = /^HTTP\/1\.1 ([0-9]{3}) [^\r\n]*\r\n((?:[!-9;-~]+: ?[^\r\n]*\r\n)*)\r\n/.exec(rest);
    if (head === null) return undefined;
    const headers = new Map<string, string>();
    for (const line of head[2]!.split('\r\n').filter((each) => each !== '')) {
      const colon = line.indexOf(':');
      headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
    }
    rest = rest.slice(head[0].length);
    const status = Number(head[1]);
    // What belongs to which answer cannot be told where they were to be several: who asks for one alone looks at it.
    const next = /HTTP\/1\.1 [0-9]{3} /.exec(rest);
    const body = next === null ? rest : rest.slice(0, next.index);
    rest = rest.slice(body.length);
    if (status >= 200) answers.push({ status, headers, body });
  }
  return answers;
}

/** What is wrong with what came back for bytes of any kind; undefined when nothing is. */
export function wrongWithAny(house: EdgeHouse, text: string): string | undefined {
  if (house.defects.length > 0) return `a defect: ${String((house.defects[0] as Error)?.stack ?? house.defects[0])}`;
  if (text.includes(house.token)) return 'it tells the token';
  if (text.includes('mark-of-the-disk')) return 'it tells what lies on the disk';
  const answers = readAnswers(text);
  if (answers === undefined) return `no HTTP: ${JSON.stringify(text.slice(0, 300))}`;
  for (const { status, headers } of answers) {
    if (!STATUSES.has(status)) return `status ${status}`;
    for (const name of ['access-control-allow-origin', 'set-cookie', 'x-powered-by', 'server'])
      if (headers.has(name)) return `it says ${name}`;
  }
  return undefined;
}

/** What is wrong with what came back for one request; undefined when nothing is. */
export function wrongWith(house: EdgeHouse, request: EdgeRequest, text: string): string | undefined {
  const wrong = wrongWithAny(house, text);
  if (wrong !== undefined) return wrong;
  const [answer] = readAnswers(text)!;
  if (answer === undefined) return request.isWhole ? 'no answer' : undefined;
  const origin = house.origins.find(({ label }) => label === request.site);
  for (const mark of house.marks)
    if (mark !== origin?.mark && text.includes(mark)) return `bytes of ${mark} for ${request.site ?? 'nobody'}`;
  if (origin !== undefined && [200, 204, 206, 301, 302, 304].includes(answer.status)) {
    if (!answer.headers.get('content-security-policy')?.includes("default-src 'none'"))
      return 'content without a policy';
    if (answer.headers.get('x-content-type-options') !== 'nosniff') return 'content that may be sniffed';
  }
  return undefined;
}
