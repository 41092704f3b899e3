/** The daemon's server on given parts, without a node: for tests of the server itself. */
import { join } from 'node:path';
import type { OpenOrigin } from '../../src-main/host/open-origins.ts';
import { inertDocument } from '../../src-main/workers/inert/document.ts';
import { startHeadlessServer } from '../../src-main/host/headless/server.ts';
import type { HeadlessOptions, HeadlessServer } from '../../src-main/host/headless/server.ts';
import { findViewerAssets } from '../../src-main/host/content/viewer.ts';

export const PROJECT_ROOT = join(import.meta.dirname, '..', '..');
export const TOKEN = 'a-token-of-the-tests';

export type HeadlessTestOptions = Partial<HeadlessOptions> & {
  readonly origins?: Readonly<Record<string, OpenOrigin>>;
};

export async function headless(options: HeadlessTestOptions): Promise<HeadlessServer> {
  return startHeadlessServer({
    port: 0,
    token: TOKEN,
    contract: { handlers: {} as never, on: () => () => {} },
    origin: (label) => options.origins?.[label],
    inert: async (request) => inertDocument(request),
    receive: async () => ({ sizeBytes: 0 }),
    rendererDirectory: join(PROJECT_ROOT, 'test', 'fixtures', 'none'),
    viewerAssets: findViewerAssets(PROJECT_ROOT),
    onDefect: (thrown) => {
      throw thrown;
    },
    ...options,
  });
}
