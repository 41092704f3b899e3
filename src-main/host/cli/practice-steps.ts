/** What `testnet` says on standard error on the way, which whoever started it may follow. */
export const STEPS = {
  nodes: (count: number) => `Starting ${count} nodes`,
  links: 'Waiting for their links',
  samples: 'Publishing the samples',
};
