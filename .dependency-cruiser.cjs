/** Who may import whom: the rules of the house, each with its reason. test/unit/house/imports.test.ts breaches each one. */

const CORE = '^src-main/core/';
const BASE = '^shared/base/';
/** Libraries that are pure functions: no Node, no DOM, no clock. */
const PURE_PACKAGES = 'node_modules/(@scure/base|@scure/bip39|@noble/hashes|secrets\\.js-grempe)/';
/**
 * Sealing and coding of blocks, trees of files: pure functions that the threads of workers/ run off the main one; and words, matching and
 * ranking, which every index does the same.
 */
const CORE_FOR_ADAPTERS =
  '^src-main/core/(ports\\.ts|limits\\.ts|wire/|publish/(piece|reed-solomon|segments)\\.ts|transfer/tree\\.ts|search/(entry|index-port|match|query|rank|word-table|words)\\.ts)';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'core-is-pure',
      comment:
        'The core is the protocol as pure state machines: itself, shared/base and pure libraries, nothing of Node.',
      severity: 'error',
      from: { path: CORE },
      to: { pathNot: [CORE, BASE, PURE_PACKAGES] },
    },
    {
      name: 'base-imports-nothing',
      comment: 'shared/base is the floor: itself and pure libraries.',
      severity: 'error',
      from: { path: BASE },
      to: { pathNot: [BASE, PURE_PACKAGES] },
    },
    {
      name: 'contract-imports-base',
      comment: 'shared/ipc is read by the interface and by the node: shared and the two libraries of the contract.',
      severity: 'error',
      from: { path: '^shared/ipc/' },
      to: { pathNot: ['^shared/', 'node_modules/(valibot|birpc)/'] },
    },
    {
      name: 'adapters-know-ports-only',
      comment:
        'transport, storage and workers implement the ports of the core; of the core they see ports, limits and wire.',
      severity: 'error',
      from: { path: '^src-main/(transport|storage|workers)/' },
      to: {
        path: '^(src-main|shared|src-renderer)/',
        pathNot: ['^src-main/(transport|storage|workers)/', CORE_FOR_ADAPTERS, BASE],
      },
    },
    {
      name: 'adapters-never-each-other',
      comment: 'An adapter that needs another gets it passed in.',
      severity: 'error',
      from: { path: '^src-main/(transport|storage|workers)/' },
      to: { path: '^src-main/(transport|storage|workers)/', pathNot: '^src-main/$1/' },
    },
    {
      name: 'services-get-adapters-passed-in',
      comment: 'The use cases know the core and the contract; adapters and hosts come through their constructors.',
      severity: 'error',
      from: { path: '^src-main/services/' },
      to: { path: '^(src-main|src-renderer)/', pathNot: ['^src-main/(services|core)/'] },
    },
    {
      name: 'only-hyperswarm-adapter-imports-hyper',
      comment: 'The network library can be replaced in one folder.',
      severity: 'error',
      from: { path: '^(src-main|src-renderer|shared)/', pathNot: '^src-main/transport/hyperswarm/' },
      to: { path: 'node_modules/(hyper[^/]*|protomux[^/]*|@hyperswarm)/' },
    },
    {
      name: 'only-electron-host-imports-electron',
      comment: 'Everything else runs, and is tested, without Electron.',
      severity: 'error',
      from: { pathNot: '^src-main/host/electron/' },
      to: { path: ['node_modules/electron/', '^electron$'] },
    },
    {
      name: 'hosts-are-above',
      comment:
        'Hosts compose the rooms below; nothing below knows a host, and hosts do not know the interface’s sources.',
      severity: 'error',
      from: { path: '^src-main/(?!host/)' },
      to: { path: '^src-main/host/' },
    },
    {
      name: 'main-and-interface-are-apart',
      comment: 'They meet in shared/ipc.',
      severity: 'error',
      from: { path: '^src-main/' },
      to: { path: '^src-renderer/' },
    },
    {
      name: 'interface-knows-the-contract-only',
      comment: 'The interface does not know who answers it: no Node, no main process.',
      severity: 'error',
      from: { path: '^src-renderer/' },
      to: { path: '^(src-main|build|test)/' },
    },
    {
      name: 'interface-without-node',
      comment: 'The interface runs in a sandbox.',
      severity: 'error',
      from: { path: '^src-renderer/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'interface-ui-and-lib-lowest',
      comment: 'Layers: app, views, features, then ui and lib.',
      severity: 'error',
      from: { path: '^src-renderer/(ui|lib)/' },
      to: { path: '^src-renderer/(app|views|features)/' },
    },
    {
      name: 'interface-features-below-views',
      comment: 'Layers: app, views, features, then ui and lib.',
      severity: 'error',
      from: { path: '^src-renderer/features/' },
      to: { path: '^src-renderer/(app|views)/' },
    },
    {
      name: 'interface-views-below-app',
      comment: 'Layers: app, views, features, then ui and lib.',
      severity: 'error',
      from: { path: '^src-renderer/views/' },
      to: { path: '^src-renderer/app/' },
    },
    {
      name: 'features-never-each-other',
      comment: 'What two features share belongs below them.',
      severity: 'error',
      from: { path: '^src-renderer/features/([^/]+)/' },
      to: { path: '^src-renderer/features/', pathNot: '^src-renderer/features/$1/' },
    },
    {
      name: 'nothing-imports-tests',
      comment: 'Tests import anything; nothing imports tests.',
      severity: 'error',
      from: { pathNot: '^test/' },
      to: { path: '^test/' },
    },
    {
      name: 'no-circles',
      comment: 'A circle of imports is one file in pieces.',
      severity: 'error',
      from: { path: '^(src-main|src-renderer|shared)/' },
      to: { circular: true },
    },
    {
      name: 'all-resolves',
      comment: 'An import that leads nowhere escapes every other rule.',
      severity: 'error',
      // The viewer's script runs in its own origin, whose root is not the project's.
      from: { path: '^(src-main|src-renderer|shared)/', pathNot: '^src-main/host/content/viewer/' },
      to: { couldNotResolve: true, pathNot: '\\.(woff2|svg|png|css)' },
    },
    {
      name: 'no-build-tools-in-the-product',
      comment: 'What ships imports what ships: development dependencies stay out of main, shared and the contract.',
      severity: 'error',
      from: { path: '^(src-main|shared)/' },
      to: { dependencyTypes: ['npm-dev'], pathNot: ['node_modules/electron/', 'node_modules/@types/'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['svelte', 'import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.mjs', '.cjs', '.js', '.svelte', '.json', '.d.ts'],
    },
  },
};
