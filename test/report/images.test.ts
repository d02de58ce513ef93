import { decode } from "fast-png";
import { describe, expect, it } from "vitest";
import { type ImageGrid, imageGrid } from "../../src/report/figures/images.ts";
import { SurmiseError } from "../../src/tensor/index.ts";
import { find, parseXml } from "./xml.ts";

/** The PNG inside the drawing, decoded, with the attributes of its `<image>`. */
function sheetOf(grid: ImageGrid) {
  const svg = parseXml(imageGrid(grid));
  const [image, ...others] = find(svg, "image");
  expect(others).toEqual([]);
  const [kind, base64] = image.attributes.href.split(",");
  expect(kind).toBe("data:image/png;base64");
  const png = decode(Buffer.from(base64, "base64"), { checkCrc: true });
  return { svg, image, png };
}

const ramp = (from: number) => Uint8Array.from({ length: 6 }, (_, at) => from + at);

describe("imageGrid", () => {
  it("holds the very pixels, in reading order, with white between and after", () => {
    const { png } = sheetOf({
      images: [ramp(0), ramp(10), ramp(20)],
      height: 2,
      width: 3,
      columns: 2,
      gap: 1,
    });
    expect({ ...png, data: undefined }).toMatchObject({ width: 7, height: 5, channels: 1 });
    expect([...png.data]).toEqual(
      [
        [0, 1, 2, 255, 10, 11, 12],
        [3, 4, 5, 255, 13, 14, 15],
        [255, 255, 255, 255, 255, 255, 255],
        [20, 21, 22, 255, 255, 255, 255],
        [23, 24, 25, 255, 255, 255, 255],
      ].flat(),
    );
  });

  it("takes numbers from 0 to 1, clamps the others and makes NaN black", () => {
    const values = [0, 0.5, 1, -3, 7, Number.NaN];
    for (const image of [Float32Array.from(values), Float64Array.from(values)]) {
      const { png } = sheetOf({ images: [image], height: 2, width: 3, columns: 1 });
      expect([...png.data]).toEqual([0, 128, 255, 0, 255, 0]);
    }
  });

  it("lays a manifold seamlessly, enlarged without smoothing", () => {
    const images = Array.from({ length: 400 }, () => new Float32Array(28 * 28));
    const { image, png } = sheetOf({ images, height: 28, width: 28, columns: 20, scale: 2 });
    expect([png.width, png.height]).toEqual([560, 560]);
    expect(png.data.every((value) => value === 0)).toBe(true);
    expect(image.attributes).toMatchObject({ width: "1120", height: "1120" });
    expect(image.attributes.style).toBe("image-rendering:pixelated");
  });

  it("writes the row titles as text, escaped, beside their rows", () => {
    const rowTitles = [`<b onclick="x">&'\u0007`, "a title that is far too long to be written"];
    const { svg, image } = sheetOf({
      images: [ramp(0), ramp(1)],
      height: 2,
      width: 3,
      columns: 1,
      scale: 10,
      rowTitles,
    });
    const texts = find(svg, "text");
    expect(texts.map(({ text }) => text)).toEqual([
      `<b onclick="x">&'`,
      "a title that is far too…",
    ]);
    expect(texts.map(({ attributes }) => attributes.y)).toEqual(["10", "30"]);
    expect(Number(image.attributes.x)).toBeGreaterThan(100);
    expect(Number(svg.attributes.width)).toBe(Number(image.attributes.x) + 30);
  });

  it("refuses what does not fit", () => {
    const fine = { images: [ramp(0)], height: 2, width: 3, columns: 1 };
    const wrong: [Partial<ImageGrid>, string][] = [
      [{ images: [] }, "image grid: there are no images to draw"],
      [
        { images: [ramp(0), new Uint8Array(5)] },
        "image grid: image 1 has 5 values, 2 x 3 = 6 were expected",
      ],
      [{ columns: 0 }, "image grid: columns is 0, it must be a whole number from 1"],
      [{ gap: -1 }, "image grid: gap is -1, it must be a whole number from 0"],
      [{ scale: 0 }, "image grid: scale is 0, it must be positive"],
      [{ rowTitles: ["a", "b"] }, "image grid: 2 row titles for 1 rows; give one for each row"],
    ];
    for (const [change, message] of wrong) {
      expect(() => imageGrid({ ...fine, ...change })).toThrow(new SurmiseError(message));
    }
  });
});
