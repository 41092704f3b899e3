/** What axe finds on a page, as sentences. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

export interface AxeOptions {
  /** A selector whose part of the page is left out. */
  readonly without?: string | undefined;
  /** These rules alone; all of them without it. */
  readonly rules?: readonly string[];
  /** All rules but these. */
  readonly but?: readonly string[];
}

/**
 * The violations on the page as it stands, up to four places for each rule. Frames of other origins are not entered: no
 * script may run in ours. That is axe's "legacy mode", which also saves a second page for each look: a third of the time.
 */
export async function axeFindings(page: Page, { without, rules, but = [] }: AxeOptions = {}): Promise<string[]> {
  const builder = new AxeBuilder({ page }).setLegacyMode(true).options({
    resultTypes: ['violations'],
    ...(rules !== undefined && { runOnly: { type: 'rule', values: [...rules] } }),
    rules: Object.fromEntries(but.map((rule) => [rule, { enabled: false }])),
  });
  await page.evaluate(endTransitions);
  const { violations } = await (without === undefined ? builder : builder.exclude(without)).analyze();
  return violations.flatMap(({ id, help, nodes }) =>
    nodes
      .slice(0, 4)
      .map(
        (node) =>
          `${id} (${help}) at ${JSON.stringify(node.target)}: ${node.html.slice(0, 160)} ${(node.any[0] ?? node.all[0])?.message ?? ''}`,
      ),
  );
}

/** A colour half way between two themes is nobody's colour: what is changing is taken to its end, with no wait for frames. */
function endTransitions(): void {
  for (const animation of document.getAnimations()) if (animation instanceof CSSTransition) animation.finish();
}
