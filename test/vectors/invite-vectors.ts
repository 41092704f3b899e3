/** Golden vectors of invites: one node and nothing else, and everything that an invite can have. */
import { toHex } from '../../shared/base/bytes.ts';
import { formatInvite, MAX_INVITE_BOOTSTRAPS, MAX_INVITE_NODES } from '../../shared/base/invites.ts';
import type { Invite } from '../../shared/base/invites.ts';

const key = (first: number): Uint8Array => Uint8Array.from({ length: 32 }, (_, index) => (first + index) & 0xff);

const INVITES: readonly Invite[] = [
  {
    network: 'broadside-public-1',
    bootstrap: [],
    nodes: [{ publicKey: key(0), host: '198.51.100.7', port: 49_737 }],
  },
  {
    network: 'practice-1a2b3c4d',
    bootstrap: ['127.0.0.1:49737'],
    nodes: [1, 2, 3].map((number) => ({ publicKey: key(number * 32), host: '127.0.0.1', port: number })),
  },
  {
    network: 'a'.repeat(64),
    bootstrap: Array.from({ length: MAX_INVITE_BOOTSTRAPS }, (_, index) => `${'b'.repeat(63)}${index}:65535`),
    nodes: Array.from({ length: MAX_INVITE_NODES }, (_, index) => ({
      publicKey: key(index),
      host: '223.255.255.255',
      port: 65_535,
    })),
  },
];

export function inviteVectors(): object[] {
  return INVITES.map((invite) => ({
    ...invite,
    nodes: invite.nodes.map(({ publicKey, host, port }) => ({ publicKey: toHex(publicKey), host, port })),
    invite: formatInvite(invite),
  }));
}
