/** Types of electron-builder.config.mjs, for tests. */
interface PlatformConfig {
  readonly icon: string;
  readonly files: readonly string[];
}

declare const config: {
  readonly electronVersion: string;
  readonly npmRebuild: boolean;
  readonly nodeGypRebuild: boolean;
  readonly publish: null;
  readonly extraMetadata: { readonly homepage: string };
  readonly linux: PlatformConfig & { readonly target: readonly string[]; readonly maintainer: string };
  readonly mac: PlatformConfig & { readonly target: readonly unknown[]; readonly x64ArchFiles: string };
  readonly win: PlatformConfig & { readonly target: readonly string[] };
};
export default config;
