/**
 * Checksums inside the files that are read back. The JSON of a file (all of it, one line, or the header of
 * a binary file) has a property `checksum` of 16 hexadecimal digits: the first of the SHA-256 of all bytes
 * of the file, with zeros in the place of the digits themselves. So every changed bit is seen, values
 * included, and other programs read the file as before.
 */

/** A hash under way, as `node:crypto` has it; told here, so that the types of the package need none of Node's. */
interface Hash {
  update(data: Uint8Array | string): Hash;
  digest(encoding: "hex"): string;
}

interface Crypto {
  createHash(algorithm: string): Hash;
}

/** What `checksum` holds until the file is sealed. */
export const UNSEALED = "0".repeat(16);
const PROPERTY = /"checksum": ?"([0-9a-f]{16})"/g;
const PROPERTY_END = '"'.length;

/** Puts the checksum into `bytes`, in whose first `head` bytes `"checksum":"0000000000000000"` stands. */
export function seal(bytes: Uint8Array, crypto: Crypto, head = bytes.length): void {
  const written = writtenIn(bytes, head);
  if (written?.digits !== UNSEALED) throw new Error("there is no place for a checksum");
  bytes.set(new TextEncoder().encode(digest(bytes, written.at, crypto)), written.at);
}

/** Whether `bytes` have, in their first `head` bytes, the checksum of what they are. */
export function isSealed(bytes: Uint8Array, crypto: Crypto, head = bytes.length): boolean {
  const written = writtenIn(bytes, head);
  return written !== undefined && written.digits === digest(bytes, written.at, crypto);
}

/** One line of JSON, or several with `indent`, with the checksum as its last property. */
export function sealedJson(value: object, crypto: Crypto, indent?: number): Uint8Array {
  const text = JSON.stringify({ ...value, checksum: UNSEALED }, null, indent);
  const bytes = new TextEncoder().encode(`${text}\n`);
  seal(bytes, crypto);
  return bytes;
}

/** What `sealedJson` was given, or undefined if a bit of it has changed. */
export function openSealedJson(bytes: Uint8Array, crypto: Crypto): object | undefined {
  if (!isSealed(bytes, crypto)) return undefined;
  const { checksum: _, ...value } = JSON.parse(new TextDecoder().decode(bytes));
  return value;
}

/** The digits and where they begin; undefined unless there is exactly one such property. */
function writtenIn(bytes: Uint8Array, head: number) {
  // One character for each byte.
  const text = new TextDecoder("latin1").decode(bytes.subarray(0, head));
  const [found, another] = text.matchAll(PROPERTY);
  if (found === undefined || another !== undefined) return undefined;
  const [property, digits] = found;
  return { digits, at: found.index + property.length - PROPERTY_END - digits.length };
}

function digest(bytes: Uint8Array, at: number, { createHash }: Crypto): string {
  return createHash("sha256")
    .update(bytes.subarray(0, at))
    .update(UNSEALED)
    .update(bytes.subarray(at + UNSEALED.length))
    .digest("hex")
    .slice(0, UNSEALED.length);
}
