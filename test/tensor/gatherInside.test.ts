import { expect, test } from "vitest";
import {
  axis,
  cast,
  exp,
  gather,
  index,
  key,
  max,
  nodesOf,
  standardNormal,
  sum,
  type Tensor,
  tensor,
} from "../../src/tensor/internal.ts";
import { gatherInside } from "../../src/tensor/transforms/gatherInside.ts";
import { valuesOf } from "../distributions/values.ts";

const [parent, child, plate, event] = [
  axis("parent", 3),
  axis("child", 4),
  axis("plate", 2),
  axis("event", 2),
];
const at = tensor(Int32Array.of(2, 0, 1, 1, 0, 2, 2, 0), [child, plate]);
const given = standardNormal(key(1), [parent, plate, event], "float64");
const noise = standardNormal(key(2), [child, plate, parent, event], "float64");
const own = standardNormal(key(3), [child, plate], "float64");

const cases: [string, Tensor][] = [
  ["elementwise", exp(given).add(noise.mul(own))],
  ["a sum of both", sum(given.mul(noise), event)],
  ["a largest value", max(given.add(own).mul(noise), event)],
  ["what does not vary along the child", given.mul(2)],
  ["positions", cast(index(parent), "float64").mul(own)],
  ["what is reduced along the positions' own axes", sum(given.mul(own), plate)],
  ["values at positions", gather(given.add(own), event, tensor(Int32Array.of(1, 0, 1), [parent]))],
];

test.each(cases)("%s: the same as gather", (_, x) => {
  const [found, expected] = [gatherInside(x, parent, at, child), gather(x, parent, at)];
  expect(new Set(found.axes)).toEqual(new Set(expected.axes));
  const [a, b] = valuesOf([found, expected].map((y) => sumTo(y, expected)));
  expect([...a]).toEqual([...b]);
});

/** `x` with its axes in the order of those of `like`. */
function sumTo(x: Tensor, like: Tensor): Tensor {
  return like.mul(0).add(x);
}

test("nothing is computed for all pairs of parents and children but what was given so", () => {
  const computed = gatherInside(exp(given).add(noise.mul(own)), parent, at, child);
  const pairs = nodesOf([computed]).filter((node) => node.has(parent) && node.has(child));
  expect(pairs).toEqual([]);
});
