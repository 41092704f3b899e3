/** Where the project lies, for tests that read its files or start its commands. */
import { resolve } from 'node:path';

export const projectRoot = resolve(import.meta.dirname, '../..');
