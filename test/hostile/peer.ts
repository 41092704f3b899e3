/**
 * A hostile peer, in a process of its own: `fork` with an order as JSON. Says when it begins, what it did each second, and what in
 * all once it is told to stop.
 */
import { fromHex } from '../../shared/base/bytes.ts';
import { hostileKinds } from './peer-kinds.ts';
import { HostileLinks } from './peer-links.ts';
import type { Tally } from './peer-links.ts';

export interface HostileOrder {
  readonly kind: string;
  readonly seed: number;
  readonly stampBits: number;
  readonly publicKey: string;
  /** HOST:PORT of the victim. */
  readonly address: string;
  readonly bootstrap: string;
  readonly network: string;
}

export interface HostileReport extends Tally {
  readonly standing: number;
  readonly isEnd: boolean;
}

const TICK_MS = 500;

const order = JSON.parse(process.argv[2]!) as HostileOrder;
const kind = hostileKinds(order.seed).find(({ name }) => name === order.kind);
if (kind === undefined) throw new Error(`there is no kind ${order.kind}`);
const [host, port] = order.address.split(':') as [string, string];
const victim = {
  publicKey: fromHex(order.publicKey)!,
  host,
  port: Number(port),
  bootstrap: order.bootstrap,
  network: order.network,
};
const links = new HostileLinks(victim);
const stop = new AbortController();
const report = (isEnd: boolean): HostileReport => ({ ...links.tally, standing: links.standing, isEnd });
process.on('message', () => stop.abort());
process.on('disconnect', () => process.exit(0));
const ticker = setInterval(() => {
  links.tick();
  process.send?.(report(false));
}, TICK_MS);
process.send?.(report(false));
await kind.run({ links, victim, seed: order.seed, stampBits: order.stampBits, signal: stop.signal });
clearInterval(ticker);
const last = report(true);
await links.stop();
process.send?.(last, () => process.exit(0));
