/** The channels between preload and main, each for one thing. The contract itself goes over the port. */
export const CHANNELS = {
  /** Page to main: give me a port. */
  wantPort: 'broadside:want-port',
  /** Main to page: the port. */
  port: 'broadside:port',
  /** Page to main: show content there, or null to take it away. */
  content: 'broadside:content',
  /** Main to page: go to a job's view. */
  showJob: 'broadside:show-job',
} as const;
