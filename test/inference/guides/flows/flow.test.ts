/** Guides of flows: fits, and the path derivative where the guide is the posterior. */
import { expect, test } from "vitest";
import { normal } from "../../../../src/distributions/index.ts";
import {
  automaticGuide,
  average,
  flow,
  fullCovariance,
  gradientDiagnostics,
  fit as train,
} from "../../../../src/inference/internal.ts";
import { draw, type Model, paramStore, trace } from "../../../../src/model/internal.ts";
import {
  axis,
  constant,
  gather,
  key,
  sizeOf,
  square,
  tensor,
} from "../../../../src/tensor/internal.ts";
import { values } from "../../../distributions/values.ts";
import { f64 } from "../../gaussians.ts";

const part = axis("part", 2);

const flat: Model = ({ sample }) => {
  sample("z", normal(f64(0), 1).event(part));
};

/** x_1 ~ normal(0, 1), and x_2 near its square: a bent posterior. */
const bent: Model = ({ sample, observe }) => {
  const z = sample("z", normal(f64(0), tensor([1, 3], [part], "float64")).event(part));
  const [a, b] = [0, 1].map((i) => gather(z, part, constant(i, "int32")));
  observe("y", normal(b.sub(square(a)), 0.3), f64(0));
};

test.each(["coupling", "autoregressive"] as const)(
  "%s: where q is the posterior the path derivative is zero for each draw, the total one is not",
  (kind) => {
    const guide = automaticGuide(flat, flow({ kind, sd: 1, hidden: 4 }));
    const spread = (gradient: "path" | "total") => {
      const parameters = paramStore();
      trace(guide, undefined, draw(key(1)), parameters);
      const initial = parameters.list().map(({ name, init, axes, dtype }) => {
        const start = values(init(key(1), axes, dtype));
        const size = sizeOf(axes);
        return [
          name,
          { data: start.length === size ? start : new Float64Array(size).fill(start[0]) },
        ];
      });
      const found = gradientDiagnostics({
        ...{ model: flat, guide, data: undefined, parameters, gradient, draws: 20 },
        values: Object.fromEntries(initial),
      });
      return Object.values(found).reduce((sum, { norm }) => sum + norm, 0);
    };
    expect(spread("path")).toBeLessThan(1e-12);
    expect(spread("total")).toBeGreaterThan(0.1);
  },
);

test("flows come closer to a bent posterior than a normal", () => {
  const boundOf = (family: ReturnType<typeof flow>) => {
    const guide = automaticGuide(bent, family);
    const options = { model: bent, guide, data: undefined, particles: average(10), seed: 1 };
    return train({ ...options, gradient: "path", steps: 1500 }).bound as number;
  };
  const gaussian = boundOf(fullCovariance());
  for (const kind of ["planar", "coupling", "autoregressive"] as const) {
    expect(boundOf(flow({ kind, hidden: 16 })), kind).toBeGreaterThan(gaussian + 0.1);
  }
});

test("a kind that there is not is refused", () => {
  // @ts-expect-error
  expect(() => flow({ kind: "glow" })).toThrow(/choose planar, coupling, autoregressive/);
});
