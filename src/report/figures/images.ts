/** Grey images laid out in rows, as one SVG holding one PNG. */
import { encode } from "fast-png";
import { checkArguments, listOf, OBJECT, objectWith, SurmiseError } from "../../tensor/internal.ts";
import { escapeText } from "./drawing/text.ts";
import { FAINT_INK, FONT } from "./drawing/theme.ts";

/** `height x width` pixels in rows from the top: bytes, or numbers from 0 (black) to 1 (white). */
export type GreyImage = Uint8Array | Float32Array | Float64Array;

/** Grey images of one size, side by side. */
export interface ImageGrid {
  /** Row by row from the top. */
  readonly images: readonly GreyImage[];
  /** Size of one image in pixels. */
  readonly height: number;
  /** Size of one image in pixels. */
  readonly width: number;
  /** Images per row. */
  readonly columns: number;
  /** White space between images, in image pixels. 0, the default, is right for a manifold. */
  readonly gap?: number;
  /** Side of an image pixel on the page, in CSS pixels. Default 1. */
  readonly scale?: number;
  /** Written to the left of the rows, one for each from the top. */
  readonly rowTitles?: readonly string[];
}

const FONT_SIZE = 12;
/** The widest letters of common fonts, so that a title is never cut; wide scripts need two. */
const LETTER_WIDTH = 0.62 * FONT_SIZE;
const TITLE_SPACE = 8;
const LONGEST_TITLE = 24;

/**
 * The images in reading order as an `<svg>` element. Numbers outside 0..1 are clamped, and what is
 * not a number is black. Throws SurmiseError where an image has another size than it should.
 */
export function imageGrid(grid: ImageGrid): string {
  checkArguments("imageGrid", { grid }, objectWith({ images: listOf(OBJECT) }));
  checkGrid(grid);
  const { height, gap = 0, scale = 1, rowTitles = [] } = grid;
  const sheet = paint(grid);
  const png = encode({ ...sheet, channels: 1, depth: 8 });
  const titles = rowTitles.map((title) => shorten(title));
  const margin =
    titles.length === 0 ? 0 : Math.ceil(Math.max(...titles.map(widthOf))) + TITLE_SPACE;
  const [wide, high] = [sheet.width * scale, sheet.height * scale];
  const texts = titles.map((title, row) => {
    const middle = (row * (height + gap) + height / 2) * scale;
    return (
      `<text x="${margin - TITLE_SPACE}" y="${middle}" text-anchor="end" ` +
      `dominant-baseline="central" fill="${FAINT_INK}" font-size="${FONT_SIZE}px" ` +
      `font-family="${escapeText(FONT)}">${escapeText(title)}</text>`
    );
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${margin + wide}" height="${high}" ` +
    `viewBox="0 0 ${margin + wide} ${high}">` +
    `<image x="${margin}" y="0" width="${wide}" height="${high}" ` +
    `style="image-rendering:pixelated" ` +
    `href="data:image/png;base64,${Buffer.from(png).toString("base64")}"/>` +
    `${texts.join("")}</svg>`
  );
}

/** All images on one white sheet, one byte per pixel. */
function paint({ images, height, width, columns, gap = 0 }: ImageGrid) {
  const across = Math.min(columns, images.length);
  const down = Math.ceil(images.length / columns);
  const sheet = {
    width: across * (width + gap) - gap,
    height: down * (height + gap) - gap,
  };
  const data = new Uint8Array(sheet.width * sheet.height).fill(255);
  images.forEach((image, at) => {
    const pixels = bytesOf(image);
    const left = (at % columns) * (width + gap);
    const top = Math.floor(at / columns) * (height + gap);
    for (let row = 0; row < height; row++) {
      const line = pixels.subarray(row * width, (row + 1) * width);
      data.set(line, (top + row) * sheet.width + left);
    }
  });
  return { ...sheet, data };
}

function bytesOf(image: GreyImage): Uint8Array {
  return image instanceof Uint8Array
    ? image
    : Uint8Array.from(image, (value) => Math.round(255 * Math.min(1, Math.max(0, value))));
}

function shorten(title: string): string {
  const letters = [...title];
  return letters.length > LONGEST_TITLE
    ? `${letters.slice(0, LONGEST_TITLE - 1).join("")}…`
    : title;
}

/** Estimated width of a title in CSS pixels; there is no font to measure here. */
function widthOf(title: string): number {
  const letters = [...title];
  const wide = letters.filter((letter) => /[\u1100-\u{10ffff}]/u.test(letter));
  return (letters.length + wide.length) * LETTER_WIDTH;
}

function checkGrid({ images, height, width, columns, gap = 0, scale = 1, rowTitles }: ImageGrid) {
  const counts = { height: [height, 1], width: [width, 1], columns: [columns, 1], gap: [gap, 0] };
  for (const [name, [value, least]] of Object.entries(counts)) {
    if (!Number.isInteger(value) || value < least) {
      throw new SurmiseError(
        `image grid: ${name} is ${value}, it must be a whole number from ${least}`,
      );
    }
  }
  if (!(scale > 0)) {
    throw new SurmiseError(`image grid: scale is ${scale}, it must be positive`);
  }
  if (images.length === 0) {
    throw new SurmiseError("image grid: there are no images to draw");
  }
  images.forEach((image, at) => {
    if (image.length !== height * width) {
      throw new SurmiseError(
        `image grid: image ${at} has ${image.length} values, ` +
          `${height} x ${width} = ${height * width} were expected`,
      );
    }
  });
  const rows = Math.ceil(images.length / columns);
  if (rowTitles !== undefined && rowTitles.length !== rows) {
    throw new SurmiseError(
      `image grid: ${rowTitles.length} row titles for ${rows} rows; give one for each row`,
    );
  }
}
