/** What the node counts; each is shown by `status` or in Network. */
export class Statistics {
  /** Requests and inserts of this node. */
  started = 0;
  answered = 0;
  /** Messages of others that went through here by distance, and by the stem. */
  relayed = 0;
  stems = 0;
  /** Messages that failed their check, were malformed or answered nothing that was asked. */
  garbage = 0;
  /** Messages of others answered `overload`. */
  refused = 0;
  /** Links closed for garbage. */
  hungUp = 0;
  /** Links whose other end said no hello, and those for which there was no room among the neighbours. */
  helloless = 0;
  turnedAway = 0;
  /** Inserts and copies beyond what a neighbour may have stored in a day. */
  overBudget = 0;
  /** Signed slots that differ from one of the same version that is here. */
  contradictions = 0;
  /** Seconds in which a link brought thousands of short messages (links/floods.ts). */
  floods = 0;
  /** Inserts of others whose stamp was too small. */
  underpaid = 0;
  loops = 0;
  /** Answers for which nothing waits any more: late, or never asked. */
  stray = 0;
  /** Copies given to neighbours because nodes came or went. */
  handedOver = 0;
  /** Seeks, own and of others, that were sent on. */
  seeks = 0;
  /** Links that this node asked for, and those that it gave up. */
  dials = 0;
  givenUp = 0;
}
