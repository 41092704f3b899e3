/** Every soak in turn, and the page of targets. Run: npm run soak -- all [--quick] [--only RUN,RUN] [--from RUN] [--page] [--list] [--out DIRECTORY] */
import { runAll } from '../targets/run-all.ts';

process.exitCode = await runAll('soak', process.argv.slice(2));
