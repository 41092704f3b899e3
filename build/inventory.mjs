/** What the program and its building are made of, from package-lock.json: the page docs/DEPENDENCIES.md, and the bill of materials in packages. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Every package of the lock file. `isShipped`: it lies in the program's node_modules; `isBundled`: it went into what is built, as far as
 * out/ is there; `isDirect`: package.json names it; `by`: who needs it, of those that package.json names; `platform`: it is
 * installed on that one alone.
 */
export function inventoryOf(root) {
  const bundled = bundledIn(root);
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const direct = { ...manifest.devDependencies, ...manifest.dependencies };
  const by = neededBy(packages, Object.keys(direct));
  return Object.entries(packages)
    .filter(([place]) => place !== '')
    .map(([place, entry]) => ({
      place,
      name: nameAt(place),
      version: entry.version,
      licence: entry.license,
      integrity: entry.integrity,
      // "devOptional": a tool that a part of the program could make use of (types of valibot).
      isShipped: entry.dev !== true && entry.devOptional !== true,
      isBundled: bundled.has(place),
      isDirect: place === `node_modules/${nameAt(place)}` && Object.hasOwn(direct, nameAt(place)),
      hasInstallScript: entry.hasInstallScript === true,
      by: [...(by.get(place) ?? [])].toSorted((a, b) => (a < b ? -1 : 1)),
      ...((entry.os ?? entry.cpu) && { platform: [...(entry.os ?? []), ...(entry.cpu ?? [])].join(' ') }),
    }));
}

/**
 * CycloneDX 1.5 (https://cyclonedx.org/docs/1.5/json/) of what is in the program, the same for the same build: without a date or
 * a serial number, so that packages can be made again byte by byte.
 */
export function billOfMaterials(root) {
  const { name, version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const shipped = new Map();
  for (const entry of inventoryOf(root))
    if (entry.isShipped || entry.isBundled) shipped.set(`${entry.name}@${entry.version}`, entry);
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: { component: componentOf('application', name, version, license) },
    components: [...shipped.values()].map((entry) => ({
      ...componentOf('library', entry.name, entry.version, entry.licence),
      ...(entry.integrity && { hashes: [hashOf(entry.integrity)] }),
    })),
  };
}

function componentOf(type, name, version, licence) {
  const purl = `pkg:npm/${encodeURIComponent(name).replace('%2F', '/')}@${version}`;
  return {
    type,
    'bom-ref': `${name}@${version}`,
    name,
    version,
    purl,
    ...(licence && { licenses: [{ expression: licence }] }),
  };
}

/** `sha512-<base64>` of a lock file in the form of CycloneDX. */
function hashOf(integrity) {
  const [kind, base64] = integrity.split(' ', 1)[0].split(/-(.*)/s);
  return { alg: kind.replace(/^sha/, 'SHA-'), content: Buffer.from(base64, 'base64').toString('hex') };
}

/** What the bundler noted (electron.config.ts), and what is copied as it is (build.mjs). */
function bundledIn(root) {
  const notes = ['renderer', 'preload'].map((name) => join(root, `out/bundled-${name}.json`)).filter(existsSync);
  return new Set(['node_modules/pdfjs-dist', ...notes.flatMap((note) => JSON.parse(readFileSync(note, 'utf8')))]);
}

function nameAt(place) {
  return place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

/** Which of the named packages lead to each place, over any number of others. */
function neededBy(packages, names) {
  const by = new Map();
  for (const name of names) {
    const waiting = [`node_modules/${name}`];
    for (const place of waiting) {
      const entry = packages[place];
      if (entry === undefined || by.get(place)?.has(name)) continue;
      if (!by.has(place)) by.set(place, new Set());
      by.get(place).add(name);
      const needed = { ...entry.dependencies, ...entry.optionalDependencies, ...entry.peerDependencies };
      for (const other of Object.keys(needed)) {
        const found = placeOf(packages, place, other);
        if (found !== undefined) waiting.push(found);
      }
    }
  }
  return by;
}

/** As Node looks for it: in its own node_modules, then in each one above. */
function placeOf(packages, from, name) {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
    const place = `${at === '' ? '' : `${at}/`}node_modules/${name}`;
    if (packages[place] !== undefined) return place;
    if (at === '') return undefined;
  }
}
