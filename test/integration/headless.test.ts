/** The daemon's server against what a web site or another program on this machine could try. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { WebSocket } from 'ws';
import { BroadsideError } from '../../shared/base/errors.ts';
import { connectContract } from '../../shared/ipc/rpc.ts';
import { HEADERS_TIMEOUT_MS } from '../../src-main/host/headless/server.ts';
import type { HeadlessServer } from '../../src-main/host/headless/server.ts';
import { MAX_MESSAGE_BYTES, MAX_SOCKETS } from '../../src-main/host/headless/rpc-socket.ts';
import { TOKEN, headless } from '../support/headless.ts';
import { servedPublication } from '../support/served-publication.ts';

const LABEL = 'a'.repeat(52);
const VIEWER = 'b'.repeat(52);

let server: HeadlessServer;
let directory: string;
const received = new Map<string, string>();
const ranges = new Map<string, { from: number | undefined; sizeBytes: number | undefined }>();

before(async () => {
  directory = mkdtempSync(join(tmpdir(), 'broadside-headless-'));
  mkdirSync(join(directory, 'renderer', 'assets'), { recursive: true });
  writeFileSync(join(directory, 'secret.txt'), 'secret');
  writeFileSync(join(directory, 'renderer', 'index.html'), `<!doctype html><title>App</title>${'x'.repeat(2000)}`);
  writeFileSync(join(directory, 'renderer', 'assets', 'main-Abc_1234.js'), 'export {};');
  const publication = servedPublication({ 'a.txt': { type: 'text/plain', body: 'public to whoever holds the label' } });
  server = await headless({
    rendererDirectory: join(directory, 'renderer'),
    origins: {
      [LABEL]: { kind: 'content', publication, viewerLabel: VIEWER },
      [VIEWER]: { kind: 'viewer', publication, viewerLabel: VIEWER },
    },
    contract: {
      handlers: { 'jobs.list': () => [], 'config.get': () => ({ links: 16 }) } as never,
      on: () => () => {},
    },
    receive: async (staging, path, body, { from, sizeBytes }) => {
      ranges.set(`${staging} ${path}`, { from, sizeBytes });
      if (staging === 'full') throw new BroadsideError('no-space', 'The disk is full. Free some space.');
      let text = '';
      for await (const chunk of body) text += Buffer.from(chunk).toString();
      received.set(`${staging} ${path}`, text);
      return { sizeBytes: text.length };
    },
  });
});

after(async () => {
  await server?.stop();
  rmSync(directory, { recursive: true, force: true });
});

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

function ask(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        host: '127.0.0.1',
        port: server.port,
        path,
        method: options.method ?? 'GET',
        headers: { host: `127.0.0.1:${server.port}`, ...options.headers },
        agent: false,
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () =>
          resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(parts) }),
        );
        response.on('error', reject);
      },
    );
    request.on('error', reject);
    request.end(options.body);
  });
}

function openSocket(
  options: { token?: string; protocols?: string[]; headers?: Record<string, string>; path?: string } = {},
): Promise<WebSocket | number> {
  const protocols = options.protocols ?? ['broadside.1', `token.${options.token ?? TOKEN}`];
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}${options.path ?? '/rpc'}`, protocols, {
    headers: options.headers ?? {},
  });
  return new Promise((resolve, reject) => {
    socket.on('open', () => resolve(socket));
    socket.on('unexpected-response', (_, response) => resolve(response.statusCode!));
    socket.on('error', reject);
  });
}

async function closed(socket: WebSocket): Promise<void> {
  const gone = new Promise((resolve) => socket.once('close', resolve));
  socket.close();
  await gone;
}

describe('the interface', () => {
  it('is served with a strict policy, packed, and only its hashed files for ever', async () => {
    const page = await ask('/', { headers: { 'accept-encoding': 'gzip' } });
    assert.equal(page.status, 200);
    assert.equal(page.headers['content-encoding'], 'gzip');
    assert.match(gunzipSync(page.body).toString(), /<title>App/);
    const policy = page.headers['content-security-policy']!;
    for (const part of [
      "default-src 'none'",
      "script-src 'self'",
      `frame-src http://*.localhost:${server.port}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ]) {
      assert.ok(String(policy).split('; ').includes(part), part);
    }
    assert.equal(page.headers['x-content-type-options'], 'nosniff');
    assert.equal(page.headers['referrer-policy'], 'no-referrer');
    assert.equal(page.headers['cross-origin-opener-policy'], 'same-origin');
    assert.equal(page.headers['cache-control'], 'no-cache');
    const script = await ask('/assets/main-Abc_1234.js');
    assert.match(script.headers['cache-control']!, /immutable/);
    assert.match(script.headers['content-type']!, /^text\/javascript/);
    assert.equal((await ask('/', { headers: { 'if-none-match': page.headers.etag! } })).status, 304);
    assert.equal((await ask('/', { method: 'HEAD' })).body.length, 0);
    assert.equal((await ask('/', { method: 'POST' })).status, 405);
  });

  it('does not leave its directory, whatever the path', async () => {
    for (const path of [
      '/../secret.txt',
      '/..%2fsecret.txt',
      '/%2e%2e/secret.txt',
      '/assets/../../secret.txt',
      '/assets\\..\\..\\secret.txt',
      '//etc/passwd',
      '/assets/%00',
      '/secret.txt',
      `http://127.0.0.1:${server.port}/`,
    ]) {
      const answer = await ask(path);
      assert.ok([400, 404].includes(answer.status), `${path}: ${answer.status}`);
      assert.doesNotMatch(answer.body.toString(), /secret|root:/);
    }
  });
});

describe('forged names', () => {
  it('answers 403 without a word to a Host that is not its own: DNS rebinding ends there', async () => {
    const hosts = [
      'evil.example',
      `evil.example:${server.port}`,
      `127.0.0.1.evil.example:${server.port}`,
      `127.0.0.1:${server.port}.evil`,
      `LOCALHOST.evil:${server.port}`,
      `0.0.0.0:${server.port}`,
      `${LABEL}.localhost.evil:${server.port}`,
      `${LABEL}.localhost`,
      `a.${LABEL}.localhost:${server.port}`,
      `x@127.0.0.1:${server.port}`,
      `[::1]:${server.port}`,
    ];
    for (const host of hosts) {
      const answer = await ask('/', { headers: { host } });
      assert.equal(answer.status, 403, host);
      assert.equal(answer.body.length, 0);
      assert.equal(answer.headers['content-security-policy'], undefined);
      assert.equal(await openSocket({ headers: { host } }), 403, host);
    }
    assert.equal((await ask('/', { headers: { host: `localhost:${server.port}` } })).status, 200);
  });

  it('tells who forwards a port of another number which one to take, and answers nothing else there', async () => {
    for (const host of ['127.0.0.1', '127.0.0.1:1', 'localhost:1']) {
      const answer = await ask('/', { headers: { host } });
      assert.equal(answer.status, 421, host);
      assert.match(String(answer.body), new RegExp(`ssh -L ${server.port}:127.0.0.1:${server.port} `), host);
      assert.equal((await ask('/index.html', { headers: { host } })).status, 403, host);
      assert.equal(await openSocket({ headers: { host } }), 403, host);
    }
  });

  it('answers 403 to a foreign Origin, also with the token', async () => {
    for (const origin of [
      'https://evil.example',
      'null',
      `http://${LABEL}.localhost:${server.port}`,
      `http://localhost:${server.port}`,
      `https://127.0.0.1:${server.port}`,
      'http://127.0.0.1:1',
      'http://127.0.0.1',
    ]) {
      assert.equal((await ask('/', { headers: { origin } })).status, 403, origin);
      assert.equal(
        (await ask('/staging/x/a', { method: 'PUT', body: 'x', headers: { origin, authorization: `Bearer ${TOKEN}` } }))
          .status,
        403,
        origin,
      );
      assert.equal(await openSocket({ headers: { origin } }), 403, origin);
    }
    assert.equal(received.size, 0);
  });

  it('a label cannot be guessed, and content cannot reach the app', async () => {
    const wrong = await ask('/a.txt', { headers: { host: `${'c'.repeat(52)}.localhost:${server.port}` } });
    assert.equal(wrong.status, 404);
    const right = await ask('/a.txt', {
      headers: { host: `${LABEL}.localhost:${server.port}`, 'sec-fetch-dest': 'iframe' },
    });
    assert.equal(right.status, 200);
    for (const path of ['/rpc', '/staging/x/a', '/index.html', '/assets/main-Abc_1234.js']) {
      assert.equal((await ask(path, { headers: { host: `${LABEL}.localhost:${server.port}` } })).status, 404, path);
    }
    assert.equal(await openSocket({ headers: { host: `${LABEL}.localhost:${server.port}` } }), 403);
    assert.equal(
      (await ask('/a.txt', { method: 'PUT', headers: { host: `${LABEL}.localhost:${server.port}` } })).status,
      405,
    );
  });
});

describe('the socket', () => {
  it('needs the token', async () => {
    for (const protocols of [
      ['broadside.1'],
      ['broadside.1', 'token.'],
      ['broadside.1', 'token.wrong'],
      [`token.${TOKEN}`],
      ['broadside.2', `token.${TOKEN}`],
      ['broadside.1', `token.${TOKEN}x`],
      ['broadside.1', `token.${TOKEN.slice(1)}`],
    ]) {
      assert.equal(await openSocket({ protocols }), 403, protocols.join());
    }
    assert.equal(await openSocket({ path: '/rpc/' }), 403);
    assert.equal(await openSocket({ path: '/' }), 403);
  });

  it('carries the contract, with the token never said back', async () => {
    const socket = (await openSocket({ headers: { origin: `http://127.0.0.1:${server.port}` } })) as WebSocket;
    assert.equal(socket.protocol, 'broadside.1');
    const client = connectContract({
      post: (text) => socket.send(text),
      onMessage: (listener) => socket.on('message', (data) => listener(String(data))),
    });
    assert.deepEqual(await client.call('config.get', null), { links: 16 });
    await assert.rejects(client.call('jobs.get', { job: 7 as never }), { code: 'usage' });
    await closed(socket);
  });

  it('survives nonsense, and ends what is too long or binary', async () => {
    for (const text of [
      '',
      '{',
      'null',
      '[]',
      '{"t":"q","m":"call","a":["toString",null],"i":"1"}',
      '{"t":"q","m":"constructor","a":[],"i":"1"}',
      '{"t":"s","i":"none","r":1}',
      '"\u0000"',
    ]) {
      const socket = (await openSocket()) as WebSocket;
      socket.send(text);
      const client = connectContract({
        post: (sent) => socket.send(sent),
        onMessage: (listener) =>
          socket.on('message', (data) => {
            if (String(data).startsWith('{')) listener(String(data));
          }),
      });
      assert.deepEqual(await client.call('jobs.list', null), [], text);
      await closed(socket);
    }
    for (const message of ['x'.repeat(MAX_MESSAGE_BYTES + 1), Buffer.from('binary')]) {
      const socket = (await openSocket()) as WebSocket;
      const gone = new Promise<number>((resolve) => socket.once('close', resolve));
      socket.send(message);
      assert.ok([1003, 1009].includes(await gone));
    }
  });

  it('there are only so many of them', async () => {
    const sockets: WebSocket[] = [];
    for (let index = 0; index < MAX_SOCKETS; index += 1) sockets.push((await openSocket()) as WebSocket);
    assert.equal(await openSocket(), 503);
    await Promise.all(sockets.map(closed));
    await closed((await openSocket()) as WebSocket);
  });
});

describe('staging', () => {
  it('takes a file with the token and hands its decoded path on', async () => {
    const answer = await ask('/staging/abc/a%20folder/%C3%A4.txt', {
      method: 'PUT',
      body: 'contents',
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    assert.equal(answer.status, 200);
    assert.equal(received.get('abc a folder/ä.txt'), 'contents');
  });

  it('takes the rest of a file by its range, and no range that is not the rest', async () => {
    received.clear();
    const put = (range: string) =>
      ask('/staging/abc/rest', {
        method: 'PUT',
        body: 'rest',
        headers: { authorization: `Bearer ${TOKEN}`, 'content-range': range },
      });
    assert.equal((await put('bytes 6-9/10')).status, 200);
    assert.deepEqual(ranges.get('abc rest'), { from: 6, sizeBytes: 10 });
    received.clear();
    for (const range of [
      'bytes 6-8/10',
      'bytes 5-9/10',
      'bytes 6-9/11',
      'bytes 9-6/10',
      'bytes 6-9/*',
      'bytes */10',
      'bytes -4/10',
      'bytes 6-9/0x0a',
      'bytes 06-9/10, 0-1/2',
      'octets 6-9/10',
      'bytes 9007199254740993-9007199254740996/9007199254740997',
    ])
      assert.equal((await put(range)).status, 400, range);
    assert.equal(received.size, 0);
  });

  it('takes nothing without it, and no path that climbs', async () => {
    received.clear();
    for (const authorization of ['', 'Bearer ', 'Bearer wrong', `Basic ${TOKEN}`, `Bearer ${TOKEN} x`]) {
      assert.equal(
        (
          await ask('/staging/abc/a', {
            method: 'PUT',
            body: 'x',
            headers: authorization === '' ? {} : { authorization },
          })
        ).status,
        403,
        authorization,
      );
    }
    for (const path of [
      '/staging/abc/../../x',
      '/staging/abc/%2e%2e/x',
      '/staging/abc/..%2fx',
      '/staging/../x/a',
      '/staging/abc',
      '/staging/abc/%00',
      '/staging/abc/%ff',
    ]) {
      assert.equal(
        (await ask(path, { method: 'PUT', body: 'x', headers: { authorization: `Bearer ${TOKEN}` } })).status,
        400,
        path,
      );
    }
    assert.equal(received.size, 0);
    const full = await ask('/staging/full/a', {
      method: 'PUT',
      body: 'x',
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    assert.equal(full.status, 507);
    assert.equal((JSON.parse(full.body.toString()) as { code: string }).code, 'no-space');
    assert.equal((await ask('/staging/abc/a', { headers: { authorization: `Bearer ${TOKEN}` } })).status, 405);
  });
});

describe('bounds', () => {
  it('headers that are too long end the connection', async () => {
    const answer = await ask('/', { headers: { 'x-long': 'x'.repeat(20_000) } });
    assert.equal(answer.status, 431);
  });

  it('a sender of headers that takes its time is cut off', { timeout: HEADERS_TIMEOUT_MS * 3 }, async () => {
    const socket = connect(server.port, '127.0.0.1');
    const startedMs = performance.now();
    socket.write(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nX-Slow: `);
    const drip = setInterval(() => socket.write('x'), 500);
    socket.on('error', () => {});
    socket.resume();
    await new Promise((resolve) => socket.once('close', resolve));
    clearInterval(drip);
    assert.ok(performance.now() - startedMs < HEADERS_TIMEOUT_MS * 2);
  });
});
