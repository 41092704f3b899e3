/** The threads of block stores: one writes, another reads. */
import { BLOCK_SCHEMA } from './block-database.ts';
import { BlockReader } from './block-reader.ts';
import { BlockWriter } from './block-writer.ts';
import type { BlockProtocol, WorkerSetup } from './messages.ts';
import { serveStores } from './thread-side.ts';

serveStores<WorkerSetup, BlockProtocol>(BLOCK_SCHEMA.what, (side, setup) => {
  if (setup.role === 'writer') new BlockWriter(side, setup);
  else new BlockReader(side, setup.path);
});
