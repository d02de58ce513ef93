/** `value` with at most `digits` significant digits and no trailing zeros. */
export function shortNumber(value: number, digits: number): string {
  return String(Number(value.toPrecision(digits)));
}

/** Marks that turn the direction of all that follows them. */
const DIRECTIONS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** `text` on one line and without characters which a terminal would obey: controls, and marks of direction. */
export function plainText(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").replace(DIRECTIONS, "");
}

/** As `plainText`, with its lines as they are. */
export function plainLines(text: string): string {
  return text.split("\n").map(plainText).join("\n");
}

/** More characters than this of a cell are not shown. */
const LONGEST = 101;

/** As `plainText`, with the middle of a long text left out. */
export function shortText(text: string): string {
  const plain = plainText(text);
  const characters = Array.from(plain.slice(0, 4 * LONGEST));
  if (characters.length <= LONGEST) return plain;
  const half = (LONGEST - 1) / 2;
  const end = Array.from(plain.slice(-4 * half)).slice(-half);
  return `${characters.slice(0, half).join("")}…${end.join("")}`;
}
