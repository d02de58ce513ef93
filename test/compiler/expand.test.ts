import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  EXPANSIONS,
  type Expanded,
  expandThreefry,
  ULPS,
} from "../../src/compiler/scalar/expand/index.ts";
import { ScalarBuilder } from "../../src/compiler/scalar/language.ts";
import { threefry } from "../../src/tensor/internal.ts";
import {
  bitsOfSingle,
  compute,
  expanded,
  type Float,
  scaleOf,
  singleOfBits,
  unit,
} from "./fixtures/functions.ts";
import { instructions, interpret } from "./fixtures/interpreter.ts";

const FLOATS: readonly Float[] = ["f32", "f64"];
const NAMES = Object.keys(EXPANSIONS) as Expanded[];

/** A small generator of numbers in [0, 1), the same in every run. */
function generator(seed: number): () => number {
  let place = 0;
  return () => (threefry(seed, 0, place++, 0)[0] >>> 0) / 2 ** 32;
}

interface Worst {
  ulps: number;
  at: readonly number[];
}

/** Keeps in `worst` the larger error, the exact value being high + low. */
function judge(
  worst: Worst,
  name: Expanded,
  type: Float,
  args: readonly number[],
  high: number,
  low = 0,
): void {
  const got = compute(name, type)(...args);
  const nearest = type === "f32" ? Math.fround(high) : high;
  if (Object.is(got, nearest) && !Number.isFinite(got)) return;
  const error = Math.abs(got - high - low) / unit(type, scaleOf(name, args, high));
  if (error <= worst.ulps) return;
  worst.ulps = Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
  worst.at = args;
}

function expectWithin(worst: Worst, name: Expanded, type: Float): void {
  const within = worst.ulps <= ULPS[name][type];
  const found = within ? "" : `${name} ${type}: ${worst.ulps} ulps at ${worst.at.join(", ")}`;
  expect(found).toBe("");
}

const path = new URL("./fixtures/special.json", import.meta.url);
const special = JSON.parse(readFileSync(path, "utf8")) as {
  double: Record<Expanded, number[][]>;
  single: Partial<Record<Expanded, number[][]>>;
};

describe("errors against values of 60 digits", () => {
  test.each(NAMES)("%s f64", (name) => {
    const worst = { ulps: 0, at: [] };
    expect(special.double[name].length).toBeGreaterThan(200);
    for (const row of special.double[name]) {
      const [high, low] = row.slice(-2);
      judge(worst, name, "f64", row.slice(0, -2), high, low);
    }
    expectWithin(worst, name, "f64");
  });

  test.each(["erf", "lgamma", "digamma", "trigamma"] as const)("%s f32", (name) => {
    const worst = { ulps: 0, at: [] };
    for (const [x, high, low] of special.single[name] ?? []) {
      judge(worst, name, "f32", [x], high, low);
    }
    expectWithin(worst, name, "f32");
  });
});

/** What is exact enough to judge f32 by, and the range that is looked at most closely. */
const REFERENCES: Partial<
  Record<Expanded, { of: (x: number) => number; core: readonly [number, number]; upTo?: number }>
> = {
  exp: { of: Math.exp, core: [-104.5, 89] },
  log: { of: Math.log, core: [0, 4] },
  sin: { of: Math.sin, core: [-100, 100], upTo: 1e4 },
  cos: { of: Math.cos, core: [-100, 100], upTo: 1e4 },
  tanh: { of: Math.tanh, core: [-10, 10] },
  sigmoid: { of: (x) => Math.exp(Math.min(x, 0)) / (1 + Math.exp(-Math.abs(x))), core: [-105, 20] },
  softplus: {
    of: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    core: [-105, 20],
  },
  log1p: { of: Math.log1p, core: [-1, 3] },
  expm1: { of: Math.expm1, core: [-18, 89] },
  erf: { of: (x) => compute("erf", "f64")(x), core: [-4, 4] },
};

describe("errors in f32 over the whole range", () => {
  test.each(Object.keys(REFERENCES) as Expanded[])("%s", (name) => {
    const { of, core, upTo = Number.POSITIVE_INFINITY } = REFERENCES[name]!;
    const worst = { ulps: 0, at: [] };
    const random = generator(7);
    const see = (x: number) => {
      if (Math.abs(x) <= upTo) judge(worst, name, "f32", [x], of(x));
    };
    for (let k = 0; k < 15000; k++) {
      see(singleOfBits(random() * 2 ** 32));
      see(Math.fround(core[0] + (core[1] - core[0]) * random()));
      see(Math.fround(4 * random() - 2));
    }
    expectWithin(worst, name, "f32");
  });

  test("logAddExp", () => {
    const worst = { ulps: 0, at: [] };
    const random = generator(8);
    const exact = (x: number, y: number) => Math.max(x, y) + Math.log1p(Math.exp(-Math.abs(x - y)));
    for (let k = 0; k < 20000; k++) {
      const width = 10 ** (6 * random() - 3);
      const [x, y] = [width, width].map((w) => Math.fround(w * (random() - 0.5)));
      judge(worst, "logAddExp", "f32", [x, y], exact(x, y));
      judge(worst, "logAddExp", "f32", [x, Math.fround(x + y)], exact(x, Math.fround(x + y)));
    }
    expectWithin(worst, "logAddExp", "f32");
  });
});

const INF = Number.POSITIVE_INFINITY;
const NAN = Number.NaN;
/** Exact results, argument by argument. */
const LIMITS: Readonly<Record<Expanded, readonly (readonly number[])[]>> = {
  exp: [
    [0, 1],
    [-0, 1],
    [-INF, 0],
    [INF, INF],
    [1e30, INF],
    [-1e30, 0],
  ],
  expm1: [
    [0, 0],
    [-0, -0],
    [-INF, -1],
    [INF, INF],
    [-1e30, -1],
    [1e30, INF],
  ],
  log: [
    [1, 0],
    [0, -INF],
    [-0, -INF],
    [INF, INF],
    [-1e-40, NAN],
    [-1, NAN],
    [-INF, NAN],
  ],
  log1p: [
    [0, 0],
    [-0, -0],
    [-1, -INF],
    [INF, INF],
    [-1.5, NAN],
    [-INF, NAN],
  ],
  sin: [
    [0, 0],
    [-0, -0],
    [INF, NAN],
    [-INF, NAN],
  ],
  cos: [
    [0, 1],
    [-0, 1],
    [INF, NAN],
    [-INF, NAN],
  ],
  tanh: [
    [0, 0],
    [-0, -0],
    [INF, 1],
    [-INF, -1],
    [1e30, 1],
    [-1e30, -1],
  ],
  sigmoid: [
    [0, 0.5],
    [-0, 0.5],
    [INF, 1],
    [-INF, 0],
    [1e30, 1],
    [-1e30, 0],
  ],
  softplus: [
    [-INF, 0],
    [INF, INF],
    [-1e30, 0],
    [1024, 1024],
  ],
  erf: [
    [0, 0],
    [-0, -0],
    [INF, 1],
    [-INF, -1],
    [1e30, 1],
    [-1e30, -1],
  ],
  lgamma: [
    [0, INF],
    [-0, INF],
    [1, 0],
    [2, 0],
    [-1, INF],
    [-7, INF],
    [-1e30, INF],
    [INF, INF],
    [-INF, INF],
  ],
  digamma: [
    [0, NAN],
    [-0, NAN],
    [-1, NAN],
    [-7, NAN],
    [-1e30, NAN],
    [INF, INF],
    [-INF, NAN],
  ],
  trigamma: [
    [0, INF],
    [-0, INF],
    [-1, INF],
    [-7, INF],
    [-1e30, INF],
    [INF, 0],
    [-INF, INF],
  ],
  logAddExp: [
    [-INF, -INF, -INF],
    [INF, INF, INF],
    [INF, -INF, INF],
    [3, -INF, 3],
    [INF, 3, INF],
    [-INF, -0.5, -0.5],
    [NAN, 1, NAN],
    [INF, NAN, NAN],
    [-INF, NAN, NAN],
  ],
};

describe.each(FLOATS)("limits in %s", (type) => {
  const single = type === "f32";
  const round = (x: number) => (single ? Math.fround(x) : x);
  const tiny = single ? 2 ** -149 : 2 ** -1074;

  test.each(NAMES)("%s", (name) => {
    const f = compute(name, type);
    for (const row of LIMITS[name]) {
      const args = row.slice(0, -1).map(round);
      expect(`${args}: ${f(...args)}`).toBe(`${args}: ${row.at(-1)}`);
      expect(Object.is(f(...args), round(row.at(-1)!))).toBe(true);
    }
    expect(f(NAN, NAN)).toBe(NAN);
    expect(f(NAN, 1)).toBe(NAN);
  });

  test("the smallest numbers", () => {
    for (const name of ["sin", "tanh", "expm1", "log1p"] as const) {
      for (const x of [tiny, 3 * tiny, -tiny]) expect(compute(name, type)(x)).toBe(x);
    }
    expect(compute("log", type)(tiny)).toBe(round((single ? -149 : -1074) * Math.LN2));
    expect(compute("erf", type)(tiny)).toBe(tiny);
    expect(compute("exp", type)(tiny)).toBe(1);
    expect(compute("trigamma", type)(tiny)).toBe(INF);
    expect(compute("digamma", type)(tiny)).toBe(-INF);
    expect(compute("lgamma", type)(-tiny)).toBe(compute("lgamma", type)(tiny));
  });

  test("where exp overflows and underflows", () => {
    const f = compute("exp", type);
    const [last, first] = single
      ? [88.72283172607422, 88.72283935546875]
      : [709.782712893384, 709.7827128933841];
    expect(f(last)).toBeLessThan(INF);
    expect(f(first)).toBe(INF);
    const [small, none] = single
      ? [-103.97207641601562, -103.97208404541016]
      : [-745.1332191019411, -745.1332191019412];
    expect(f(small)).toBe(tiny);
    expect(f(none)).toBe(0);
    expect(compute("sigmoid", type)(small)).toBe(tiny);
    expect(compute("softplus", type)(small)).toBe(tiny);
  });
});

test("odd functions are odd to the bit", () => {
  const random = generator(9);
  for (let k = 0; k < 2000; k++) {
    const x = 10 ** (12 * random() - 10);
    for (const name of ["tanh", "sin", "erf"] as const) {
      for (const type of FLOATS) {
        const at = type === "f32" ? Math.fround(x) : x;
        expect(compute(name, type)(-at)).toBe(-compute(name, type)(at));
      }
    }
  }
});

test.each([
  ["tanh", 4, 9.2],
  ["sigmoid", 8, 18],
  ["erf", 2.5, 4],
] as const)("%s rises to 1 and stays there", (name, from, to) => {
  for (const type of FLOATS) {
    const f = compute(name, type);
    let before = 0;
    for (let k = 0; k < 20000; k++) {
      const x = from + ((to * (type === "f32" ? 1 : 2.2) - from) * k) / 20000;
      const y = f(type === "f32" ? Math.fround(x) : x);
      expect(y >= before && y <= 1).toBe(true);
      before = y;
    }
    expect(before).toBe(1);
  }
});

test("tanh, sigmoid and exp in f32 rise from one number to the next where they near an end", () => {
  for (const [name, from] of [
    ["tanh", 7],
    ["sigmoid", 14],
    ["exp", 88],
  ] as const) {
    const f = compute(name, "f32");
    let before = 0;
    for (let k = 0, bits = bitsOfSingle(from); k < 30000; k++, bits++) {
      const y = f(singleOfBits(bits));
      expect(y).toBeGreaterThanOrEqual(before);
      before = y;
    }
  }
});

test("sin and cos of any number are between -1 and 1", () => {
  const random = generator(10);
  for (let k = 0; k < 5000; k++) {
    const x = (random() < 0.5 ? -1 : 1) * 10 ** (38 * random());
    for (const type of FLOATS) {
      for (const name of ["sin", "cos"] as const) {
        expect(
          Math.abs(compute(name, type)(type === "f32" ? Math.fround(x) : x)),
        ).toBeLessThanOrEqual(1);
      }
    }
  }
});

test("what runs on every activation is short", () => {
  const most = { exp: 26, log: 29, tanh: 28, sigmoid: 30, softplus: 41 } as const;
  for (const [name, limit] of Object.entries(most)) {
    expect(instructions(expanded(name as Expanded, "f32").root)).toBeLessThanOrEqual(limit);
  }
});

/** Known answers of the Random123 library: key, counter, words. */
const THREEFRY = [
  [0, 0, 0, 0, 0x6b200159, 0x99ba4efe],
  [-1, -1, -1, -1, 0x1cb996fc, 0xbb002be7],
  [0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3, 0xc4923a9c, 0x483df7a0],
];

test("threefry gives the words of Random123", () => {
  const b = new ScalarBuilder();
  const leaves = [0, 1, 2, 3].map(() => b.leaf("load", "i32", {}));
  const [k0, k1, c0, c1] = leaves;
  const words = ([0, 1] as const).map((word) =>
    interpret(expandThreefry(b, k0, k1, c0, c1, word), leaves),
  );
  for (const row of THREEFRY) {
    const [a, k, c, d, ...known] = row.map((value) => value | 0);
    expect(threefry(a, k, c, d)).toEqual(known);
    expect(words.map((word) => word(a, k, c, d))).toEqual(known);
  }
});
