/**
 * The core alone: what one block costs a node in one thread. Run: npm run bench -- core
 * A relay decodes, verifies, encodes; a sink verifies and stores (npm run bench -- store).
 */
import { decodeRouteMessage, encodeRouteMessage } from '../../src-main/core/wire/messages.ts';
import {
  CLASS_UPDATABLE,
  encodeRecord,
  KIND_CONTENT,
  KIND_SLOT,
  PAYLOAD_BYTES,
  slotDigest,
  STATE_LIVE,
  verifyRecord,
} from '../../src-main/core/wire/record.ts';
import { MIB } from '../../shared/base/units.ts';
import { crypto, Mesh } from '../support/mesh.ts';
import { microseconds, Report } from './lib/report.ts';

const report = new Report('core');
const payload = crypto.hash('bench').length > 0 ? new Uint8Array(PAYLOAD_BYTES).fill(7) : new Uint8Array();
const content = encodeRecord({ kind: KIND_CONTENT, payload });
const keys = crypto.keyPairFromSeed(new Uint8Array(32).fill(1));
const unsigned = {
  class: CLASS_UPDATABLE,
  state: STATE_LIVE,
  publicKey: keys.publicKey,
  slotId: new Uint8Array(32),
  version: { counter: 1, tie: new Uint8Array(8) },
  payload,
} as const;
const slot = encodeRecord({
  ...unsigned,
  kind: KIND_SLOT,
  signature: crypto.sign(slotDigest(crypto, unsigned), keys.secretKey),
});
const id = new Uint8Array(16);
const insertion = { type: 'insert', id, priority: 1, htl: 9, stamp: new Uint8Array(8), record: content } as const;
const insert = encodeRouteMessage(insertion);
const answer = { type: 'found', age: 0, id, hops: 3, record: content } as const;
const found = encodeRouteMessage(answer);

const hashUs = microseconds(() => crypto.hash('content', payload));
const inBlocksPerSecond = (us: number): number => (PAYLOAD_BYTES / MIB) * (1_000_000 / us);

report.add({ name: 'hash of a payload', value: hashUs, unit: 'us' });
report.add({
  name: 'verify a content block',
  value: microseconds(() => verifyRecord(crypto, content, undefined)),
  unit: 'us',
  beside: { name: 'its hash alone', value: hashUs },
});
report.add({
  name: 'verify a slot',
  value: microseconds(() => verifyRecord(crypto, slot, undefined)),
  unit: 'us',
  beside: { name: 'its hash alone', value: hashUs },
});
report.add({ name: 'decode an insert', value: microseconds(() => decodeRouteMessage(insert), 5_000), unit: 'us' });
report.add({ name: 'encode an insert', value: microseconds(() => encodeRouteMessage(insertion)), unit: 'us' });
report.add({ name: 'decode a found', value: microseconds(() => decodeRouteMessage(found), 5_000), unit: 'us' });
report.add({ name: 'encode a found', value: microseconds(() => encodeRouteMessage(answer)), unit: 'us' });
const relayUs = microseconds(() => {
  const decoded = decodeRouteMessage(insert);
  if (!decoded.ok || decoded.value.type !== 'insert') throw new Error('does not decode');
  if (!verifyRecord(crypto, decoded.value.record, undefined).ok) throw new Error('does not verify');
  return encodeRouteMessage(decoded.value);
});
report.add({
  name: 'relay a block, verification included (without the link)',
  value: inBlocksPerSecond(relayUs),
  unit: 'MiB/s a core',
  beside: { name: 'target', value: 60 },
  target: '>= 60 MiB/s of blocks a core',
});
const startedMs = performance.now();
const mesh = new Mesh({ seed: 1, nodes: 50, degree: 10 });
for (let number = 0; number < 500; number += 1)
  mesh.request(mesh.nodes[number % 50]!, crypto.hash('absent', Uint8Array.of(number & 255, number >> 8)));
report.add({
  name: 'events of requests for what is absent, 50 nodes in one process',
  value: (mesh.messages * 1000) / (performance.now() - startedMs),
  unit: 'messages/s',
});
report.print();
