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
