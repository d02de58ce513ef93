/** The text of a graph: the same for the same graph made again, another for any other. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileToC, type ProgramRoots, plan } from "../../src/compiler/index.ts";
import { graphText } from "../../src/runtime/native/graphText.ts";
import { TARGETS } from "../../src/runtime/native/toolchain.ts";
import {
  apply,
  axis,
  cast,
  constant,
  gather,
  index,
  input,
  make,
  scan,
  sum,
  type Tensor,
  tensor,
} from "../../src/tensor/internal.ts";
import { build, type Recipe, recipes } from "../fuzz/graphs.ts";
import { rootsOf, type Variant } from "./fixtures/again.ts";

const textOf = (roots: ProgramRoots) => graphText(roots, (data) => Array.from(data).join()).text;
const text = (value: Tensor) => textOf({ outputs: [{ name: "y", value }], updates: [] });

const [a, b] = [axis("a", 4), axis("b", 4)];
const x = input("x", [a, b]);
const table = () => tensor(Float32Array.of(1, 2, 3, 4), [a]);
const one = table();
const loop = (factor: number, reverse: boolean, last: boolean) => {
  const { last: carries, outputs } = scan(
    a,
    { s: constant(0) },
    ({ s }, turn) => {
      const next = s.mul(factor).add(sum(turn.at(x), b));
      return { carries: { s: next }, outputs: { s: next } };
    },
    { reverse },
  );
  return last ? carries.s : sum(outputs.s, a);
};
const word = (which: 0 | 1) => {
  const numbers = [1, 2, 3].map((n) => constant(n, "int32"));
  return make({ op: "threefry", word: which }, [...numbers, index(a)]);
};

describe("graphs that differ in one thing have different texts", () => {
  test.each<[string, () => Tensor, () => Tensor]>([
    ["a constant's value", () => x.mul(2), () => x.mul(2.0000002384185791)],
    ["a constant's sign", () => x.mul(0), () => x.mul(-0)],
    ["a constant that is none", () => x.mul(0), () => x.mul(Number.NaN)],
    ["the sign of infinity", () => x.mul(Infinity), () => x.mul(-Infinity)],
    ["a constant's type", () => constant(1, "float64"), () => constant(1, "float32")],
    ["an operation", () => x.add(1), () => x.sub(1)],
    ["the order of operands", () => x.sub(one), () => one.sub(x)],
    ["an input's name", () => x, () => input("y", [a, b])],
    ["a name with marks in it", () => input('"],x', [a]), () => input('"]', [a])],
    ["an input's type", () => x, () => input("x", [a, b], "float64")],
    ["the order of axes", () => x, () => input("x", [b, a])],
    ["an axis' name", () => sum(x, a), () => sum(input("x", [axis("c", 4), b]), b)],
    ["an axis' size", () => x, () => input("x", [a, axis("b", 5)])],
    ["the axis summed over", () => sum(x, a), () => sum(x, b)],
    [
      "the axis counted along",
      () => x.mul(cast(index(a), "float32")),
      () => x.mul(cast(index(b), "float32")),
    ],
    ["what a cast makes", () => cast(x, "int32"), () => cast(x, "float64")],
    ["the axis gathered along", () => gather(x, a, index(a)), () => gather(x, b, index(b))],
    ["the word of random bits", () => word(0), () => word(1)],
    ["the values of a literal", () => one, () => tensor(Float32Array.of(1, 2, 3, 5), [a])],
    ["the type of a literal", () => one, () => tensor(Int32Array.of(1, 2, 3, 4), [a])],
    ["one array or two that are alike", () => one.mul(one), () => one.mul(table())],
    [
      "one node or two that are alike",
      () => apply("mul", x, x),
      () => apply("mul", x, input("x", [a, b])),
    ],
    ["a constant in a loop", () => loop(1, false, true), () => loop(2, false, true)],
    ["the direction of a loop", () => loop(1, false, true), () => loop(1, true, true)],
    ["the value of a loop", () => loop(1, false, true), () => loop(1, false, false)],
  ])("%s", (_, first, second) => {
    expect(text(first())).not.toBe(text(second()));
  });

  test("names and order of outputs, and what is updated", () => {
    const y = x.mul(2);
    const [s, t] = [input("s", [a, b]), input("t", [a, b])];
    const both: ProgramRoots["outputs"] = [
      { name: "y", value: y },
      { name: "x", value: x },
    ];
    const texts = [
      { outputs: both, updates: [] },
      { outputs: both.toReversed(), updates: [] },
      { outputs: [{ name: "z", value: y }], updates: [] },
      { outputs: [{ name: "y", value: y }], updates: [] },
      { outputs: [{ name: "y", value: y }], updates: [{ input: s, value: y }] },
      { outputs: [{ name: "y", value: y }], updates: [{ input: t, value: y }] },
      { outputs: [], updates: [{ input: t, value: y }] },
    ].map(textOf);
    expect(new Set(texts).size).toBe(texts.length);
  });
});

test("labels are for people: they do not change the text", () => {
  const labelled = axis("a", 2, ["one", "two"]);
  expect(text(input("x", [labelled]))).toBe(text(input("x", [axis("a", 2)])));
});

test("an attribute of an unknown kind has no text", () => {
  const strange = { ...x, operation: { op: "input", name: "x", order: [], more: new Map() } };
  const roots = { outputs: [{ name: "y", value: strange as unknown as Tensor }], updates: [] };
  expect(() => textOf(roots)).toThrow("no text for [object Map]");
});

/** A random program, made anew each time. */
function goalsOfRecipe(recipe: Recipe): ProgramRoots {
  const { outputs, updates } = build(recipe);
  return {
    outputs: outputs.map((value, i) => ({ name: `y${i}`, value })),
    updates: updates.map(([input, value]) => ({ input, value })),
  };
}

test("a graph made again has the same text, and the same text means the same code", () => {
  const codeOf = (roots: ProgramRoots) => compileToC(plan(roots), TARGETS.avx2).code;
  const known = new Map<string, string>();
  const meet = (roots: ProgramRoots) => {
    const [words, code] = [textOf(roots), codeOf(roots)];
    expect(known.get(words) ?? code).toBe(code);
    known.set(words, code);
    return words;
  };
  fc.assert(
    fc.property(recipes, (recipe) => {
      const first = meet(goalsOfRecipe(recipe));
      const size = known.size;
      expect(meet(goalsOfRecipe(recipe))).toBe(first);
      expect(known.size).toBe(size);
      const { sizes, moves } = recipe;
      meet(goalsOfRecipe({ ...recipe, sizes: sizes.map((n) => (n % 9) + 1) }));
      meet(goalsOfRecipe({ ...recipe, moves: moves.map(([m, p, q, r]) => [m, p, q, r + 1]) }));
    }),
    { numRuns: 30, seed: 3 },
  );
  const variants: Variant[] = [{}, { seed: 2 }, { factor: 3 }, { reverse: true }, { wide: 41 }];
  const texts = variants.map((variant) => meet(rootsOf(variant)));
  expect(new Set(texts).size).toBe(variants.length);
  expect(variants.map((variant) => meet(rootsOf(variant)))).toEqual(texts);
});
