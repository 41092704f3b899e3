import { BroadsideError } from '../../../../shared/base/errors.ts';
import { explainAddressProblem, formatAddress, parseAddress } from '../../../../shared/base/short-addresses.ts';
import { normaliseWords } from '../../../../shared/base/words.ts';
import type { Claim, OwnClaim } from '../../../../shared/ipc/address-model.ts';
import { withSession } from '../context.ts';
import type { CommandContext } from '../context.ts';
import { waitForNeighbour } from '../job.ts';
import { checkLink } from '../link.ts';
import { printable } from '../output.ts';
import type { Session } from '../session.ts';
import { wholeNumber } from '../usage.ts';

/** As the contract. */
const MAX_BITS = 32;

export async function word(context: CommandContext): Promise<number> {
  const [action, ...rest] = context.args.positionals;
  switch (action) {
    case 'claim':
      if (rest.length < 2) throw wrong('word claim needs WORDS and a LINK');
      return claim(context, rest.slice(0, -1).join(' '), rest.at(-1)!);
    case 'get':
      if (rest.length === 0) throw wrong('word get needs WORDS');
      return get(context, rest.join(' '));
    default:
      throw wrong(`word ${action} is not known`);
  }
}

async function claim(context: CommandContext, words: string, link: string): Promise<number> {
  const { args, output, signal } = context;
  checkWords(words);
  checkLink(link);
  const note = args.text('note');
  const bits = args.text('bits') === undefined ? undefined : wholeNumber(args, 'bits', 1, 1, MAX_BITS);
  const made = await withSession(context, async (session) => {
    await waitForNeighbour(session, output, signal);
    const asked = { words, link, ...(note !== undefined && { note }), ...(bits !== undefined && { bits }) };
    const begun = await Promise.race([session.client.call('words.claim', asked), session.lost]);
    output.say('Doing the work of the claim, and placing it');
    return placed(session, begun.address, signal);
  });
  output.result(
    { link: made.link, edition: made.quarter, address: made.address, words: made.words, bits: made.bits },
    [
      `Claimed with ${made.bits} bits of work: ${made.address}`,
      'A claim is good for the quarter that it is made in and shown for one more; a node that runs on this data directory renews it.',
    ].join('\n'),
  );
  return 0;
}

/** The claim once it is placed. One that is not, or is given up, is left to nobody to go on with. */
async function placed(session: Session, address: string, signal: AbortSignal): Promise<OwnClaim> {
  let changed = (): void => {};
  const stopListening = session.client.on('addresses', () => changed());
  const stop = (): void => changed();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for (;;) {
      const change = new Promise<void>((resolve) => (changed = resolve));
      const mine = await session.client.call('words.mine', null);
      const own = mine.find((other) => other.address === address);
      if (own?.state === 'placed') return own;
      if (signal.aborted || own?.state !== 'working') {
        await session.client.call('words.withdraw', { words: address });
        signal.throwIfAborted();
        const { code, message } = own?.error ?? { code: 'cancelled' as const, message: 'The claim was withdrawn.' };
        throw new BroadsideError(code, message);
      }
      await Promise.race([change, session.lost]);
    }
  } finally {
    stopListening();
    signal.removeEventListener('abort', stop);
  }
}

async function get(context: CommandContext, words: string): Promise<number> {
  const { output, signal } = context;
  const address = checkWords(words);
  const resolved = await withSession(context, async (session) => {
    await waitForNeighbour(session, output, signal);
    return Promise.race([session.client.call('address.resolve', { address }), session.lost]);
  });
  if (resolved.kind !== 'word') throw new Error(`words led to a ${resolved.kind}`);
  const { claims } = resolved;
  const strongest = claims[0]!;
  output.result(
    {
      ...{ link: strongest.link, edition: strongest.quarter, address: resolved.address, words: resolved.words },
      claims: claims.map(({ quarter, ...rest }) => ({ ...rest, edition: quarter })),
    },
    [
      claims.length === 1 ? 'One claim:' : `${claims.length} claims, the strongest first; choose:`,
      ...claims.map(lineOf),
    ].join('\n'),
  );
  return 0;
}

function lineOf({ link, note, bits, claimant, own }: Claim, position: number): string {
  const about = [
    `${bits} bits`,
    own ? 'yours' : `by ${claimant}`,
    ...(note === undefined ? [] : [`“${printable(note)}”`]),
  ];
  return `${position + 1}. ${link}\n   ${about.join(', ')}`;
}

/** The address of words as they were typed, or of an address of words. Throws `usage`, `bad-link`. */
function checkWords(text: string): string {
  if (!/^\s*broadside:/i.test(text)) {
    const words = normaliseWords(text);
    if (!words.ok) throw new BroadsideError('usage', explainAddressProblem(words.code, text));
    return formatAddress({ kind: 'word', words: words.value });
  }
  const parsed = parseAddress(text);
  if (!parsed.ok) throw new BroadsideError('bad-link', explainAddressProblem(parsed.code, text));
  if (parsed.value.kind !== 'word')
    throw new BroadsideError('usage', 'This address is not one of words. Use get instead.');
  return text;
}

function wrong(what: string): BroadsideError {
  return new BroadsideError('usage', `${what}. It is: broadside word claim WORDS LINK, or broadside word get WORDS.`);
}
