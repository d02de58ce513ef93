/** Mixtures of joint normals as guides. */
import { expect, test } from "vitest";
import { normal } from "../../../src/distributions/index.ts";
import {
  automaticGuide,
  fit,
  gradientDiagnostics,
  jointMixture,
  particles,
} from "../../../src/inference/index.ts";
import { draw, type Model, paramStore, trace } from "../../../src/model/internal.ts";
import { axis, fold, key, square, standardNormal, tensor } from "../../../src/tensor/internal.ts";
import { values } from "../../distributions/values.ts";
import { f64 } from "../gaussians.ts";

const group = axis("group", 3);

const hierarchy: Model = ({ sample, observe, plate }) => {
  const centre = sample("centre", normal(f64(0), 1));
  plate(group, () => {
    const each = sample("each", normal(centre, 1));
    observe("y", normal(each, 1), tensor([0.4, 2, 1.1], [group], "float64"));
  });
};

const numberOf = (name: string) => (axes: Parameters<typeof standardNormal>[1]) =>
  standardNormal(fold(key(3), name), axes, "float64").mul(0.3);

test("where q is the posterior the path derivative is zero for each draw, the total one is not", () => {
  const guide = automaticGuide(hierarchy, jointMixture({ components: 3, sd: 1 }));
  const known: Model = (sites, data) =>
    guide({ ...sites, param: (name, axes) => numberOf(name)(axes) }, data);
  const parameters = paramStore();
  trace(guide, undefined, draw(key(1)), parameters);
  const at = parameters.list().map(({ name, axes }) => {
    return [name, { data: Float64Array.from(values(numberOf(name)(axes))) }] as const;
  });
  const norms = (gradient: "path" | "total") => {
    const options = { model: known, guide, data: undefined, parameters, gradient, draws: 5 };
    const found = gradientDiagnostics({
      ...{ ...options, values: Object.fromEntries(at) },
      particles: particles.stratified(),
    });
    return Object.values(found).map(({ norm }) => norm);
  };
  expect(Math.max(...norms("path"))).toBeLessThan(1e-9);
  expect(Math.max(...norms("total"))).toBeGreaterThan(0.1);
});

test("components share what a bent posterior is, closer than a normal", () => {
  const model: Model = ({ sample, observe }) => {
    const a = sample("a", normal(f64(0), 1));
    const b = sample("b", normal(f64(0), 3));
    observe("y", normal(b.sub(square(a)), 0.3), f64(0));
  };
  const boundBy = (method: "vi" | "mixture") =>
    fit({ model, data: undefined, method, dtype: "float64", seed: 1 }).bound as number;
  expect(boundBy("mixture")).toBeGreaterThan(boundBy("vi") + 0.2);
  const misplaced = { model, data: undefined, method: "vi", components: 3 } as const;
  expect(() => fit(misplaced)).toThrow(
    /components is for method mixture, and of no use to method vi/,
  );
});
