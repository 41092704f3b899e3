/** Types of inventory.mjs, for tests. */
export interface Package {
  /** Its key in the lock file. */
  readonly place: string;
  readonly name: string;
  readonly version: string;
  readonly licence: string | undefined;
  readonly integrity: string | undefined;
  readonly isShipped: boolean;
  readonly isBundled: boolean;
  readonly isDirect: boolean;
  readonly hasInstallScript: boolean;
  readonly by: readonly string[];
  readonly platform?: string;
}

export interface Component {
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly licenses?: readonly { readonly expression: string }[];
}

export function inventoryOf(root: string): readonly Package[];
export function billOfMaterials(root: string): { readonly components: readonly Component[] };
