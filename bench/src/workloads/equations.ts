/** Calls of the log density of a differential equation's solution, and of its gradient, in float64. */
import { improperUniform, lognormal, POSITIVE } from "../../../src/distributions/index.ts";
import { type LogDensity, logDensity } from "../../../src/inference/index.ts";
import { type Model, model } from "../../../src/model/index.ts";
import { axis, log, solveOde, type Tensor, tensor } from "../../../src/tensor/index.ts";
import type { Sizes } from "../protocol.ts";
import { checkAt, densityIn, programOf } from "./logDensity.ts";
import type { Family } from "./workload.ts";

const TOLERANCE = 1e-6;
const FLAT = improperUniform(POSITIVE, "float64");
const TOLERANCES = { relative: TOLERANCE, absolute: TOLERANCE };

/** Numbers for 0, 1, ... along an axis. */
const known = (count: number, name: string, of: (i: number) => number) => {
  const along = axis(name, count);
  const numbers = Float64Array.from({ length: count }, (_, i) => of(i));
  return { along, values: tensor(numbers, [along]) };
};

/** Lotka and Volterra's, at the times 1, 2, ...; 2 components, 6 unknown numbers beside the noise. */
function lotkaVolterra(count: number): Model<undefined, unknown> {
  const { along, values: times } = known(count, "time", (i) => i + 1);
  const seen = (of: (i: number) => number) =>
    tensor(
      Float64Array.from({ length: count }, (_, i) => of(i)),
      [along],
    );
  const hares = seen((i) => 30 + 10 * Math.sin(0.7 * i));
  const lynxes = seen((i) => 12 + 8 * Math.sin(0.7 * i + 1));
  return model(
    ({ sample, observe, plate }) => {
      const [birth, eaten, death, fed, prey0, predator0, noise] = [
        ...["birth", "eaten", "death", "fed", "prey", "predator", "noise"],
      ].map((name) => sample(name, FLAT));
      const { prey, predator } = solveOde(
        ({ prey, predator }, _, { birth, eaten, death, fed }) => ({
          prey: prey.mul(birth.sub(eaten.mul(predator))),
          predator: predator.mul(fed.mul(prey).sub(death)),
        }),
        {
          initial: { prey: prey0, predator: predator0 },
          parameters: { birth, eaten, death, fed },
          ...{ times, along, ...TOLERANCES },
        },
      );
      plate(along, () => {
        observe("hares", lognormal(log(prey), noise), hares);
        observe("lynxes", lognormal(log(predator), noise), lynxes);
      });
    },
    { dtype: "float64" },
  );
}

/** Absorption and elimination by Michaelis and Menten, at the times 0.4, 0.8, ...; 4 unknown numbers beside the noise. */
function michaelisMenten(count: number): Model<undefined, unknown> {
  const { along, values: times } = known(count, "hour", (i) => 0.4 * (i + 1));
  const seen = tensor(
    Float64Array.from({ length: count }, (_, i) => 5 * Math.exp(-0.04 * (i + 1)) + 1e-3),
    [along],
  );
  return model(
    ({ sample, observe, plate }) => {
      const [ka, vmax, km, dose, noise] = ["ka", "vmax", "km", "dose", "noise"].map((name) =>
        sample(name, FLAT),
      );
      const { blood } = solveOde(
        ({ gut, blood }, _, { ka, vmax, km }) => {
          const absorbed = ka.mul(gut);
          return { gut: absorbed.neg(), blood: absorbed.sub(vmax.mul(blood).div(km.add(blood))) };
        },
        {
          initial: { gut: dose as Tensor, blood: 0 },
          parameters: { ka, vmax, km },
          method: "rosenbrock",
          ...{ times, along, ...TOLERANCES },
        },
      );
      plate(along, () => observe("concentration", lognormal(log(blood), noise), seen));
    },
    { dtype: "float64" },
  );
}

/** The logs of the unknown numbers, in the order of the statements. */
const STARTS = {
  lotkaVolterra: [0.55, 0.028, 0.84, 0.026, 33.956, 5.933, 0.25],
  michaelisMenten: [2.5, 1.2, 0.4, 10, 0.3],
};

const densityOf = ({ stiff, times }: Sizes): LogDensity =>
  logDensity(stiff ? michaelisMenten(times) : lotkaVolterra(times), undefined, {
    evaluations: 100_000,
  });

const startOf = ({ dimension }: LogDensity) =>
  Float64Array.from(dimension === 5 ? STARTS.michaelisMenten : STARTS.lotkaVolterra, Math.log);

export const equations: Family = {
  name: "equation",
  members: [
    { name: "equation-lotka-volterra", sizes: { stiff: 0, times: 20 } },
    { name: "equation-michaelis-menten", sizes: { stiff: 1, times: 20 } },
  ],
  check(sizes) {
    const of = densityOf(sizes);
    return checkAt(of, startOf(of));
  },
  program: (sizes) => programOf(densityOf(sizes)),
  run(program, calls) {
    const of = densityIn(program);
    const [position, start] = [startOf(of), startOf(of)];
    const gradient = new Float64Array(of.dimension);
    for (let i = 0; i < calls; i++) {
      position[0] = start[0] + 1e-3 * Math.sin(i);
      of.evaluate(position, gradient);
    }
  },
};
