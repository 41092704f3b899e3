/** Invites to this node's network (shared/base/invites.ts): made of nodes that are known to be there, and taken in. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import { bytesEqual } from '../../../shared/base/bytes.ts';
import {
  explainInviteProblem,
  formatInvite,
  isInviteBootstrap,
  MAX_INVITE_BOOTSTRAPS,
  parseInvite,
} from '../../../shared/base/invites.ts';
import type { Invite, InviteNode } from '../../../shared/base/invites.ts';
import { isHostIPv4, publicPrefix } from '../../../shared/base/ipv4.ts';
import type { KnownNode } from '../../core/ports.ts';

/**
 * Nodes of an invite, this one counted: of five that are each there two times in three, one is there 996 times in 1,000, and
 * 350 letters still make a picture that a telephone reads. A guess.
 */
const INVITE_NODES = 5;

export interface InviteSource {
  /** The network that this node is in, whatever the settings say for its next start. */
  readonly network: string;
  /** HOST:PORT of the DHT's bootstraps of this network; none: the public ones. */
  readonly bootstrap: readonly string[];
  readonly publicKey: Uint8Array;
  /** Where this node listens, as others see it; undefined while that is not known. */
  ownAddress(): { readonly host: string; readonly port: number } | undefined;
  /** Nodes that there was a link to, at the address given; those that are surest to be there first. */
  provedNodes(): readonly KnownNode[];
  /** Remembers a node of an invite and dials it. */
  meet(node: KnownNode): void;
}

export class Invites {
  readonly #source: InviteSource;

  constructor(source: InviteSource) {
    this.#source = source;
  }

  /** Throws `offline` when no address of any node is known. */
  make(): string {
    const { network, bootstrap, publicKey, ownAddress, provedNodes } = this.#source;
    const nodes: InviteNode[] = [];
    const prefixes = new Set<string>();
    for (const node of [{ publicKey, ...ownAddress() }, ...provedNodes()]) {
      const { host, port } = node;
      if (nodes.length >= INVITE_NODES || host === undefined || port === undefined || port < 1) continue;
      if (!isHostIPv4(host) || nodes.some((other) => bytesEqual(other.publicKey, node.publicKey))) continue;
      // One owner of addresses who is in it twice is one chance less.
      const prefix = publicPrefix(host);
      if (prefix !== undefined && prefixes.has(prefix)) continue;
      if (prefix !== undefined) prefixes.add(prefix);
      nodes.push({ publicKey: node.publicKey, host, port });
    }
    if (nodes.length === 0) {
      throw new BroadsideError(
        'offline',
        'This node knows no address yet that an invite could name. Wait until it has neighbours, then try again.',
      );
    }
    const ways = [...new Set(bootstrap.map((address) => address.toLowerCase()))].filter(isInviteBootstrap);
    return formatInvite({ network, bootstrap: ways.slice(0, MAX_INVITE_BOOTSTRAPS), nodes });
  }

  /** How many nodes were taken in. Throws as readInvite, and `usage` for an invite to another network. */
  join(text: string): number {
    const { network, publicKey, meet } = this.#source;
    const invite = readInvite(text);
    if (invite.network !== network) throw otherNetwork(invite, network);
    const nodes = invite.nodes.filter((node) => !bytesEqual(node.publicKey, publicKey));
    for (const node of nodes) meet(node);
    return nodes.length;
  }
}

/** Throws `bad-link`, or `not-in-version` for an invite of a later version. */
export function readInvite(text: string): Invite {
  const parsed = parseInvite(text);
  if (parsed.ok) return parsed.value;
  throw new BroadsideError(
    parsed.code === 'newer-format' ? 'not-in-version' : 'bad-link',
    explainInviteProblem(parsed.code),
  );
}

export function otherNetwork(invite: Invite, network: string): BroadsideError {
  return new BroadsideError(
    'usage',
    `This invite is to the network ${invite.network}, and not to ${network}, which this node is in. A node is in one network: for another, start one with a data directory of its own (--data DIR).`,
  );
}
