/** Every benchmark in turn, and the page of targets. Run: npm run bench -- all [--quick] [--only RUN,RUN] [--from RUN] [--page] [--list] [--out DIRECTORY] */
import { runAll } from '../targets/run-all.ts';

process.exitCode = await runAll('bench', process.argv.slice(2));
