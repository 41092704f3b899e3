/** What the node counts; each is shown by `status` or in Network. */
export class Statistics {
  /** Requests and inserts of this node. */
  started = 0;
  answered = 0;
  /** Messages of others that went through here. */
  relayed = 0;
  /** Messages that failed their check, were malformed or answered nothing that was asked. */
  garbage = 0;
  /** Messages of others answered `overload`. */
  refused = 0;
  loops = 0;
  /** Answers for which nothing waits any more: late, or never asked. */
  stray = 0;
}
