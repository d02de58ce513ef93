import { spawnSync } from "node:child_process";
import { Writable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { colorWanted, printImages } from "../../src/cli/terminal/picture.ts";
import { progressBar } from "../../src/cli/terminal/progress.ts";
import { printTable } from "../../src/cli/terminal/table.ts";

const ESCAPE = "\u001b";

/** The pixels that a text of half blocks shows, as codes of the 256 colours; null is no colour. */
function pixelsOf(text: string): (number | null)[][] {
  return text.split("\n").flatMap((line) => {
    const above: (number | null)[] = [];
    const below: (number | null)[] = [];
    let [fore, back]: (number | null)[] = [null, null];
    for (const [, codes, letter] of line.matchAll(new RegExp(`${ESCAPE}\\[([\\d;]*)m|(.)`, "g"))) {
      if (codes === undefined) {
        above.push(letter === "▀" ? fore : null);
        below.push(letter === "▀" ? back : null);
      } else {
        const [, , first, kind, , second] = codes.split(";").map(Number);
        [fore, back] = codes === "0" ? [null, null] : [first, kind === 48 ? second : null];
      }
    }
    return [above, below];
  });
}

describe("printImages", () => {
  const corners = Float32Array.from([0, 1, 0.5, 0.25]);
  const size = { height: 2, width: 2, columns: 3 };

  it("shows two pixels with each character, in the nearest grey", () => {
    const text = printImages([corners], { ...size, color: true });
    expect(stripVTControlCharacters(text)).toBe("▀▀");
    // 0.5 is 127.5, 0.25 is 63.75: the greys 232 + k stand at 8 + 10 k.
    expect(pixelsOf(text)).toEqual([
      [16, 231],
      [232 + 12, 232 + 6],
    ]);
    expect(text.endsWith(`${ESCAPE}[0m`)).toBe(true);
    const bytes = Uint8Array.from([0, 255, 128, 64]);
    expect(printImages([bytes], { ...size, color: true })).toBe(text);
  });

  it("gives every grey a code that is at most 9 of 255 away", () => {
    const image = Uint8Array.from({ length: 256 }, (_, value) => value);
    const options = { height: 1, width: 256, columns: 1, maxColumns: 256, color: true };
    const [above, below] = pixelsOf(printImages([image], options));
    expect(below).toEqual(above.map(() => null));
    const shown = above.map((code) =>
      code === 16 ? 0 : code === 231 ? 255 : 8 + 10 * (code! - 232),
    );
    shown.forEach((grey, value) => {
      expect(Math.abs(grey - value)).toBeLessThanOrEqual(9);
    });
  });

  it("puts images side by side with a gap, and begins a new row after `columns`", () => {
    const images = Array.from({ length: 5 }, () => corners);
    const lines = printImages(images, { ...size, color: true }).split("\n");
    expect(lines.map(stripVTControlCharacters)).toEqual(["▀▀ ▀▀ ▀▀", "▀▀ ▀▀"]);
    expect(pixelsOf(lines[0])[0]).toEqual([16, 231, null, 16, 231, null, 16, 231]);
  });

  it("draws without escape codes in five shades", () => {
    const ramp = Float32Array.from([0, 0.25, 0.5, 0.75, 1, 0, 0.25, 0.5, 0.75, 1]);
    const text = printImages([ramp], { height: 2, width: 5, columns: 1, color: false });
    expect(text).toBe(" ░▒▓█");
    // Half of the last character of an odd height is no pixel.
    const odd = printImages([ramp.subarray(0, 5)], {
      height: 1,
      width: 5,
      columns: 1,
      color: false,
    });
    expect(odd).toBe("  ░░▒");
  });

  it("halves, then wraps, then shrinks further, so as never to be wider than allowed", () => {
    const images = Array.from({ length: 3 }, () => new Float32Array(20 * 20).fill(1));
    const draw = (maxColumns: number, halve = false) =>
      printImages(images, { height: 20, width: 20, columns: 3, maxColumns, halve, color: false })
        .split("\n")
        .map((line) => line.length);
    expect(draw(62)).toEqual(Array(10).fill(62));
    expect(draw(61)).toEqual(Array(5).fill(32));
    expect(draw(62, true)).toEqual(Array(5).fill(32));
    expect(draw(31)).toEqual([...Array(5).fill(21), ...Array(5).fill(10)]);
    expect(draw(7)).toEqual(Array(3 * 4).fill(7));
    for (const maxColumns of [1, 3, 7, 10, 31, 61]) {
      expect(Math.max(...draw(maxColumns))).toBeLessThanOrEqual(maxColumns);
    }
  });

  it("averages the pixels that it merges, and shows what is not a number as black", () => {
    const image = Float32Array.from([1, 0, 0, 1, 0, 0, Number.NaN, 9, -4]);
    const text = printImages([image], {
      height: 3,
      width: 3,
      columns: 1,
      halve: true,
      color: true,
    });
    // Squares of 2 x 2, cut at the right and at the bottom: (1+0+1+0)/4, (0+0)/2, NaN, -4.
    expect(pixelsOf(text)).toEqual([
      [232 + 12, 16],
      [16, 16],
    ]);
    expect(printImages([image], { height: 3, width: 3, columns: 1, color: false })).toContain(" ");
    expect(printImages([], { ...size, color: true })).toBe("");
  });
});

describe("colorWanted", () => {
  it("asks the terminal, and says no where there is none", () => {
    expect(colorWanted({ hasColors: (count) => count === 256 })).toBe(true);
    expect(colorWanted({ hasColors: () => false })).toBe(false);
    expect(colorWanted({})).toBe(false);
  });
});

describe("printTable", () => {
  it("sets numbers to the right and words to the left, under one rule", () => {
    const text = printTable(
      ["method", "K", "bound", "published"],
      [
        ["AEVB", 1, -104.23456789, "-105.1 ± 0.2"],
        ["数字", 50, -93.1, "–"],
      ],
    );
    expect(text).toBe(
      [
        "method   K     bound     published",
        "──────────────────────────────────",
        "AEVB     1  -104.235  -105.1 ± 0.2",
        "数字    50     -93.1             –",
      ].join("\n"),
    );
  });

  it("obeys no control character of its cells", () => {
    const text = printTable([`a${ESCAPE}[2J`], [[`b\n${ESCAPE}]0;title\u0007c`]]);
    expect(text).toBe(["a [2J", "────────────", "b ]0;title c"].join("\n"));
    expect(printTable(["a", "b"], [])).toBe("a  b");
    expect(printTable(["a"], [["\u202eb\u2066c\u2028d"]])).toMatch(/^bc d$/m);
  });
});

describe("progressBar", () => {
  /** A stream that keeps what is written. */
  function fakeStream(isTTY: boolean) {
    const written: string[] = [];
    const stream = new Writable({
      write(chunk, _, done) {
        written.push(String(chunk));
        done();
      },
    });
    return { stream: Object.assign(stream, { isTTY, columns: 100 }), written };
  }

  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it("writes a line every ten seconds where there is no terminal, and one at the end", () => {
    const { stream, written } = fakeStream(false);
    const bar = progressBar({ label: "fit", total: 1000, stream });
    for (let done = 1; done <= 250; done++) {
      vi.advanceTimersByTime(100);
      bar.update(done, { bound: -98.412345, temperature: 0.5, site: "z" });
    }
    expect(written).toEqual([
      "fit 100/1000  10/s  1:30 left  bound -98.412  temperature 0.5  site z\n",
      "fit 200/1000  10/s  1:20 left  bound -98.412  temperature 0.5  site z\n",
    ]);
    bar.stop();
    bar.stop();
    expect(written.slice(2)).toEqual([
      "fit 250/1000  10/s  1:15 left  bound -98.412  temperature 0.5  site z\n",
    ]);
  });

  it("takes the rate it is given, shows hours, and no time left when done", () => {
    const { stream, written } = fakeStream(false);
    const bar = progressBar({ label: "fit", total: 100_000, stream });
    vi.advanceTimersByTime(10_000);
    bar.update(1, { rate: 12.3456 });
    bar.update(100_000, { rate: 9876.5, bound: Number.NaN });
    bar.stop();
    expect(written).toEqual([
      "fit 1/100000  12.3/s  2:15:00 left\n",
      "fit 100000/100000  9880/s  bound NaN\n",
    ]);
  });

  it("measures the rate from where a run resumes, and follows its changes", () => {
    const { stream, written } = fakeStream(false);
    const bar = progressBar({ label: "fit", total: 10_000, start: 5000, stream });
    vi.advanceTimersByTime(10_000);
    bar.update(5100);
    expect(written).toEqual(["fit 5100/10000  10/s  8:10 left\n"]);
    let done = 5100;
    for (let second = 1; second <= 60; second++) {
      vi.advanceTimersByTime(1000);
      done += 20;
      bar.update(done);
    }
    bar.stop();
    const rate = Number(written.at(-1)?.match(/([\d.]+)\/s/)?.[1]);
    expect(rate).toBeGreaterThan(19.5);
    expect(rate).toBeLessThanOrEqual(20);
  });

  it("counts a pause for as much as it will take of the time that is left", () => {
    const { stream, written } = fakeStream(false);
    const bar = progressBar({ label: "fit", total: 1_000_000, stream });
    for (let done = 1; done <= 3000; done++) {
      vi.advanceTimersByTime(done % 100 === 0 ? 30_000 : 1000);
      bar.update(done);
    }
    bar.stop();
    // A second each, and a hundredth of them half a minute: right after such a one it is said neither too fast nor too slow.
    const rate = Number(written.at(-1)?.match(/([\d.]+)\/s/)?.[1]);
    expect(rate).toBeCloseTo(100 / (99 + 30), 1);
  });

  it("is silent where nothing was done", () => {
    const { stream, written } = fakeStream(false);
    progressBar({ label: "fit", total: 10, stream }).stop();
    expect(written).toEqual([]);
  });

  it("draws a bar in a terminal, also while the work leaves no time for timers", () => {
    const { stream, written } = fakeStream(true);
    const bar = progressBar({ label: `fit${ESCAPE}[2J`, total: 100, stream });
    for (let done = 1; done <= 50; done++) {
      vi.setSystemTime(Date.now() + 1000);
      bar.update(done, { bound: -98.412345, rate: 2 });
    }
    const drawn = written.map(stripVTControlCharacters).filter((text) => text.includes("/100"));
    expect(drawn.length).toBeGreaterThan(40);
    expect(drawn[0]).toBe(`fit [2J ${"░".repeat(24)} 0/100`);
    expect(drawn.at(-1)).toBe(
      `fit [2J ${"█".repeat(12)}${"░".repeat(12)} 50/100  2/s  0:25 left  bound -98.412`,
    );
    bar.update(100, { rate: 2 });
    bar.stop();
    expect(written.map(stripVTControlCharacters).join("")).toContain(
      `${"█".repeat(24)} 100/100  2/s`,
    );
    expect(written.at(-1)).toBe("\n");
  });

  it("leaves signals and the cursor alone", () => {
    const before = process.listenerCount("SIGINT");
    const { stream, written } = fakeStream(true);
    const bar = progressBar({ label: "fit", total: 1, stream });
    expect(process.listenerCount("SIGINT")).toBe(before);
    bar.stop();
    expect(written.join("")).not.toContain(`${ESCAPE}[?`);
  });
});

describe("long labels", () => {
  it("lose their middle", () => {
    const [, , line] = printTable(["a"], [[`begin${"😀".repeat(1e5)}end`]]).split("\n");
    expect(Array.from(line)).toHaveLength(101);
    expect(line).toMatch(/^begin(😀)+…(😀)+end$/u);
    const short = "x".repeat(101);
    expect(printTable(["a"], [[short]])).toContain(short);
  });
});

describe("the packages behind it", () => {
  it("load in Node itself, whose rules for CommonJS are stricter than the test runner's", () => {
    const script = ["table.ts", "progress.ts", "picture.ts"]
      .map((name) => new URL(`../../src/cli/terminal/${name}`, import.meta.url).href)
      .map((file) => `await import(${JSON.stringify(file)});`)
      .join("\n");
    const flags = ["--import", "tsx", "--input-type=module", "--eval", script];
    const { status, stderr } = spawnSync(process.execPath, flags, { encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});
