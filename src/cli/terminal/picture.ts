/** Grey images drawn with characters, for a terminal. */
import type { GreyImage } from "../../report/index.ts";

/** The layout of images in a terminal. */
export interface PictureOptions {
  /** Size of one image in pixels. */
  readonly height: number;
  /** Size of one image in pixels. */
  readonly width: number;
  /** Images per row, where so many fit. */
  readonly columns: number;
  /** Characters per line that must not be exceeded. Default 80. */
  readonly maxColumns?: number;
  /** Draw at half the size even where the full size fits. Default false. */
  readonly halve?: boolean;
  /** 256-colour codes; false draws with shades of characters. `colorWanted` knows which. */
  readonly color: boolean;
}

/** Whether `stream` is a terminal that shows 256 colours and NO_COLOR is not set. */
export function colorWanted(stream: Partial<NodeJS.WriteStream> = process.stdout): boolean {
  return stream.hasColors?.(256) ?? false;
}

/** Brightness from 0 to 1, in rows from the top. */
interface Picture {
  height: number;
  width: number;
  light: (row: number, column: number) => number;
}

/**
 * The images side by side as text of several lines, without a newline at the end. A character
 * shows two pixels, one above the other. Where `columns` images are wider than `maxColumns`, they
 * are drawn at half the size, then fewer to a row, and a single wide image is made smaller still.
 */
export function printImages(images: readonly GreyImage[], options: PictureOptions): string {
  const { width, columns, maxColumns = 80, halve = false, color } = options;
  const across = (factor: number) => Math.ceil(width / factor);
  const roomFor = (factor: number) => Math.floor((maxColumns + 1) / (across(factor) + 1));
  let factor = halve || roomFor(1) < Math.min(columns, images.length) ? 2 : 1;
  while (across(factor) > Math.max(1, maxColumns)) {
    factor++;
  }
  const perRow = Math.max(1, Math.min(columns, roomFor(factor)));
  const draw = color ? colorLine : shadeLine;
  const lines: string[] = [];
  for (let first = 0; first < images.length; first += perRow) {
    const row = images
      .slice(first, first + perRow)
      .map((image) => shrink(image, options.height, width, factor));
    for (let top = 0; top < row[0].height; top += 2) {
      lines.push(row.map((picture) => draw(picture, top)).join(" "));
    }
  }
  return lines.join("\n");
}

/** The image with squares of `factor x factor` pixels averaged into one. */
function shrink(image: GreyImage, height: number, width: number, factor: number): Picture {
  const white = image instanceof Uint8Array ? 255 : 1;
  return {
    height: Math.ceil(height / factor),
    width: Math.ceil(width / factor),
    light(row, column) {
      let sum = 0;
      let count = 0;
      for (let y = row * factor; y < Math.min(height, (row + 1) * factor); y++) {
        for (let x = column * factor; x < Math.min(width, (column + 1) * factor); x++) {
          sum += image[y * width + x];
          count++;
        }
      }
      return Math.min(1, Math.max(0, sum / count / white));
    },
  };
}

const RESET = "\x1b[0m";

/** Rows `top` and `top + 1` as upper half blocks: the colour of the letter above, its ground below. */
function colorLine({ height, width, light }: Picture, top: number): string {
  let line = "";
  let before = "";
  for (let column = 0; column < width; column++) {
    const above = `38;5;${greyCode(light(top, column))}`;
    const below = top + 1 < height ? `48;5;${greyCode(light(top + 1, column))}` : "49";
    const colors = `\x1b[${above};${below}m`;
    line += `${colors === before ? "" : colors}▀`;
    before = colors;
  }
  return line + RESET;
}

/** The nearest of the 26 greys among the 256 colours: 16 is black, 231 white, 232 to 255 between. */
function greyCode(light: number): number {
  const grey = 255 * light;
  if (!(grey >= 4)) {
    return 16;
  }
  return grey > 246 ? 231 : 232 + Math.min(23, Math.round((grey - 8) / 10));
}

const SHADES = " ░▒▓█";

/** Rows `top` and `top + 1` averaged into one shade per character. */
function shadeLine({ height, width, light }: Picture, top: number): string {
  const shades = Array.from({ length: width }, (_, column) => {
    const above = light(top, column);
    const mean = top + 1 < height ? (above + light(top + 1, column)) / 2 : above / 2;
    return SHADES[Math.min(SHADES.length - 1, Math.floor(mean * SHADES.length))] ?? " ";
  });
  return shades.join("");
}
