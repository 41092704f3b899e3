export const KIB = 1024;
export const MIB = 1024 * KIB;
export const GIB = 1024 * MIB;

/** Decimal multiples, as the interface shows sizes (Intl has kilobyte as 1,000 bytes). */
export const MB = 1_000_000;
export const GB = 1_000_000_000;
