/** Publishing, opening and getting through a daemon's contract, each with the time it took. */
import { request } from 'node:http';
import type { Job } from '../../../shared/ipc/model.ts';
import type { ContractClient } from '../../../shared/ipc/rpc.ts';
import { jobEnd } from '../../support/practice.ts';

type Speaker = { readonly client: ContractClient };

export interface Published {
  readonly link: string;
  /** Until the link was in hand, and until the shares had been fetched back as well. */
  readonly linkMs: number;
  readonly endMs: number;
}

/** Publishes a file, 3 of 10 and fixed: a passphrase would cost Argon2id, which is no part of it. */
export async function publish({ client }: Speaker, path: string): Promise<Published> {
  const startedMs = performance.now();
  const source = { kind: 'path', path } as const;
  const { job } = await client.call('publish.start', { source, k: 3, n: 10, class: 'fixed' });
  const linkMs = new Promise<number>((resolve) => {
    const look = (seen: Job): void => {
      if (seen.id !== job || seen.kind !== 'publish' || seen.link === undefined) return;
      stop();
      resolve(performance.now() - startedMs);
    };
    const stop = client.on('job', look);
    void client.call('jobs.get', { job }).then(look);
  });
  const ended = await jobEnd(client, job, 'publish');
  if (ended.state !== 'done' || ended.link === undefined) throw new Error(`publishing failed: ${ended.error?.message}`);
  const endMs = performance.now() - startedMs;
  return { link: ended.link, linkMs: await linkMs, endMs };
}

/** Milliseconds from a link to the first byte of its first file, as a browser has it; nothing of it is remembered. */
export async function openToFirstByte({ client }: Speaker, link: string): Promise<number> {
  const startedMs = performance.now();
  const { job } = await client.call('open.start', { link });
  const ended = await jobEnd(client, job, 'open');
  if (ended.state !== 'done' || ended.contentUrl === undefined)
    throw new Error(`opening failed: ${ended.error?.message}`);
  await firstByte(ended.contentUrl, ended.publication!.files[0]!.path);
  const tookMs = performance.now() - startedMs;
  await client.call('library.forgetOpened', null);
  return tookMs;
}

/** Milliseconds that a get to a file took. */
export async function get({ client }: Speaker, link: string, directory: string, path: string): Promise<number> {
  const startedMs = performance.now();
  const { job } = await client.call('get.start', { link, directory, path });
  const ended = await jobEnd(client, job, 'get');
  if (ended.state !== 'done') throw new Error(`getting failed: ${ended.error?.message}`);
  return performance.now() - startedMs;
}

/** As a browser asks: the label is a host name that resolves to loopback. */
function firstByte(contentUrl: string, path: string): Promise<void> {
  const url = new URL(encodeURIComponent(path), contentUrl);
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: '127.0.0.1', port: url.port, path: url.pathname, headers: { host: url.host } },
      (answer) => {
        if (answer.statusCode !== 200) reject(new Error(`content answered ${answer.statusCode}`));
        answer.once('data', () => {
          resolve();
          answer.destroy();
        });
        answer.once('error', () => undefined);
      },
    );
    asked.once('error', reject);
    asked.end();
  });
}
