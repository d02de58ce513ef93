/** `value` with at most `digits` significant digits and no trailing zeros. */
export function shortNumber(value: number, digits: number): string {
  return String(Number(value.toPrecision(digits)));
}

/** `text` on one line and without control characters, which a terminal would obey. */
export function plainText(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ");
}
