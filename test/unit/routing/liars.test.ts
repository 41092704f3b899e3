/** A node that lies about its neighbours: it is believed nothing that they did not sign, and draws no requests to itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CLOCK_SKEW_MINUTES,
  MAX_GARBAGE_OF_LINK,
  MAX_TOLD_NEIGHBOURS,
  PROOF_MINUTES,
} from '../../../src-main/core/limits.ts';
import { NETWORK_ID_BYTES, encodeLinkMessage, linkDigest } from '../../../src-main/core/wire/link-messages.ts';
import type { ToldNeighbour } from '../../../src-main/core/wire/link-messages.ts';
import type { KeyPair } from '../../../src-main/core/ports.ts';
import { distance, locationOf } from '../../../src-main/core/routing/location.ts';
import { crypto, locationOfIndex, Mesh, WALL_START_MS } from '../../support/mesh.ts';
import type { MeshNode } from '../../support/mesh.ts';
import { blocksNear, SMALL_PAYLOAD_BYTES } from '../../support/mesh-records.ts';
import { assertBounded, script, star, watch } from '../../support/mesh-star.ts';

const network = { payloadBytes: SMALL_PAYLOAD_BYTES };
const NETWORK_ID = crypto.hash('network', new TextEncoder().encode('practice-mesh')).slice(0, NETWORK_ID_BYTES);

function nowMinutes(mesh: Mesh): number {
  return Math.floor((WALL_START_MS + mesh.nowMs) / 60_000);
}

/** Some node of the circle that is no neighbour of anybody here. */
function stranger(number: number): KeyPair {
  return crypto.keyPairFromSeed(crypto.hash('stranger', Uint8Array.of(number & 255, number >> 8)));
}

/** `signer`'s word that it is linked to `to`. */
function proof(signer: KeyPair, to: MeshNode, expiresMinutes: number, networkId = NETWORK_ID): ToldNeighbour {
  const digest = linkDigest(crypto, networkId, signer.publicKey, to.publicKey, expiresMinutes);
  const signature = crypto.sign(digest, signer.secretKey);
  return { contact: { publicKey: signer.publicKey }, expiresMinutes, signature };
}

function tell(liar: MeshNode, to: MeshNode, gained: readonly ToldNeighbour[]): void {
  const link = liar.linkTo(to);
  if (link !== undefined) liar.send(link, 'link', encodeLinkMessage({ type: 'neighbours', gained, lost: [] }));
}

function secondNeighboursOf(subject: MeshNode, teller: MeshNode): number | undefined {
  const link = subject.linkTo(teller);
  return subject.core.neighbours().find((neighbour) => neighbour.link === link)?.secondNeighbours;
}

test('what is signed is believed, so that what follows tests something', () => {
  const { mesh, subject, puppets } = star({ seed: 51, puppets: 3, network });
  const told = [1, 2, 3].map((number) => proof(stranger(number), puppets[0]!, nowMinutes(mesh) + 30));
  tell(puppets[0]!, subject, told);
  mesh.run(5_000);
  assert.equal(secondNeighboursOf(subject, puppets[0]!), 3);
  assert.equal(subject.core.statistics.garbage, 0);
});

const LIES: readonly [string, (mesh: Mesh, liar: MeshNode, other: MeshNode) => ToldNeighbour][] = [
  [
    'a forged signature',
    (mesh, liar) => ({ ...proof(stranger(1), liar, nowMinutes(mesh) + 30), signature: new Uint8Array(64).fill(1) }),
  ],
  ['a proof that was given to another node', (mesh, _, other) => proof(stranger(1), other, nowMinutes(mesh) + 30)],
  [
    'a proof that the liar signed itself in the name of another',
    (mesh, liar) => ({
      ...proof(liar.keyPair, liar, nowMinutes(mesh) + 30),
      contact: { publicKey: stranger(1).publicKey },
    }),
  ],
  [
    'a proof of another network',
    (mesh, liar) =>
      proof(
        stranger(1),
        liar,
        nowMinutes(mesh) + 30,
        crypto.hash('network', Uint8Array.of(1)).slice(0, NETWORK_ID_BYTES),
      ),
  ],
  [
    'a proof whose expiry was changed',
    (mesh, liar) => ({ ...proof(stranger(1), liar, nowMinutes(mesh) + 30), expiresMinutes: nowMinutes(mesh) + 40 }),
  ],
];

for (const [what, lie] of LIES) {
  test(`${what} is garbage, and the third is the last`, () => {
    const { mesh, subject, puppets } = star({ seed: 52, puppets: 3, network });
    const [liar, other] = [puppets[0]!, puppets[1]!];
    for (let count = 1; count <= MAX_GARBAGE_OF_LINK; count += 1) {
      assert.equal(secondNeighboursOf(subject, liar), 0);
      tell(liar, subject, [lie(mesh, liar, other)]);
      mesh.run(500);
      assert.equal(subject.core.statistics.garbage, count);
    }
    assert.equal(subject.linkTo(liar), undefined);
    assert.equal(subject.core.readyLinks(), 2);
    assert.equal(subject.core.tableSizes().acquaintances, 3);
  });
}

test('an expired proof, and one that is to last longer than proofs do, are left out, and are no offence: clocks differ', () => {
  const { mesh, subject, puppets } = star({ seed: 53, puppets: 3, network });
  const [liar, now] = [puppets[0]!, nowMinutes(mesh)];
  tell(liar, subject, [
    proof(stranger(1), liar, now - CLOCK_SKEW_MINUTES),
    // Signed by a friend for a year, so that the link need not be renewed.
    proof(stranger(2), liar, now + PROOF_MINUTES + CLOCK_SKEW_MINUTES + 1),
    proof(stranger(3), liar, now - CLOCK_SKEW_MINUTES + 1),
  ]);
  mesh.run(1_000);
  assert.equal(secondNeighboursOf(subject, liar), 1);
  assert.equal(subject.core.statistics.garbage, 0);
});

test('the proof of a link that is gone can be shown until it expires, and not a look at the links longer', () => {
  const { mesh, subject, puppets } = star({ seed: 54, puppets: 3, network });
  const liar = puppets[0]!;
  const old = proof(stranger(1), liar, nowMinutes(mesh) + PROOF_MINUTES);
  tell(liar, subject, [old]);
  mesh.run(1_000);
  assert.equal(secondNeighboursOf(subject, liar), 1);
  // It tells it again and again, as if the link stood.
  const lastMinute = old.expiresMinutes + CLOCK_SKEW_MINUTES;
  while (nowMinutes(mesh) + 5 < lastMinute) {
    mesh.run(5 * 60_000);
    tell(liar, subject, [old]);
  }
  assert.equal(secondNeighboursOf(subject, liar), 1);
  mesh.run((lastMinute - nowMinutes(mesh)) * 60_000);
  tell(liar, subject, [old]);
  mesh.run(60_000);
  assert.equal(secondNeighboursOf(subject, liar), 0);
  assert.equal(subject.core.statistics.garbage, 0);
});

test('no more neighbours are kept of one than a node may have', () => {
  const { mesh, subject, puppets } = star({ seed: 55, puppets: 3, network });
  for (const first of [0, 100]) {
    const told = Array.from({ length: MAX_TOLD_NEIGHBOURS }, (_, number) =>
      proof(stranger(first + number), puppets[0]!, nowMinutes(mesh) + 30),
    );
    tell(puppets[0]!, subject, told);
  }
  mesh.run(30_000);
  assert.equal(secondNeighboursOf(subject, puppets[0]!), MAX_TOLD_NEIGHBOURS);
  assertBounded(subject);
});

/** Of 200 requests that come to the subject, how many go on to the first puppet, which told what `told` gives first. */
function requestsToLiar(told: (liar: MeshNode, mesh: Mesh, place: number) => readonly ToldNeighbour[]): number {
  const { mesh, subject, puppets } = star({ seed: 56, puppets: 10, network });
  const [liar, sender] = [puppets[0]!, puppets[1]!];
  // A place that is far from the liar and not near anybody.
  const place = (liar.location + 0.5) % 1;
  tell(liar, subject, told(liar, mesh, place));
  mesh.run(30_000);
  const sent = watch(mesh, 'request');
  script(puppets, (message, from, puppet) => {
    if (message.type === 'request') puppet.say(from, { type: 'notFound', id: message.id, htl: 0 });
  });
  for (const [number, { address }] of blocksNear(place, 0.002, 200).entries()) {
    const id = crypto.hash('id', Uint8Array.of(number)).slice(0, 16);
    sender.say(subject, { type: 'request', id, kind: 1, priority: 0, htl: 9, address });
    mesh.run(100);
  }
  assert.equal(sent.filter(({ from }) => from === subject).length, 200);
  return sent.filter(({ from, to }) => from === subject && to === liar).length;
}

test('a liar with forged neighbours near an address gets no more of the requests for it than an honest node', () => {
  const nearest = (place: number): KeyPair => {
    const keys = Array.from({ length: 2_000 }, (_, number) => stranger(number));
    return keys.reduce((best, key) =>
      distance(locationOf(key.publicKey), place) < distance(locationOf(best.publicKey), place) ? key : best,
    );
  };
  const honest = requestsToLiar(() => []);
  const forged = requestsToLiar((liar, mesh, place) => [
    {
      ...proof(stranger(1), liar, nowMinutes(mesh) + 30),
      contact: { publicKey: nearest(place).publicKey },
    },
  ]);
  assert.equal(forged, honest);
  // With a real neighbour there it would get them, up to its share of the traffic: the way by two hops is worth it.
  const proved = requestsToLiar((liar, mesh, place) => [proof(nearest(place), liar, nowMinutes(mesh) + 30)]);
  assert.ok(proved > honest + 50, `${proved} and ${honest}`);
});

test('a node of the mesh lives where its key says', () => {
  const mesh = new Mesh({ seed: 58, nodes: 3, degree: 0 });
  assert.deepEqual(
    mesh.nodes.map(({ location }) => location),
    [0, 1, 2].map(locationOfIndex),
  );
});
