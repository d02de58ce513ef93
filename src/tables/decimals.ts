/** Numbers as they are written, and what a float64 loses of them. */

/** A decimal number exactly: whole units times a power of ten, without zeros at the end. */
export function decimalOf(text: string): { readonly units: bigint; readonly power: number } {
  const [, sign, before, after = "", exponent = "0"] =
    /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(text) ?? [];
  const digits = `${before}${after}`.replace(/0+$/, "");
  const power = before.length - digits.length + Number(exponent);
  const units = BigInt(digits);
  return units === 0n ? { units, power: 0 } : { units: sign === "-" ? -units : units, power };
}

/** Whether a number is written by these digits where it is rounded to so many, as programs print it with an exponent. */
function isRounded(value: number, digits: string): boolean {
  if (digits.length > 100) return false;
  const printed = Math.abs(value).toPrecision(digits.length).split("e")[0].replace(".", "");
  return printed.startsWith(digits);
}

/** Below this, float64 numbers have fewer digits. */
const LEAST_NORMAL = 2 ** -1022;
const TOO_SMALL = "too small for a float64";

/** What is lost of a decimal number in a float64, beyond rounding; undefined if nothing is. */
export function inexact(decimal: string): string | undefined {
  const value = Number(decimal);
  const size = Math.abs(value);
  if (size === 0) return /[1-9]/.test(decimal.split(/e/i)[0]) ? TOO_SMALL : undefined;
  if (size === Number.POSITIVE_INFINITY) return "too large for a float64";
  if (size >= LEAST_NORMAL && size <= Number.MAX_SAFE_INTEGER) return undefined;
  const { units, power } = decimalOf(decimal);
  const isSame = isRounded(value, `${units}`.replace("-", ""));
  if (size < LEAST_NORMAL) return isSame ? undefined : TOO_SMALL;
  const isWritten = /^[+-]?\d+$/.test(decimal);
  if (!isWritten && (power < 0 || isSame)) return undefined;
  if (BigInt(value) !== units * 10n ** BigInt(power)) {
    return "a whole number with more digits than a float64 holds";
  }
  return undefined;
}
