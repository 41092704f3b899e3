/** The version that the program says it has: package.json is the one place where it stands. */
import manifest from '../../package.json' with { type: 'json' };

export const VERSION: string = manifest.version;
