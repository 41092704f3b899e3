/**
 * Adds what is not kept yet of the messages of this version of the protocol to test/vectors/wire: after a kind was added, say. What is there
 * stays as it is. Run: node test/vectors/wire-fixtures.ts
 */
import { writeFileSync } from 'node:fs';
import { PROTOCOL_VERSION } from '../../src-main/core/wire/link-messages.ts';
import { keptMessages, keptPath, presentMessages } from './wire-kept.ts';

const kept = keptMessages(PROTOCOL_VERSION);
const isKept = new Set(kept.map(({ channel, bytes }) => `${channel} ${bytes}`));
const added = presentMessages().filter(({ channel, bytes }) => !isKept.has(`${channel} ${bytes}`));
if (added.length > 0) {
  const lines = [...kept, ...added].map((message) => `  ${JSON.stringify(message)}`);
  writeFileSync(keptPath(PROTOCOL_VERSION), `[\n${lines.join(',\n')}\n]\n`);
}
process.stdout.write(`${kept.length} messages were kept, ${added.length} added\n`);
