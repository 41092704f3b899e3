/** How the app is packed. `npm run pack` makes the installers of this platform; out/ has to be built before. */

/**
 * Who answers for a release: packages for Linux have to name somebody and a page. Whoever releases sets them (docs/release.md); the
 * names here lead nowhere (RFC 2606).
 */
const HOMEPAGE = process.env.BROADSIDE_HOMEPAGE ?? 'https://broadside.invalid';
const MAINTAINER = process.env.BROADSIDE_MAINTAINER ?? 'Broadside <nobody@broadside.invalid>';

/** The natives' prebuilt binaries of the platform that is packed for, and no other. */
const NATIVES_OF_ONE = '!**/prebuilds/!(${platform}-${arch})/**';
/** A universal program is put together of two that have the same files: both have those of both. */
const NATIVES_OF_DARWIN = '!**/prebuilds/!(darwin-*)/**';

/** What libraries carry that a running app never opens. */
const LEFT_OUT_OF_LIBRARIES = [
  '!**/node_modules/**/{test,tests,__tests__,example,examples,docs,benchmark,bench}/**',
  '!**/node_modules/**/*.{md,markdown,map,ts,cts,mts,tsbuildinfo,c,cc,cpp,h,gyp,cmake,yml}',
  '!**/node_modules/**/{CMakeLists.txt,.github,.editorconfig,.eslintrc*,.npmignore,.prettierrc*,tsconfig.json}',
];

/** In each platform's own list: one that only leaves out would begin with everything. */
const FILES = [
  'out/{main,preload,renderer,viewer}/**',
  'package.json',
  'LICENSE',
  '!**/*.map',
  ...LEFT_OUT_OF_LIBRARIES,
];

/** @type {import('electron-builder').Configuration} */
export default {
  appId: 'org.broadside.Broadside',
  productName: 'Broadside',
  copyright: 'MIT License',
  directories: { output: 'dist', buildResources: 'build' },
  electronVersion: '45.3.4',
  asar: true,
  // Prebuilt natives come in the packages (Node-API, so the same for Node and Electron): nothing is compiled.
  npmRebuild: false,
  nodeGypRebuild: false,
  buildDependenciesFromSource: false,
  publish: null,
  // What the package is made of, beside the archive where anybody can read it (pack.mjs writes it).
  extraResources: [{ from: 'out/sbom.cdx.json', to: 'sbom.cdx.json' }],
  protocols: [{ name: 'Broadside link', schemes: ['broadside'] }],
  electronFuses: {
    // The binary is the app and nothing else: not a Node for whoever can start it with a variable or a flag.
    runAsNode: false,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableCookieEncryption: true,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    grantFileProtocolExtraPrivileges: false,
  },
  extraMetadata: { homepage: HOMEPAGE },
  linux: {
    files: [...FILES, NATIVES_OF_ONE],
    maintainer: MAINTAINER,
    vendor: 'Broadside',
    category: 'Network',
    synopsis: 'Censorship-resistant publishing and file sharing',
    icon: 'build/icons',
    executableName: 'broadside',
    target: ['AppImage', 'deb', 'rpm', 'tar.gz'],
    mimeTypes: ['x-scheme-handler/broadside'],
  },
  mac: {
    category: 'public.app-category.utilities',
    icon: 'build/icons/icon.icns',
    files: [...FILES, NATIVES_OF_DARWIN],
    target: [{ target: 'dmg', arch: ['universal'] }],
    x64ArchFiles: '**/prebuilds/darwin-*/**',
    mergeASARs: true,
    hardenedRuntime: true,
    gatekeeperAssess: false,
  },
  win: { files: [...FILES, NATIVES_OF_ONE], icon: 'build/icons/icon.ico', target: ['nsis'] },
  nsis: { oneClick: false, perMachine: false, allowToChangeInstallationDirectory: true },
};
