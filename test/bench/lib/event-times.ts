/** How long a page takes from a key or a click to the paint that answers it, by the browser's own Event Timing (in steps of 8 ms). */
import type { Page } from 'playwright-core';

/** Begins to watch; what was before counts for nothing. */
export function watchEvents(page: Page): Promise<void> {
  return page.evaluate(() => {
    const window = globalThis as unknown as { longest: number };
    window.longest = 0;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration);
      // 16 ms is the least that may be asked for; what is shorter counts as 0.
    }).observe({ type: 'event', durationThreshold: 16, buffered: false } as PerformanceObserverInit);
  });
}

/** Of the event that just was: read after some frames, when it has been painted and told. */
export function lastEventMs(page: Page): Promise<number> {
  return page.evaluate(async () => {
    for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
    // Entries are told in a task of their own after the paint.
    await new Promise((resolve) => setTimeout(resolve, 50));
    const window = globalThis as unknown as { longest: number };
    const { longest } = window;
    window.longest = 0;
    return longest;
  });
}
