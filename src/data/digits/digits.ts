/**
 * Handwriting-like digits, drawn by the program: no file, no network, any number of them.
 *
 * Each picture starts from one of the glyphs, bends it, moves its points, turns, slants and scales
 * it, and draws it with a pen of random width. Every picture has its own random stream, a function
 * of (seed, stream, index), so the first 100 of 20000 pictures are those of a set of 100.
 *
 * Only integer operations, + - * / and square roots are used (rotations and bell-shaped noise
 * included), and grey values are rounded to 8 bits: the pixels are the same on every platform.
 */
import { ANYTHING, checkArguments, optionsWith, wholeNumber } from "../../tensor/internal.ts";
import { digitNames, type ImageDataset, type ImageSet } from "../images.ts";
import { type Glyph, type GlyphPoint, glyphs } from "./glyphs.ts";
import { curveThrough, drawLine, type Segment } from "./strokes.ts";

/** How many digits are drawn, and from which seed. */
export interface DigitsOptions {
  /** Pictures to fit; default 20000. */
  train?: number;
  /** Pictures to evaluate on; default 2000. */
  test?: number;
  /** A whole number 0 .. 2^32 - 1; default 0. The same seed gives the same pixels. */
  seed?: number;
}

/** What there is to say about the drawn digits without drawing them. */
export const digitsInfo = {
  name: "digits",
  description: "digits in the manner of handwriting, 28x28, drawn from a seed, with labels",
  source: "drawn by surmise",
};

/** Height and width of a picture. */
const side = 28;
/** The longer side of the drawn digit in pixels, pen width included, as in MNIST. */
const box = 20;

/**
 * Drawn digits, 28x28, grey 0 (paper) to 255 (ink), with labels. Every ten pictures in a row hold
 * each digit once, in random order. Training and test pictures come from different streams.
 *
 * @throws SurmiseError if a number or the seed is not a whole number in its range.
 */
export function drawDigits(options: DigitsOptions = {}): ImageDataset {
  checkArguments(
    "drawDigits",
    { options },
    optionsWith<DigitsOptions>({ train: ANYTHING, test: ANYTHING, seed: ANYTHING }),
  );
  const { train = 20000, test = 2000, seed = 0 } = options;
  const counts = { least: 1, most: 10_000_000 };
  wholeNumber("drawDigits: train", train, counts);
  wholeNumber("drawDigits: test", test, counts);
  wholeNumber("drawDigits: seed", seed, { most: 2 ** 32 - 1 });
  return {
    ...digitsInfo,
    train: drawSet("digits train", train, seed, 0),
    test: drawSet("digits test", test, seed, 1),
  };
}

function drawSet(name: string, count: number, seed: number, stream: number): ImageSet {
  const images = new Uint8Array(count * side * side);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const tenRandom = randomStream(seed, 2 + stream, Math.floor(i / 10));
    labels[i] = shuffledDigits(tenRandom)[i % 10];
    const pixels = images.subarray(i * side * side, (i + 1) * side * side);
    drawDigit(pixels, labels[i], randomStream(seed, stream, i));
  }
  return { name, images, count, height: side, width: side, labels, labelNames: digitNames };
}

function drawDigit(pixels: Uint8Array, digit: number, random: Random): void {
  const variants = glyphs[digit];
  const glyph = variants[Math.floor(random() * variants.length)];
  const penWidth = 2.72 + 0.5 * bell(random);
  const strokes = bend(glyph, random);
  const segments = placeInBox(strokes.flatMap(curveThrough), penWidth, random);
  drawLine(pixels, side, segments, penWidth);
}

/** The writer's hand: a smooth bend of the whole, a shake of each point, a turn and a slant. */
function bend(glyph: Glyph, random: Random): GlyphPoint[][] {
  const noise = (size: number) => size * bell(random);
  const bendXX = noise(0.22);
  const bendXY = noise(0.24);
  const bendYX = noise(0.18);
  const bendYY = noise(0.14);
  const widen = 1.04 + noise(0.13);
  const slant = 0.1 + noise(0.21);
  // cos and sin of an angle of about 8 degrees, from its half-angle tangent.
  const tangent = noise(0.075);
  const cosine = (1 - tangent * tangent) / (1 + tangent * tangent);
  const sine = (2 * tangent) / (1 + tangent * tangent);
  return glyph.map((stroke) =>
    stroke.map((point) => {
      const u = point.x - 0.3;
      const v = point.y - 0.5;
      const bentX = u + bendXY * u * v + bendXX * v * v + noise(0.024);
      const y = v + bendYX * u * v + bendYY * v * v + noise(0.024);
      const x = widen * bentX - slant * y;
      return { x: cosine * x - sine * y, y: sine * x + cosine * y, corner: point.corner };
    }),
  );
}

/** Scales the line to fit the box and puts its centre of mass near the middle of the picture. */
function placeInBox(segments: readonly Segment[], penWidth: number, random: Random): Segment[] {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  let [mass, massX, massY] = [0, 0, 0];
  for (const { x0, y0, x1, y1 } of segments) {
    left = Math.min(left, x0, x1);
    right = Math.max(right, x0, x1);
    top = Math.min(top, y0, y1);
    bottom = Math.max(bottom, y0, y1);
    const length = Math.sqrt((x1 - x0) * (x1 - x0) + (y1 - y0) * (y1 - y0));
    mass += length;
    massX += (length * (x0 + x1)) / 2;
    massY += (length * (y0 + y1)) / 2;
  }
  const scale = ((box - penWidth) / Math.max(right - left, bottom - top)) * (1 - 0.12 * random());
  const shiftX = (side - 1) / 2 + 0.35 * bell(random) - (scale * massX) / mass;
  const shiftY = (side - 1) / 2 + 0.35 * bell(random) - (scale * massY) / mass;
  return segments.map(({ x0, y0, x1, y1 }) => ({
    x0: scale * x0 + shiftX,
    y0: scale * y0 + shiftY,
    x1: scale * x1 + shiftX,
    y1: scale * y1 + shiftY,
  }));
}

/** Draws a number from [0, 1). */
type Random = () => number;

/** The numbers of stream (seed, stream, index): a counter, mixed until its bits look random. */
function randomStream(seed: number, stream: number, index: number): Random {
  let counter = mix(mix(mix(seed) ^ stream) ^ index);
  return () => {
    counter = (counter + 0x9e3779b9) | 0;
    return mix(counter) / 2 ** 32;
  };
}

/** MurmurHash3's finaliser: a bijection of 32-bit integers, each input bit moving every output bit. */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Nearly normal noise of mean 0 and variance 1, within +-3.5: the sum of four uniforms, scaled. */
function bell(random: Random): number {
  return (random() + random() + random() + random() - 2) * Math.sqrt(3);
}

function shuffledDigits(random: Random): number[] {
  const digits = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  for (let last = 9; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [digits[last], digits[other]] = [digits[other], digits[last]];
  }
  return digits;
}
