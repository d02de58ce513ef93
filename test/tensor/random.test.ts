/** Random numbers: exact where they are defined bit by bit, else within their Monte Carlo error. */
import { describe, expect, test } from "vitest";
import { evaluate } from "../../src/compiler/oracle/index.ts";
import { compile } from "../../src/runtime/index.ts";
import {
  type Axis,
  axis,
  type DType,
  fold,
  index,
  input,
  type Key,
  key,
  randomBits,
  SurmiseError,
  shuffled,
  standardNormal,
  type Tensor,
  threefry,
  uniform,
} from "../../src/tensor/internal.ts";

const worth = (x: Tensor) => evaluate([x], new Map())[0].values;

/** As `worth`, by the compiler, which is faster where there are many. */
const compiled = (x: Tensor) => compile({ outputs: { x } }, { backend: "wasm", steps: 1 }).run().x;

const range = (n: number) => Array.from({ length: n }, (_, i) => i);

/** Standard errors that a true statement may be off by. */
const FAR = 4.5;

function expectMean(x: Float64Array, mean: number, variance: number): void {
  const found = x.reduce((s, v) => s + v, 0) / x.length;
  expect(Math.abs(found - mean)).toBeLessThan(FAR * Math.sqrt(variance / x.length));
}

/** Counts of equally probable things. */
function expectUniform(counts: ArrayLike<number>): void {
  const list = Array.from(counts);
  const each = list.reduce((s, n) => s + n, 0) / list.length;
  const chiSquare = list.reduce((s, n) => s + (n - each) ** 2 / each, 0);
  const degrees = list.length - 1;
  expect(Math.abs(chiSquare - degrees)).toBeLessThan(FAR * Math.sqrt(2 * degrees));
}

/** FNV-1a of 32-bit words. */
function hashOf(words: ArrayLike<number>): string {
  let h = 0x811c9dc5;
  for (const word of Array.from(words)) {
    for (let shift = 0; shift < 32; shift += 8) {
      h = Math.imul(h ^ ((word >>> shift) & 255), 0x01000193);
    }
  }
  return (h >>> 0).toString(16);
}

describe("threefry", () => {
  const hex = (words: readonly number[]) => words.map((w) => (w >>> 0).toString(16));

  test("has the published values of Random123", () => {
    expect(hex(threefry(0, 0, 0, 0))).toEqual(["6b200159", "99ba4efe"]);
    expect(hex(threefry(-1, -1, -1, -1))).toEqual(["1cb996fc", "bb002be7"]);
    expect(hex(threefry(0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3))).toEqual([
      "c4923a9c",
      "483df7a0",
    ]);
  });
});

describe("keys", () => {
  const a = axis("a", 100);
  const bits = (k: Key) => hashOf(worth(randomBits(k, [a])));

  test("of all 53 bits of the seed", () => {
    const seeds = [0, 1, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 52, Number.MAX_SAFE_INTEGER];
    expect(new Set(seeds.map((s) => bits(key(s)))).size).toBe(seeds.length);
  });
  test.each([-1, 0.5, 2 ** 53, Number.NaN])("not of %d", (seed) => {
    const wanted = seed === 2 ** 53 ? "from 0 to 2^53 - 1" : "of at least 0";
    const message = `the seed must be a whole number ${wanted}, not ${seed}`;
    expect(() => key(seed)).toThrow(new SurmiseError(message));
  });
  test("differ by everything folded in, and by its order", () => {
    const k = key(7);
    const made = [
      k,
      fold(k, "z"),
      fold(k, "y"),
      fold(k, "zy"),
      fold(fold(k, "z"), "y"),
      fold(fold(k, "y"), "z"),
      fold(k, 0),
      fold(k, 1),
      fold(k, -1),
      fold(fold(k, 1), 0),
      fold(key(8), "z"),
    ];
    expect(new Set(made.map(bits)).size).toBe(made.length);
  });
  test("differ by a tensor folded in as by its values", () => {
    const chain = axis("chain", 4);
    const k = fold(key(7), index(chain));
    const draws = worth(randomBits(k, [a]));
    const order = randomBits(k, [a]).axes;
    expect(order).toEqual([chain, a]);
    for (let c = 0; c < 4; c++) {
      const alone = worth(randomBits(fold(key(7), c), [a]));
      expect([...draws.slice(100 * c, 100 * (c + 1))]).toEqual([...alone]);
    }
  });
});

describe("draws", () => {
  const [n, m] = [axis("n", 200), axis("m", 250)];
  const k = key(11);
  const numbers = (x: Tensor) => Float64Array.from(worth(x));

  test("are these, for ever", () => {
    const thousand = axis("i", 1000);
    expect(hashOf(worth(randomBits(key(1), [thousand])))).toBe("4d2a8783");
    expect(hashOf(worth(randomBits(key(1), [thousand], 1)))).toBe("6ad3f234");
    expect(hashOf(worth(randomBits(fold(key(1), "z"), [thousand])))).toBe("35a05682");
    expect(hashOf(worth(randomBits(fold(key(1), 1), [thousand])))).toBe("e96004b");
  });
  test("depend on an element's number in the canonical order only", () => {
    const flat = axis("flat", 50_000);
    expect(worth(randomBits(k, [n, m]))).toEqual(worth(randomBits(k, [flat])));
    expect(worth(randomBits(k, []))[0]).toBe(worth(randomBits(k, [flat]))[0]);
    expect(worth(randomBits(k, [axis("few", 3)]))).toEqual(
      worth(randomBits(k, [flat])).slice(0, 3),
    );
  });
  test("bits are all alike", () => {
    const words = worth(randomBits(k, [n, m]));
    for (let bit = 0; bit < 32; bit++) {
      expectMean(
        words.map((w) => (w >>> bit) & 1),
        0.5,
        0.25,
      );
    }
  });
  test.each(["float32", "float64"] as const)("%s uniforms lie inside (0, 1), evenly", (dtype) => {
    const x = numbers(uniform(k, [n, m], dtype));
    expect(x.every((v) => v > 0 && v < 1)).toBe(true);
    const step = dtype === "float32" ? 2 ** -24 : 2 ** -53;
    expect(x.every((v) => (v / step) % 2 === 1)).toBe(true);
    expectMean(x, 1 / 2, 1 / 12);
    expectMean(
      x.map((v) => (v - 0.5) ** 2),
      1 / 12,
      1 / 180,
    );
    const counts = new Int32Array(100);
    for (const v of x) counts[Math.floor(100 * v)]++;
    expectUniform(counts);
  });
  test.each(["float32", "float64"] as const)("%s normals have the moments of normals", (dtype) => {
    const x = numbers(standardNormal(k, [n, m], dtype));
    expectMean(x, 0, 1);
    expectMean(
      x.map((v) => v * v),
      1,
      2,
    );
    expectMean(
      x.map((v) => v ** 3),
      0,
      15,
    );
    expectMean(
      x.map((v) => v ** 4),
      3,
      96,
    );
    const within = x.filter((v) => Math.abs(v) < 0.6744897501960817).length / x.length;
    expect(Math.abs(within - 0.5)).toBeLessThan((FAR * 0.5) / Math.sqrt(x.length));
  });
  describe("normals over several axes", () => {
    const [five, inner] = [axis("five", 5), axis("inner", 4)];
    const draws = (first: Axis, dtype: DType = "float32") =>
      numbers(standardNormal(k, [first, inner], dtype));

    test("are pairs along the first: a radius times the cosine and the sine of an angle", () => {
      const z = draws(five, "float64");
      const [u, v] = [0, 1].map((block) => {
        const [high, low] = [0, 1].map((stream) =>
          range(12).map((i) => threefry(11, 0, i, block)[stream] >>> 6),
        );
        return high.map((h, i) => (h * 2 ** 26 + low[i] + 0.5) * 2 ** -52);
      });
      range(20).forEach((n) => {
        const [row, column] = [Math.floor(n / 4), n % 4];
        const pair = (row >> 1) * 4 + column;
        const turn = row % 2 === 0 ? Math.cos : Math.sin;
        const exact = Math.sqrt(-2 * Math.log(u[pair])) * turn(2 * Math.PI * v[pair]);
        expect(z[n]).toBeCloseTo(exact, 13);
      });
    });
    test("stay as they were with more elements along it", () => {
      for (const size of [1, 2, 3, 4]) {
        expect(draws(axis("fewer", size))).toEqual(draws(five).slice(0, 4 * size));
      }
    });
    test("have the same bits where they are not kept in memory", () => {
      // A key that varies along the first axis, by nothing.
      const nothing = index(five).mul(0);
      const varied = { k0: k.k0.add(nothing), k1: k.k1.add(nothing) };
      expect(numbers(standardNormal(varied, [five, inner]))).toEqual(draws(five));
    });
  });
  test("under folded keys, of other streams and of neighbours are independent", () => {
    const base = numbers(standardNormal(k, [n, m]));
    const others = [
      numbers(standardNormal(fold(k, "z"), [n, m])),
      numbers(standardNormal(fold(k, "y"), [n, m])),
      numbers(standardNormal(fold(k, 0), [n, m])),
      numbers(standardNormal(fold(k, 1), [n, m])),
      numbers(standardNormal(key(12), [n, m])),
      numbers(uniform(fold(k, "z"), [n, m])).map((v) => (v - 0.5) * Math.sqrt(12)),
      Float64Array.from([...base.slice(1), base[0]]),
      worth(randomBits(k, [n, m], 1)).map((w) => (w / 2 ** 32) * Math.sqrt(12)),
    ];
    for (const other of others) {
      expectMean(
        base.map((v, i) => v * other[i]),
        0,
        1,
      );
    }
  });
  test("of more elements than there are counters are refused", () => {
    const [p, q] = [axis("p", 65536), axis("q", 65536)];
    expect(() => uniform(k, [p, q])).toThrow(
      new SurmiseError("a draw over {p: 65536, q: 65536} has more than 2^31 elements"),
    );
  });
});

describe("shuffled", () => {
  const order = (k: Key, size: number) => worth(shuffled(k, index(axis("at", size)), size));

  test("is a permutation of any number of things", () => {
    for (let size = 1; size <= 300; size++) {
      const found = order(key(size), size);
      expect([...found].sort((x, y) => x - y)).toEqual(Array.from({ length: size }, (_, i) => i));
    }
  });
  test("is a permutation of many things", () => {
    const places = compiled(shuffled(key(3), index(axis("at", 60_000)), 60_000));
    const found = Float64Array.from(places.data);
    const seen = new Uint8Array(60_000);
    for (const i of found) seen[i]++;
    expect(seen.every((n) => n === 1)).toBe(true);
    // Neighbours are as far apart as two random places: a third of the size on average.
    const far = found.slice(1).map((v, i) => Math.abs(v - found[i]) / 60_000);
    expectMean(far, 1 / 3, 1 / 18);
    expectMean(
      found.map((v, i) => (v / 60_000 - 0.5) * (i / 60_000 - 0.5) * 12),
      0,
      1,
    );
  });
  test("differs by key", () => {
    const keys = Array.from({ length: 50 }, (_, seed) => fold(key(seed), "epoch"));
    expect(new Set(keys.map((k) => order(k, 20).join(" "))).size).toBe(50);
  });
  test("gives one place as it gives all", () => {
    const all = order(key(5), 40);
    const at = input("at", [], "int32");
    for (const i of [0, 17, 39]) {
      const [one] = evaluate([shuffled(key(5), at, 40)], new Map([["at", Int32Array.of(i)]]));
      expect(one.values[0]).toBe(all[i]);
    }
  });
  test.each([2, 3, 4, 5, 6, 10])(
    "brings each of %i things to each place, and each pair",
    (size) => {
      const keys = axis("key", 3000);
      const at = axis("at", size);
      const k = fold(fold(key(17), "shuffle"), index(keys));
      const found = compiled(shuffled(k, index(at), size));
      const step = found.axes.indexOf(keys) === 0 ? [size, 1] : [1, 3000];
      const places = Array.from({ length: size }, () => new Int32Array(size));
      const pairs = new Int32Array(size * (size - 1));
      for (let draw = 0; draw < 3000; draw++) {
        const value = (i: number) => found.data[draw * step[0] + i * step[1]];
        for (let i = 0; i < size; i++) places[i][value(i)]++;
        const [first, second] = [value(0), value(1)];
        pairs[first * (size - 1) + second - Number(second > first)]++;
      }
      for (const counts of places) expectUniform(counts);
      expectUniform(pairs);
    },
  );
});
