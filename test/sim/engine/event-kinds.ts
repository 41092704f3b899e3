/** Kinds of events in the queue, and what their numbers mean. */

/** a: end that receives; b: channel; payload: bytes. */
export const MESSAGE = 0;
/** a: node; b: effect; c: incarnation; payload: record or undefined. */
export const READ_DONE = 1;
/** a: node; b: effect; c: incarnation; payload: outcome. */
export const WRITE_DONE = 2;
/** a: node; c: incarnation. */
export const WAKE = 3;
/** a: node; b: effect; c: incarnation; payload: public key. */
export const LOCATED = 4;
/** a: node; b: effect; c: incarnation; payload: stamp. */
export const STAMPED = 5;
/** a: who dialled; b: whom; c: incarnation. */
export const DIALLED = 6;
/** a: end whose node learns that the link is down; b: 1 if the end is closed already and only the core is to hear. */
export const LINK_DOWN = 7;
/** a: node whose uplink is free for the next message that waits; c: incarnation. */
export const UPLINK = 8;
/** a: node; b: what for; c: incarnation. */
export const UPKEEP = 9;
/** payload: what an experiment asked to be run. */
export const CALL = 10;

/** Kinds of trace lines that are no events of the queue. */
export const TRACE_LINK = 32;
export const TRACE_OPERATION = 33;
export const TRACE_LIFE = 34;
