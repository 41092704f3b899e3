/**
 * Why a connection ended, or was not taken up ('crowded': too many were opening). 'dismissed' when the other end said that it
 * does not want it, 'prefix' when we said so for its /24.
 */
export type CloseReason =
  | 'asked'
  | 'stopped'
  | 'remote'
  | 'duplicate'
  | 'replaced'
  | 'full'
  | 'crowded'
  | 'prefix'
  | 'dismissed'
  | 'self'
  | 'handshake-timeout'
  | 'gone'
  | 'too-slow'
  | 'oversized'
  | 'violation'
  | 'overrun';
