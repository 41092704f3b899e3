/** What an experiment is given, made of the words of the command line. */
import type { CommonArguments } from './arguments.ts';
import type { Experiment, ExperimentContext } from './experiment.ts';

/** `label` stands before each line of progress. */
export function contextOf(experiment: Experiment, given: CommonArguments, label = experiment.name): ExperimentContext {
  const { nodes, seed, own } = given;
  const value = (name: string): number | boolean | string => {
    const found = own.get(name);
    if (found === undefined) throw new Error(`${experiment.name} asks for an option that it does not have: ${name}`);
    return found;
  };
  return {
    nodes,
    seed,
    say: (text) => void process.stderr.write(`${label}: ${text}\n`),
    number: (name) => Number(value(name)),
    flag: (name) => value(name) === true,
    text: (name) => String(value(name)),
  };
}
