/** A link is checked before the node is started: a slip is said at once, and offline too. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import { explainLinkProblem, parseLink } from '../../../shared/base/links.ts';
import { requireClass } from '../../services/revise/class.ts';
import type { Change } from '../../services/revise/class.ts';
import { explainAddressProblem, parseAddress } from '../../../shared/base/short-addresses.ts';

/** Throws `bad-link`, or `not-in-version` for forms that a later version opens. */
export function checkLink(text: string): void {
  const parsed = parseLink(text);
  if (parsed.ok) return;
  throw new BroadsideError(
    parsed.code === 'not-in-version' ? 'not-in-version' : 'bad-link',
    explainLinkProblem(parsed.code, text),
  );
}

/** As checkLink, and throws `refused` for a publication whose class forbids the change. */
export function checkChangeable(text: string, change: Change): void {
  checkLink(text);
  const parsed = parseLink(text);
  if (parsed.ok) requireClass(parsed.value.class, change);
}

/** The same for what may be a short address as well. */
export function checkAddress(text: string): void {
  const parsed = parseAddress(text);
  if (parsed.ok) return;
  const later = parsed.code === 'not-in-version' || parsed.code === 'newer-pen-key';
  throw new BroadsideError(later ? 'not-in-version' : 'bad-link', explainAddressProblem(parsed.code, text));
}
