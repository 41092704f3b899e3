/** Where package.json is: two levels up from here in a checkout. The packed app passes directories of its own. */
import { join } from 'node:path';

export const PROJECT_ROOT = join(import.meta.dirname, '..', '..');
