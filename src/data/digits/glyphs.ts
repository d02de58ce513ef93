/**
 * How people write the ten digits: a few variants each, as pen strokes.
 *
 * A stroke is a string of points "x,y" in hundredths of the digit's height, x to the right and y
 * downwards, in the order the pen visits them. The pen runs through them on a smooth curve; a point
 * with "!" behind it is a corner. Strokes of one variant are separated by "|".
 */
const written: readonly (readonly string[])[] = [
  [
    "36,0 16,10 2,32 0,60 12,88 33,98 54,84 62,50 54,14 36,1 22,5",
    "42,6 22,4 6,28 2,62 14,94 36,94 56,68 60,32 46,6 30,2",
    "46,8 32,1 12,14 0,50 10,84 34,99 58,84 64,48 52,14 32,3",
  ],
  [
    "14,2 13,34 12,66 11,98",
    "10,2 14,34 13,66 8,98",
    "0,22 12,12 22,0! 21,32 20,66 20,98",
    "2,20 14,12 24,0! 24,34 24,66 24,97|2,97 24,98 46,97",
  ],
  [
    "4,22 16,4 40,2 54,20 44,48 22,76 2,97! 22,96 44,97 64,95",
    "6,24 22,3 46,6 52,28 36,60 14,88 2,88 12,76 32,88 50,97 68,88",
    "2,14 22,2 46,4 58,20 48,46 24,74 4,94! 30,92 62,96",
  ],
  [
    "4,12 22,1 46,6 50,26 38,42 22,47! 42,50 58,66 52,90 28,99 2,88",
    "4,3 28,4 56,2! 42,22 26,42! 46,46 60,66 50,90 26,99 2,90",
    "2,18 18,2 42,4 48,22 34,40 18,44 40,48 54,68 44,92 20,98 0,86",
  ],
  [
    "8,4 6,26 2,54! 24,57 44,56 62,52|46,8 46,38 44,68 42,98",
    "44,2 26,28 2,62! 22,64 46,63 68,60|44,2 45,34 44,66 42,98",
    "14,2 8,22 4,44 18,54 38,52 52,42|56,2 52,32 48,64 46,98",
  ],
  [
    "12,4 10,22 6,44! 26,38 48,46 56,68 44,92 22,98 2,90|12,4 32,4 58,1",
    "56,2 36,4 16,6! 12,26 8,46! 28,40 50,50 54,72 40,94 18,98 0,88",
    "60,2 38,0 20,10 14,30 26,44 44,56 48,78 30,97 8,96 2,84",
  ],
  [
    "44,2 24,18 8,46 2,74 14,97 38,97 52,78 44,58 26,54 8,70",
    "54,4 34,6 14,28 2,62 10,92 32,99 54,88 58,66 44,52 22,56 6,76",
    "28,0 14,28 4,60 6,88 24,98 42,86 42,66 26,58 8,74",
  ],
  [
    "2,8 22,6 40,7 60,4! 48,30 34,64 26,98",
    "2,6 24,7 58,4! 46,32 32,64 24,98|12,52 32,51 54,48",
    "4,20 6,6! 30,8 62,2! 54,26 40,50 32,74 30,98",
  ],
  [
    "50,14 32,2 10,10 8,28 26,46 48,64 52,86 30,98 6,88 8,66 28,48 48,30 50,14",
    "28,47 8,34 10,10 28,1 46,11 46,34 28,47 6,62 4,86 26,99 50,88 50,62 28,47",
    "58,16 42,0 18,6 10,26 28,44 44,62 42,86 22,98 2,86 10,64 36,42 56,22",
  ],
  [
    "50,16 34,2 10,12 2,34 14,50 36,44 50,16! 50,44 48,72 44,98",
    "52,22 38,2 16,6 4,28 16,46 40,42 52,20 54,44 46,76 30,98 8,94",
    "54,10 32,2 8,16 4,40 22,50 42,38 54,10! 44,44 36,70 30,98",
  ],
];

/** A point of a glyph: x and y in units of the digit's height, and whether the pen turns sharply. */
export interface GlyphPoint {
  /** To the right. */
  readonly x: number;
  /** Downwards. */
  readonly y: number;
  /** Whether the pen turns sharply. */
  readonly corner: boolean;
}

/** A way to write a digit: strokes, each a list of points. */
export type Glyph = readonly (readonly GlyphPoint[])[];

function parsePoint(text: string): GlyphPoint {
  const [x, y] = text.replace("!", "").split(",").map(Number);
  return { x: x / 100, y: y / 100, corner: text.endsWith("!") };
}

/** The variants of each digit: `glyphs[7]` lists the ways to write a seven. */
export const glyphs: readonly (readonly Glyph[])[] = written.map((variants) =>
  variants.map((variant) => variant.split("|").map((stroke) => stroke.split(" ").map(parsePoint))),
);
