/** A link is checked before the node is started: a slip is said at once, and offline too. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import { explainLinkProblem, parseLink } from '../../../shared/base/links.ts';

/** Throws `bad-link`, or `not-in-version` for forms that a later version opens. */
export function checkLink(text: string): void {
  const parsed = parseLink(text);
  if (parsed.ok) return;
  throw new BroadsideError(
    parsed.code === 'not-in-version' ? 'not-in-version' : 'bad-link',
    explainLinkProblem(parsed.code, text),
  );
}
