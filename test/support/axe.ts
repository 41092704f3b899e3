/** What axe finds on a page, as sentences. */
import axe from 'axe-core';
import type { RunOptions } from 'axe-core';
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
 * The violations on the page as it stands, up to four places for each rule. Frames are not entered: they are of other
 * origins, and no script may run in ours.
 */
export async function axeFindings(page: Page, { without, rules, but = [] }: AxeOptions = {}): Promise<string[]> {
  // Once for each page that is loaded: it is half a megabyte, and to read it takes as long as to look.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source);
  const options: RunOptions = {
    iframes: false,
    resultTypes: ['violations'],
    ...(rules !== undefined && { runOnly: { type: 'rule', values: [...rules] } }),
    rules: Object.fromEntries(but.map((rule) => [rule, { enabled: false }])),
  };
  return page.evaluate(findViolations, { exclude: without === undefined ? [] : [without], options });
}

/** Runs in the page, where `axe` is what was put there. */
async function findViolations(asked: { readonly exclude: string[]; readonly options: RunOptions }): Promise<string[]> {
  // A colour half way between two themes is nobody's colour: what is changing is taken to its end, with no wait for frames.
  for (const animation of document.getAnimations()) if (animation instanceof CSSTransition) animation.finish();
  const { violations } = await axe.run({ exclude: asked.exclude }, asked.options);
  return violations.flatMap(({ id, help, nodes }) =>
    nodes
      .slice(0, 4)
      .map(
        (node) =>
          `${id} (${help}) at ${JSON.stringify(node.target)}: ${node.html.slice(0, 160)} ${(node.any[0] ?? node.all[0])?.message ?? ''}`,
      ),
  );
}
