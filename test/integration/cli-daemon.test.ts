/** The daemon as a window sees it, on a practice network with samples; and what is left when its parent is killed. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { connectContract } from '../../shared/ipc/rpc.ts';
import type { ContractClient } from '../../shared/ipc/rpc.ts';
import type { Job, OpenJob } from '../../shared/ipc/model.ts';
import { joining, startDaemon, startTestnet } from '../support/spawn.ts';
import type { DaemonReady, RunningChild, TestnetReady } from '../support/spawn.ts';

let root: string;
let testnet: RunningChild<TestnetReady>;
let daemon: RunningChild<DaemonReady>;
let client: ContractClient;
let socket: WebSocket;

before(async () => {
  root = mkdtempSync(join(tmpdir(), 'broadside-daemon-'));
  testnet = await startTestnet(['--nodes', '4', '--samples']);
  daemon = await startDaemon(join(root, 'd'), joining(testnet.ready));
  const url = new URL(daemon.ready.url);
  socket = new WebSocket(`ws://${url.host}/rpc`, ['broadside.1', url.hash.replace('#token=', 'token.')], {
    origin: url.origin,
  });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  client = connectContract({
    post: (text) => socket.send(text),
    onMessage: (listener) => socket.on('message', (data) => listener(String(data))),
  });
  const connected = new Promise<void>((resolve) => client.on('status', (status) => status.links > 0 && resolve()));
  await connected;
});

after(async () => {
  socket?.terminate();
  await daemon?.stop();
  await testnet?.stop();
  rmSync(root, { recursive: true, force: true });
});

async function open(link: string): Promise<OpenJob> {
  const ended = new Map<string, Job>();
  let wake = (): void => {};
  const stop = client.on('job', (job) => {
    if (job.state !== 'running') ended.set(job.id, job);
    wake();
  });
  const { job } = await client.call('open.start', { link });
  while (!ended.has(job)) await new Promise<void>((resolve) => (wake = resolve));
  stop();
  const done = ended.get(job)! as OpenJob;
  assert.equal(done.state, 'done', JSON.stringify(done.error));
  return done;
}

/** *.localhost is the browser's to resolve: here the name goes into the Host header. */
function fetchFrom(
  url: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; type: string; body: Buffer }> {
  const { host, port, pathname, search } = new URL(url);
  return new Promise((resolve, reject) => {
    request(
      {
        host: '127.0.0.1',
        port,
        path: pathname + search,
        headers: { host, 'sec-fetch-dest': 'iframe', ...headers },
        agent: false,
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () =>
          resolve({
            status: response.statusCode!,
            type: response.headers['content-type'] ?? '',
            body: Buffer.concat(parts),
          }),
        );
      },
    )
      .on('error', reject)
      .end();
  });
}

describe('the samples, opened by a daemon', () => {
  it('each under an origin of its own, from its own publisher long gone', async () => {
    const samples = testnet.ready.samples!;
    assert.equal(samples.length, 5);
    const jobs: OpenJob[] = [];
    for (const { link } of samples) jobs.push(await open(link));
    assert.deepEqual(
      jobs.map((job) => job.publication?.title),
      samples.map((sample) => sample.title),
    );
    const origins = new Set(jobs.flatMap((job) => [new URL(job.contentUrl!).host, new URL(job.viewerUrl!).host]));
    assert.equal(origins.size, 2 * samples.length);

    const [text, site, pdf, markdown, letter] = jobs as [OpenJob, OpenJob, OpenJob, OpenJob, OpenJob];
    assert.match((await fetchFrom(text.contentUrl!)).body.toString(), /MINUTES OF THE HARBOUR BOARD/);
    assert.match((await fetchFrom(letter.contentUrl!)).body.toString(), /Письмо смотрителя маяка/);
    assert.match(
      (await fetchFrom(markdown.contentUrl!)).body.toString(),
      /<h1>Reading list of the tidal library<\/h1>/,
    );
    const page = await fetchFrom(site.contentUrl!);
    assert.match(page.type, /^text\/html/);
    assert.match(page.body.toString(), /pictures\/map\.svg/);
    const picture = await fetchFrom(`${site.contentUrl}pictures/tide-chart.png`, {
      'sec-fetch-dest': 'image',
      range: 'bytes=1-3',
    });
    assert.equal(picture.status, 206);
    assert.equal(picture.body.toString(), 'PNG');
    const file = pdf.publication!.files[0]!.path;
    assert.match(
      (await fetchFrom(`${pdf.viewerUrl}content/${encodeURIComponent(file)}`)).body.toString('latin1'),
      /^%PDF-1\.4/,
    );
    assert.equal((await fetchFrom(`${pdf.contentUrl}content/${file}`)).status, 404);
  });

  it('forgetting what was opened closes the origins', async () => {
    const job = await open(testnet.ready.samples![0]!.link);
    assert.equal((await fetchFrom(job.contentUrl!)).status, 200);
    await client.call('library.forgetOpened', null);
    assert.equal((await fetchFrom(job.contentUrl!)).status, 404);
  });

  it('files put to the staging area are published', async () => {
    const { staging } = await client.call('publish.stage', null);
    const url = new URL(daemon.ready.url);
    const put = await fetch(`${url.origin}/staging/${staging}/note.txt`, {
      method: 'PUT',
      body: 'staged',
      headers: { authorization: `Bearer ${url.hash.slice('#token='.length)}` },
    });
    assert.equal(put.status, 200, await put.text());
    const survey = await client.call('publish.survey', { source: { kind: 'staged', staging } });
    assert.equal(survey.fileCount, 1);
    assert.equal(survey.sizeBytes, 6);
  });
});

describe('a practice network whose parent is killed', () => {
  it('takes its nodes with it', async () => {
    const doomed = await startTestnet(['--nodes', '2', '--dir', join(root, 'doomed')]);
    await doomed.kill();
    const gone = (pid: number): boolean => {
      try {
        process.kill(pid, 0);
        return false;
      } catch {
        return true;
      }
    };
    // A process that is nobody's child here has no event to wait for.
    for (let tries = 0; tries < 100 && !doomed.ready.nodes.every(({ pid }) => gone(pid)); tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 100));
    assert.ok(doomed.ready.nodes.every(({ pid }) => gone(pid)));
  });
});
