/** Prints the golden vectors, or with --write replaces the files. They change only together with a format number. */
import { writeFileSync } from 'node:fs';
import { makeVectors } from './vectors.ts';

for (const [name, value] of Object.entries(makeVectors())) {
  const text = `${JSON.stringify(value, null, 2)}\n`;
  if (process.argv.includes('--write')) writeFileSync(new URL(name, import.meta.url), text);
  else process.stdout.write(`${name}\n${text}`);
}
