/** Distributions with other tensors in the place of those that they are made of. */
import { describe, expect, test } from "vitest";
import { type Distribution, masked, normal } from "../../src/distributions/index.ts";
import { REGISTRY } from "../../src/distributions/registry.ts";
import {
  type Axis,
  axis,
  cast,
  constant,
  index,
  input,
  isFloat,
  key,
  nodesOf,
  substitute,
  Tensor,
  tensor,
} from "../../src/tensor/internal.ts";
import { values } from "./values.ts";

const copy = axis("copy", 2);

/** `d` made of `other(x)` in the place of each number x that it is made of. */
function withOthers(d: Distribution, other: (x: Tensor) => Tensor): Distribution {
  const ends = Object.values(d.support).filter((x): x is Tensor => x instanceof Tensor);
  const numbers = nodesOf([...Object.values(d.parameters), ...ends]).filter(
    ({ op, dtype }) => (op === "constant" || op === "literal") && isFloat(dtype),
  );
  const others = new Map(numbers.map((x) => [x, other(x)] as const));
  return d.map((x) => substitute([x], others)[0]);
}

const along = (a: Axis) => (x: Tensor) => x.add(cast(index(a).mul(0), x.dtype));

test.each(Object.entries(REGISTRY))(
  "%s is the same family, over the axes of what is put in",
  (_, { example }) => {
    const d = example("float32");
    const same = withOthers(d, (x) => x.add(0));
    expect(same.axes).toEqual(d.axes);
    expect(same.eventAxes).toEqual(d.eventAxes);
    const draws = (of: Distribution) => values(of.sample(key(1), []));
    expect(draws(same)).toEqual(draws(d));

    const several = withOthers(d, along(copy));
    const hasParameters = Object.keys(d.parameters).length > 0;
    expect(several.axes).toEqual(hasParameters ? [...d.axes, copy] : d.axes);
    expect(several.sample(key(1), []).axes).toEqual(expect.arrayContaining([...several.axes]));
    const x = d.sample(key(1), []);
    const [density] = values(d.logProb(x));
    for (const each of values(several.logProb(x))) expect(each).toBeCloseTo(density, 4);
  },
);

describe("a distribution", () => {
  const mean = input("mean", [], "float32");
  const feature = axis("feature", 3);
  const x = tensor([1, 2, 3], [feature]);
  const put = (other: Tensor) => (y: Tensor) => substitute([y], new Map([[mean, other]]))[0];

  test("sums over its event axes what it is made of now", () => {
    const each = tensor([0, 1, 2], [feature]);
    const d = normal(0, mean)
      .event(feature)
      .map(put(each.add(1)));
    const [density] = values(d.logProb(x));
    expect(density).toBeCloseTo(values(normal(0, each.add(1)).event(feature).logProb(x))[0], 5);
  });

  test("keeps its mask, with others in its place too", () => {
    const d = masked(normal(mean, 1), mean.gt(0)).map(put(constant(-1)));
    expect(values(d.logProb(constant(3)))).toEqual(Float64Array.of(0));
    expect(d.mask).toBeDefined();
  });

  test("refuses a known parameter outside its set", () => {
    expect(() => normal(0, mean).map(put(constant(-1)))).toThrow(
      "normal: sd must be greater than 0 and finite, not -1",
    );
  });
});
