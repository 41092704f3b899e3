/**
 * `npm run dependencies`: writes docs/DEPENDENCIES.md. The dates of releases, the newest versions and known weaknesses come from the
 * registry in use; what it does not tell is said to be unknown.
 */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import prettier from 'prettier';
import { inventoryOf } from './inventory.mjs';

const execute = promisify(execFile);
const AT_ONCE = 8;

export async function run({ root }) {
  const inventory = inventoryOf(root);
  const released = await releasesOf(
    root,
    inventory.filter(({ isShipped, isBundled, isDirect }) => isShipped || isBundled || isDirect),
  );
  const path = join(root, 'docs/DEPENDENCIES.md');
  const page = pageOf(inventory, released, await auditOf(root));
  writeFileSync(path, await prettier.format(page, { ...(await prettier.resolveConfig(path)), parser: 'markdown' }));
  process.stdout.write(`${path}\n`);
  return 0;
}

function pageOf(inventory, released, audit) {
  const shipped = inventory.filter(({ isShipped }) => isShipped);
  const used = shipped.filter(({ isDirect }) => isDirect);
  const brought = shipped.filter(({ isDirect }) => !isDirect);
  const bundled = inventory.filter(({ isShipped, isBundled }) => isBundled && !isShipped);
  const tools = inventory.filter(({ isShipped, isBundled, isDirect }) => !isShipped && !isBundled && isDirect);
  const others = inventory.length - shipped.length - bundled.length - tools.length;
  const licences = Object.entries(Object.groupBy([...shipped, ...bundled], ({ licence }) => licence ?? 'not told'))
    .map(([licence, all]) => `${licence} ${all.length}`)
    .join(', ');
  const line = (entry) => {
    const { date, newest } = released.get(entry.place) ?? {};
    const state = newest === undefined ? '' : newest === entry.version ? 'newest' : `${newest} is out`;
    return [entry.name, entry.version, entry.licence ?? 'not told', date ?? 'not told', state];
  };
  return [
    '# Dependencies',
    '',
    'Written by `npm run dependencies` from `package-lock.json`; not to be edited. Why each was taken stands in',
    '[ARCHITECTURE.md](../ARCHITECTURE.md), "Dependencies". A test holds to it: versions are pinned, everything that is installed has a SHA-512 in the',
    'lock file, nothing in the program runs an install script (and `.npmrc` lets nobody), and licences are those of a list',
    '(`test/unit/house/dependencies.test.ts`). Packages carry a bill of materials, `sbom.cdx.json` (CycloneDX 1.5).',
    '',
    `In the program: ${shipped.length + bundled.length} packages (${licences}). Known weaknesses: ${audit}`,
    '',
    '## In the program, chosen',
    '',
    table(['package', 'version', 'licence', 'released', 'newer'], used.map(line)),
    '',
    '## In the program, brought along',
    '',
    table(
      ['package', 'version', 'licence', 'released', 'newer', 'by'],
      brought.map((entry) => [...line(entry), entry.by.join(', ')]),
    ),
    '',
    '## Bundled into the interface and the viewer',
    '',
    table(
      ['package', 'version', 'licence', 'released', 'newer', 'by'],
      bundled.map((entry) => [...line(entry), entry.isDirect ? '' : entry.by.join(', ')]),
    ),
    '',
    `## For building and testing, chosen (they bring ${others} more)`,
    '',
    table(['package', 'version', 'licence', 'released', 'newer'], tools.map(line)),
    '',
  ].join('\n');
}

function table(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** When each was released, and what is newest; nothing for those that the registry does not tell. */
async function releasesOf(root, entries) {
  const { stdout } = await execute('npm', ['config', 'get', 'registry'], { cwd: root });
  const registry = stdout.trim().replace(/\/?$/, '/');
  const released = new Map();
  const waiting = [...entries];
  const worker = async () => {
    for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift()) {
      try {
        const answer = await fetch(`${registry}${entry.name.replace('/', '%2f')}`);
        if (!answer.ok) continue;
        const { time, 'dist-tags': tags } = await answer.json();
        released.set(entry.place, { date: time?.[entry.version]?.slice(0, 10), newest: tags?.latest });
      } catch (error) {
        process.stderr.write(`${entry.name}: ${error.message}\n`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return released;
}

/** What `npm audit` says of what is shipped, in a sentence. It ends with 1 where there are any. */
async function auditOf(root) {
  const { stdout } = await execute('npm', ['audit', '--omit=dev', '--json'], { cwd: root }).catch((error) => error);
  try {
    const { metadata } = JSON.parse(stdout);
    const { total } = metadata.vulnerabilities;
    return total === 0 ? 'none by `npm audit`.' : `${total} by \`npm audit\`; look there.`;
  } catch {
    return 'not known: the registry that this page was made with does not answer `npm audit`.';
  }
}
