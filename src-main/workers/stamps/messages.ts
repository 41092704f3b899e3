/** What the stamper and its threads say to each other: many stamps a message, for a message costs as much as a stamp. */

export interface StampBatch {
  readonly task: number;
  /** Addresses, one behind the other. */
  readonly addresses: Uint8Array<ArrayBuffer>;
  /** Of each, how many bits are wanted. */
  readonly bits: Uint8Array<ArrayBuffer>;
}

export interface StampedBatch {
  readonly task: number;
  /** Stamps, one behind the other, in the order of the addresses. */
  readonly stamps: Uint8Array<ArrayBuffer>;
}
