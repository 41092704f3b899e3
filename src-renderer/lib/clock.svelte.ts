/** The present, for times that count on while one looks. It ticks only while something on the page reads it. */
import { createSubscriber } from 'svelte/reactivity';

function ticking(everyMs: number): { readonly now: number } {
  const subscribe = createSubscriber((update) => {
    const timer = setInterval(update, everyMs);
    return () => clearInterval(timer);
  });
  return {
    get now() {
      subscribe();
      return Date.now();
    },
  };
}

/** For "4.2 seconds so far". */
export const everyQuarter = ticking(250);
/** For "next try in 8 seconds". */
export const everySecond = ticking(1000);
/** For "20 minutes ago". */
export const everyMinute = ticking(30_000);
