/** The option by which an experiment lets its network be placed or grown, and the note that says which it was. */
import { TOPOLOGIES } from '../engine/topology.ts';
import type { Topology } from '../engine/topology.ts';
import type { ExperimentContext, OptionSpec } from '../experiment.ts';

export function topologyOption(byDefault: Topology): OptionSpec {
  return {
    kind: 'text',
    about: 'placed: links of length 1/d by construction; grown: nodes join by the protocol',
    default: byDefault,
    choices: TOPOLOGIES,
  };
}

export function topologyOf(context: ExperimentContext): Topology {
  return context.text('topology') as Topology;
}

export function topologyNote(topology: Topology): string {
  return topology === 'placed'
    ? 'Topology: placed. Links of length about 1/d and both neighbours on the ring by construction; the cores may change them.'
    : 'Topology: grown. Nodes joined one after the other by the production protocol.';
}
