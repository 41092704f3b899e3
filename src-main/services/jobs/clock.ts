/** Time as the services see it: passed in, so that tests move it by hand and never wait. */
export interface Clock {
  /** Milliseconds since 1970, for what is shown or kept. May jump. */
  now(): number;
  /** Milliseconds from an arbitrary start that never go backwards, for rates and durations. */
  monotonicMs(): number;
  /** Runs `action` once after `delayMs`; the function returned prevents it. */
  after(delayMs: number, action: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, action) {
    const timer = setTimeout(action, delayMs);
    return () => clearTimeout(timer);
  },
};
