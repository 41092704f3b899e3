/**
 * The bytes in a buffer of their own and as a plain Uint8Array: a message to a thread copies or takes along the whole
 * buffer behind a view, which for Node's pooled Buffers is other people's memory.
 */
export function ownBytes(bytes: Uint8Array): Uint8Array {
  const whole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength;
  return whole ? new Uint8Array(bytes.buffer) : new Uint8Array(bytes);
}
