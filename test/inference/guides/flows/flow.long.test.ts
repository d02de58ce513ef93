/** Guides of flows: fits, their densities, and gradients against brute force and where the guide is the posterior. */
import { describe, expect, test } from "vitest";
import { exponential, normal } from "../../../../src/distributions/index.ts";
import type { Distribution } from "../../../../src/distributions/internal.ts";
import { joint } from "../../../../src/inference/guides/joint.ts";
import {
  automaticGuide,
  average,
  bound,
  FLOWS,
  type FlowKind,
  flow,
  type Gradient,
  gradientDiagnostics,
  massivelyParallel,
  particles,
  fit as train,
} from "../../../../src/inference/internal.ts";
import { draw, type Model, paramStore, trace } from "../../../../src/model/internal.ts";
import { compile } from "../../../../src/runtime/index.ts";
import {
  axis,
  constant,
  fold,
  gather,
  key,
  square,
  standardNormal,
  tensor,
} from "../../../../src/tensor/internal.ts";
import { values } from "../../../distributions/values.ts";
import { f64 } from "../../gaussians.ts";

const KINDS = Object.keys(FLOWS) as FlowKind[];
const part = axis("part", 2);
const group = axis("group", 3);

/** Two latents with two elements and with three plates, one of them positive. */
const model: Model = ({ sample, observe, plate }) => {
  const z = sample("z", normal(f64(0), tensor([1, 3], [part], "float64")).event(part));
  const scale = gather(z, part, constant(1, "int32"));
  plate(group, () => {
    const rate = sample("rate", exponential(f64(1)));
    observe("y", normal(rate.add(scale), 1), tensor([0.4, 2, 1.1], [group], "float64"));
  });
};

/** The guide with known numbers in the place of its parameters, away from where they begin. */
const known =
  (guide: Model, sd = 0.3): Model =>
  (sites, data) =>
    guide(
      {
        ...sites,
        param: (name, axes, options) =>
          standardNormal(fold(key(3), name), axes, options?.dtype).mul(sd),
      },
      data,
    );

/** Parameters by name, with these same numbers. */
function valuesOfKnown(guide: Model) {
  const parameters = paramStore();
  trace(guide, undefined, draw(key(1)), parameters);
  const given = parameters.list().map(({ name, axes, dtype }) => {
    const [data] = [values(standardNormal(fold(key(3), name), axes, dtype).mul(0.3))];
    return [name, { data: Float64Array.from(data) }] as const;
  });
  return { parameters, values: Object.fromEntries(given) };
}

/** The guide as if its draws were given: their densities go through the inverse of the flow. */
const asGiven =
  (guide: Model): Model =>
  (sites, data) =>
    guide(
      {
        ...sites,
        sample: (name, distribution: Distribution) => {
          const { pathLogProb: _, ...rest } = distribution;
          return sites.sample(name, { ...rest, logProb: (z) => distribution.logProb(z.mul(1)) });
        },
      },
      data,
    );

describe.each(KINDS)("%s", (kind) => {
  const guide = automaticGuide(model, flow({ kind, hidden: 4, sd: 1 }));
  const { parameters, values: at } = valuesOfKnown(guide);
  const gradients = (gradient: Gradient, of: Model = model, by: Model = guide, draws = 5) =>
    gradientDiagnostics({
      ...{ model: of, guide: by, data: undefined, parameters, values: at, gradient, draws },
    });

  test("where q is the posterior the path derivative is zero for each draw, the total one is not", () => {
    const norms = (gradient: Gradient) =>
      Object.values(gradients(gradient, known(guide))).map(({ norm }) => norm);
    expect(Math.max(...norms("path"))).toBeLessThan(1e-9);
    expect(Math.max(...norms("total"))).toBeGreaterThan(0.1);
  });

  test.each(["total", "path"] as const)("%s: as through the inverse of the flow", (gradient) => {
    const found = gradients(gradient);
    for (const [name, { mean }] of Object.entries(gradients(gradient, model, asGiven(guide)))) {
      mean.forEach((x, i) => {
        expect(Math.abs(found[name].mean[i] - x), name).toBeLessThan(1e-8 * (1 + Math.abs(x)));
      });
    }
  });
});

test("weights are those of the whole draw, also inside of plates", () => {
  const alone: Model = ({ sample, observe, plate }) =>
    plate(group, () => {
      const z = sample("z", normal(f64(0), 1));
      observe("y", normal(z, 1), tensor([0.4, 2, 1.1], [group], "float64"));
    });
  const by = known(automaticGuide(alone, flow({ kind: "coupling", hidden: 4, sd: 2 })), 0.1);
  const estimate = bound({
    ...{ model: alone, guide: by, data: undefined, parameters: paramStore() },
    ...{ key: key(5), particles: particles.global(20_000) },
  });
  const [evidence] = compile({ outputs: { b: estimate.bound } }, { steps: 1 }).run().b.data;
  const exact = [0.4, 2, 1.1].reduce(
    (sum, y) => sum - 0.25 * y * y - 0.5 * Math.log(4 * Math.PI),
    0,
  );
  // Five standard errors of the log of the mean of these weights, whose sd is about twice their mean.
  expect(Math.abs(evidence - exact)).toBeLessThan((5 * 2) / Math.sqrt(20_000));
});

/** x_1 ~ normal(0, 1), and x_2 near its square: a bent posterior. */
const bent: Model = ({ sample, observe }) => {
  const a = sample("a", normal(f64(0), 1));
  const b = sample("b", normal(f64(0), 3));
  observe("y", normal(b.sub(square(a)), 0.3), f64(0));
};

test("flows come closer to a bent posterior than a normal", () => {
  const boundOf = (family: ReturnType<typeof flow>) => {
    const guide = automaticGuide(bent, family);
    const options = { model: bent, guide, data: undefined, particles: average(10), seed: 1 };
    return train({ ...options, gradient: "path", steps: 1500 }).bound as number;
  };
  const gaussian = boundOf(joint());
  for (const kind of KINDS) {
    expect(boundOf(flow({ kind, hidden: 16 })), kind).toBeGreaterThan(gaussian + 0.1);
  }
});

test("what cannot be is refused, with what to do", () => {
  // @ts-expect-error
  expect(() => flow({ kind: "glow" })).toThrow(/choose planar, coupling, autoregressive, spline/);
  const apart = { particles: massivelyParallel(3), guide: automaticGuide(model, flow()) };
  expect(() => train({ model, data: undefined, ...apart, steps: 1 })).toThrow(
    /latent 'rate': its guide draws all latents together, .* use particles that all latents share/,
  );
  const series: Model = ({ sample, chain }) => {
    chain(group, f64(0), (before) => sample("x", normal(before, 1)));
  };
  const guide = automaticGuide(series, flow());
  expect(() => train({ model: series, guide, data: undefined, steps: 1 })).toThrow(
    /latent 'x': it is in chain 'group'/,
  );
});
