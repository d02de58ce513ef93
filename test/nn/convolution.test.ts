/** Convolutions and pooling, with their derivatives, against loops and values of JAX, in both types. */
import { describe, expect, test } from "vitest";
import { plan } from "../../src/compiler/index.ts";
import { draw, paramStore, type Sites, trace } from "../../src/model/index.ts";
import {
  averagePool,
  convolution,
  maxPool,
  transposedConvolution,
  type WindowsAlong,
} from "../../src/nn/index.ts";
import { compile } from "../../src/runtime/index.ts";
import {
  type Axis,
  axis,
  grad,
  input,
  key,
  sin,
  sizeOf,
  sum,
  type Tensor,
} from "../../src/tensor/index.ts";

const build = <T>(body: (param: Sites["param"]) => T) =>
  trace(({ param }) => body(param), undefined, draw(key(1)), paramStore());

/** Flat, row-major over `axes`. */
interface Values {
  readonly axes: readonly Axis[];
  readonly data: ArrayLike<number>;
}

/** Numbers without a pattern that tells axes apart wrongly, exact in float32. */
const numbers = (n: number, seed: number) =>
  Float64Array.from({ length: n }, (_, i) => ((((i + seed) * 7919) % 31) - 15) / 8);

const TYPES = [
  ["float32", 2e-5],
  ["float64", 1e-12],
] as const;

/** One axis of a case: its size, the window's, stride and padding, and for transposed ones elements beyond the least. */
interface Along {
  readonly size: number;
  readonly window: number;
  readonly stride?: number;
  readonly padding?: number;
  readonly more?: number;
}

const [image, from, to] = [axis("image", 3), axis("from", 4), axis("to", 5)];

function axesOf(along: readonly Along[], isTransposed: boolean): WindowsAlong[] {
  return along.map(({ size, window, stride = 1, padding = 0, more = 0 }, i) => {
    const count = isTransposed
      ? (size - 1) * stride + window - 2 * padding + more
      : Math.floor((size + 2 * padding - window) / stride) + 1;
    return {
      axis: axis(`x${i}`, size),
      window: axis(`window${i}`, window),
      to: axis(`y${i}`, count),
      ...(stride > 1 && { stride }),
      ...(padding > 0 && { padding }),
    };
  });
}

/** All positions along axes of these sizes. */
function* positions(sizes: readonly number[]): Generator<number[]> {
  if (sizes.length === 0) yield [];
  else {
    for (let i = 0; i < sizes[0]; i++) {
      for (const rest of positions(sizes.slice(1))) yield [i, ...rest];
    }
  }
}

const flat = (at: readonly number[], axes: readonly Axis[]) =>
  at.reduce((total, i, k) => total * axes[k].size + i, 0);

interface Case {
  readonly axes: Readonly<Record<"x" | "w" | "y", readonly Axis[]>>;
  readonly x: Float64Array;
  readonly w: Float64Array;
  readonly c: Float64Array;
}

/** sum of c y, and its derivatives, by loops over all products. */
function loops({ axes, x, w, c }: Case, along: readonly WindowsAlong[], isTransposed: boolean) {
  const y = new Float64Array(sizeOf(axes.y));
  const dx = new Float64Array(x.length);
  const dw = new Float64Array(w.length);
  const wide = along.map((each) => (isTransposed ? each.axis : each.to).size);
  const windows = along.map(({ window }) => window.size);
  for (const o of positions(wide)) {
    for (const k of positions(windows)) {
      const reached = along.map(({ stride = 1, padding = 0 }, i) => o[i] * stride + k[i] - padding);
      const ends = along.map((each) => (isTransposed ? each.to : each.axis).size);
      if (reached.some((p, i) => p < 0 || p >= ends[i])) continue;
      const [atX, atY] = isTransposed ? [o, reached] : [reached, o];
      for (const [n, f, t] of positions([image.size, from.size, to.size])) {
        const [i, j, l] = [
          flat([n, ...atX, f], axes.x),
          flat([t, ...k, f], axes.w),
          flat([n, ...atY, t], axes.y),
        ];
        y[l] += x[i] * w[j];
        dx[i] += c[l] * w[j];
        dw[j] += c[l] * x[i];
      }
    }
  }
  return { y, dx, dw };
}

const close = (found: ArrayLike<number>, expected: Float64Array, within: number) => {
  expect(found.length).toBe(expected.length);
  const scale = expected.reduce((a, b) => Math.max(a, Math.abs(b)), 1);
  const apart = expected.reduce((a, b, i) => Math.max(a, Math.abs(b - found[i])), 0);
  expect(apart / scale).toBeLessThan(within);
};

/** The values in this order of axes. */
function valuesOver(axes: readonly Axis[], found: Values) {
  expect(new Set(found.axes)).toEqual(new Set(axes));
  return Float64Array.from(positions(axes.map(({ size }) => size)), (at) => {
    const by = new Map(axes.map((a, i) => [a, at[i]]));
    return found.data[
      flat(
        found.axes.map((a) => by.get(a) as number),
        found.axes,
      )
    ];
  });
}

const CASES: readonly (readonly [string, readonly Along[]])[] = [
  [
    "of images",
    [
      { size: 7, window: 3 },
      { size: 6, window: 2 },
    ],
  ],
  [
    "with padding",
    [
      { size: 7, window: 3, padding: 1 },
      { size: 6, window: 5, padding: 2 },
    ],
  ],
  [
    "with strides",
    [
      { size: 9, window: 3, stride: 2 },
      { size: 8, window: 3, stride: 3, padding: 1 },
    ],
  ],
  [
    "of patches",
    [
      { size: 8, window: 4, stride: 4 },
      { size: 6, window: 2, stride: 2 },
    ],
  ],
  ["with strides beyond the windows", [{ size: 9, window: 2, stride: 3, more: 1 }]],
  ["of series", [{ size: 17, window: 4, padding: 3, stride: 2, more: 1 }]],
  ["of one element", [{ size: 5, window: 1 }]],
  ["as long as the axis", [{ size: 4, window: 4 }]],
  [
    "along three axes",
    [
      { size: 4, window: 3, padding: 1 },
      { size: 5, window: 2 },
      { size: 4, window: 2, stride: 2 },
    ],
  ],
];

/** The first values of `lax.conv_general_dilated` and of the derivatives of the sum of its sines. */
const JAX = {
  y: [-6.984375, -4.9375, -1.921875, 1.578125, 8.875, -4.5625],
  dx: [
    1.445394361665035, -0.40230908321730224, 1.2068754933467707, -3.086466997617882,
    2.9438385392424826, -3.3790249285646587,
  ],
  dw: [
    2.3134165966409217, -1.983119894251915, 4.133559900617628, -1.8855786896072197,
    6.698415487563272, -0.06543538563051143,
  ],
};

describe.each(TYPES)("in %s", (dtype, within) => {
  describe.each([
    ["convolutions", convolution, false],
    ["transposed convolutions", transposedConvolution, true],
  ] as const)("%s", (_, layer, isTransposed) => {
    test.each(CASES)("%s", (_name, sizes) => {
      const along = axesOf(sizes, isTransposed);
      const axes = {
        x: [image, ...along.map((each) => each.axis), from],
        w: [to, ...along.map(({ window }) => window), from],
        y: [image, ...along.map((each) => each.to), to],
      };
      const given = {
        axes,
        x: numbers(sizeOf(axes.x), 1),
        w: numbers(sizeOf(axes.w), 5),
        c: numbers(sizeOf(axes.y), 9),
      };
      const [x, c] = [input("x", axes.x), input("c", axes.y)];
      const { result, params } = build((param) => layer(param, "layer", { from, to, along })(x));
      const total = sum(result.mul(c));
      const [dx, dw] = grad(total, [x, params[0].value]);
      const program = compile(
        { outputs: { y: result, dx, dw } },
        { backend: "wasm", dtype, steps: 1, threads: 1 },
      );
      program.write("x", given.x);
      program.write("c", given.c);
      program.write("layer.weight", given.w);
      program.write("layer.bias", new Float64Array(to.size));
      const found = program.run();
      const expected = loops(given, along, isTransposed);
      close(valuesOver(axes.y, found.y), expected.y, within);
      close(valuesOver(axes.x, found.dx), expected.dx, within);
      close(valuesOver(axes.w, found.dw), expected.dw, within);
    });
  });

  test("values of JAX, through a sine", () => {
    const [row, column] = [axis("row", 6), axis("column", 5)];
    const along = [
      { axis: row, window: axis("down", 3), to: axis("lower", 3), stride: 2, padding: 1 },
      { axis: column, window: axis("across", 2), to: axis("right", 4) },
    ];
    const [two, three, four] = [axis("two", 2), axis("three", 3), axis("four", 4)];
    const order = [two, row, column, three];
    const x = input("x", order);
    const { result: y, params } = build((param) =>
      convolution(param, "layer", { from: three, to: four, along })(x),
    );
    const [dx, dw] = grad(sum(sin(y)), [x, params[0].value]);
    const program = compile({ outputs: { y, dx, dw } }, { backend: "wasm", dtype, steps: 1 });
    program.write("x", numbers(sizeOf(order), 1));
    program.write("layer.weight", numbers(72, 5));
    program.write("layer.bias", new Float64Array(4));
    const found = program.run();
    const first = (axes: readonly Axis[], of: Values) => valuesOver(axes, of).slice(0, 6);
    close(first([two, along[0].to, along[1].to, four], found.y), Float64Array.from(JAX.y), within);
    close(first(order, found.dx), Float64Array.from(JAX.dx), within);
    close(first(params[0].axes, found.dw), Float64Array.from(JAX.dw), within);
  });
});

test.each([1, 2, 3])("at stride %i the gradient takes as much work as the layer", (stride) => {
  const [many, from, to] = [axis("many", 8), axis("from", 8), axis("to", 8)];
  const along = ["row", "column"].map((name) => ({
    axis: axis(name, 12 * stride),
    window: axis(`${name} place`, 2 * stride),
    to: axis(`${name} of windows`, 11),
    stride,
  }));
  const x = input("x", [many, ...along.map((each) => each.axis), from]);
  const { result: y } = build((param) => convolution(param, "layer", { from, to, along })(x));
  const g = input("g", y.axes);
  const [dx] = grad(sum(y.mul(g)), [x]);
  const workOf = (value: Tensor) =>
    plan({ outputs: [{ name: "value", value }], updates: [] }).work.step;
  // The elements at the ends, which fewer windows reach, are computed like all others.
  expect(workOf(dx)).toBeLessThan(1.6 * workOf(y));
});

/** One axis of a case of pooling. */
interface Pooled {
  readonly size: number;
  readonly window: number;
  readonly stride?: number;
  readonly padding?: number;
}

describe.each(TYPES)("pooling in %s", (dtype, within) => {
  test.each<[string, readonly Pooled[]]>([
    [
      "halves",
      [
        { size: 6, window: 2 },
        { size: 8, window: 2 },
      ],
    ],
    [
      "windows that overlap",
      [
        { size: 7, window: 3, stride: 2, padding: 1 },
        { size: 5, window: 2, stride: 1 },
      ],
    ],
    ["gaps between windows", [{ size: 9, window: 2, stride: 4 }]],
    ["a whole axis", [{ size: 5, window: 5 }]],
  ])("of %s", (_, sizes) => {
    const along = sizes.map(({ size, window, stride = window, padding = 0 }, i) => ({
      axis: axis(`x${i}`, size),
      to: axis(`y${i}`, Math.floor((size + 2 * padding - window) / stride) + 1),
      size: window,
      stride,
      padding,
    }));
    const axes = { x: [image, ...along.map((a) => a.axis)], y: [image, ...along.map((a) => a.to)] };
    // All different, so that one is largest.
    const x = Float64Array.from({ length: sizeOf(axes.x) }, (_, i) => ((i * 37) % 211) / 4 - 20);
    const c = numbers(sizeOf(axes.y), 3);
    const most = new Float64Array(c.length).fill(-Infinity);
    const mean = new Float64Array(c.length);
    const [dMost, dMean] = [new Float64Array(x.length), new Float64Array(x.length)];
    for (const o of positions(axes.y.map(({ size }) => size))) {
      const l = flat(o, axes.y);
      const inside = [...positions(along.map(({ size }) => size))]
        .map((k) => along.map(({ stride, padding }, i) => o[i + 1] * stride + k[i] - padding))
        .filter((at) => at.every((p, i) => p >= 0 && p < along[i].axis.size))
        .map((at) => flat([o[0], ...at], axes.x));
      const best = inside.reduce((a, b) => (x[b] > x[a] ? b : a));
      most[l] = x[best];
      dMost[best] += c[l];
      for (const i of inside) {
        mean[l] += x[i] / inside.length;
        dMean[i] += c[l] / inside.length;
      }
    }
    const [from, weights] = [input("x", axes.x), input("c", axes.y)];
    const outputs = [maxPool, averagePool].flatMap((pool) => {
      const y = pool(from, along);
      return [y, ...grad(sum(y.mul(weights)), [from])];
    });
    const program = compile(
      { outputs: Object.fromEntries(outputs.map((y, i) => [`${i}`, y])) },
      { backend: "wasm", dtype, steps: 1, threads: 1 },
    );
    program.write("x", x);
    program.write("c", c);
    const found = program.run();
    close(valuesOver(axes.y, found[0]), most, within);
    close(valuesOver(axes.x, found[1]), dMost, within);
    close(valuesOver(axes.y, found[2]), mean, within);
    close(valuesOver(axes.x, found[3]), dMean, within);
  });
});

describe("what does not fit is refused", () => {
  const [row, down] = [axis("row", 28), axis("down", 3)];
  const layer = (size: number, options: object, make = convolution) =>
    build((param) => {
      const along = [{ axis: row, window: down, to: axis("half", size), ...options }];
      return make(param, "edges", { from, to, along });
    }).result;

  test.each([convolution, transposedConvolution])("an axis in the place of itself", (make) => {
    const along = [{ axis: row, window: down, to: axis("half", 26) }];
    expect(() => build((param) => make(param, "edges", { from, to: from, along }))).toThrow(
      "'edges': it maps axis",
    );
  });

  test("sizes of the result, with the right one", () => {
    expect(() => layer(13, { stride: 2, padding: 1 })).toThrow(
      "convolution 'edges': windows of 3 along row: 28 (stride 2, padding 1) are 14, but axis half: 13 is of another size",
    );
    expect(() => layer(54, { stride: 2 }, transposedConvolution)).toThrow(
      "transposedConvolution 'edges': transposed windows of 3 along row: 28 (stride 2, padding 0) reach 57 to 58 elements, " +
        "but axis half: 54 is of another size",
    );
    const small = axis("small", 2);
    expect(() =>
      maxPool(input("x", [small]), [{ axis: small, to: axis("y", 1), size: 3 }]),
    ).toThrow("maxPool: there is no room for windows of 3 along small: 2 (stride 3, padding 0)");
  });

  test("paddings as long as a window, and strides of 0", () => {
    expect(() => layer(28, { padding: 3 })).toThrow("the padding along 'row'");
    expect(() => layer(28, { stride: 0 })).toThrow("the stride along 'row'");
  });

  test("inputs that lack an axis", () => {
    expect(() => layer(26, {})(input("x", [image, row]))).toThrow(
      "convolution 'edges': the input has axes {image: 3, row: 28} and lacks 'from'",
    );
  });
});
