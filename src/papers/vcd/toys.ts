/** The two-dimensional targets of Ruiz and Titsias (ICML 2019), and guides of two latents. */
import { improperUniform, mixture, normal, REAL } from "../../distributions/index.ts";
import { type Model, model, type Sites } from "../../model/index.ts";
import { constantInit, normalInit, zeros } from "../../nn/index.ts";
import {
  axis,
  checkArguments,
  FUNCTION,
  gather,
  logSumExp,
  objectWith,
  sqrt,
  square,
  type Tensor,
  tensor,
} from "../../tensor/internal.ts";

/** The two elements of z. */
export const coordinate = axis("coordinate", 2);

/** A normal of two dimensions with unit variances. */
interface Normal2 {
  readonly mean: number;
  readonly correlation: number;
}

/** Its log density, in nats. */
function logNormal2([a, b]: readonly Tensor[], { mean, correlation: r }: Normal2): Tensor {
  const [x, y] = [a.sub(mean), b.sub(mean)];
  const form = square(x)
    .sub(x.mul(y).mul(2 * r))
    .add(square(y));
  return form.mul(-0.5 / (1 - r * r)).sub(Math.log(2 * Math.PI * Math.sqrt(1 - r * r)));
}

/** A target, and the part of the plane that is drawn. */
export interface Toy {
  /** For people. */
  readonly title: string;
  /** log p(z) of both coordinates, normalised, in nats. */
  readonly logDensity: (z: readonly Tensor[]) => Tensor;
  /** The ends of the picture. */
  readonly x: readonly [number, number];
  /** The ends of the picture. */
  readonly y: readonly [number, number];
}

/** The targets. */
export const TOYS = {
  gaussian: {
    title: "Gaussian",
    logDensity: (z) => logNormal2(z, { mean: 0, correlation: 0.95 }),
    x: [-3, 3],
    y: [-3, 3],
  },
  banana: {
    title: "banana",
    logDensity: ([a, b]) => logNormal2([a, b.add(square(a)).add(1)], { mean: 0, correlation: 0.9 }),
    x: [-3, 3],
    y: [-8, 2],
  },
  mixture: {
    title: "mixture",
    logDensity: (z) => {
      const component = axis("component of p", 2);
      const parts = [
        logNormal2(z, { mean: 0.8, correlation: 0.8 }).add(Math.log(0.3)),
        logNormal2(z, { mean: -2, correlation: -0.6 }).add(Math.log(0.7)),
      ];
      const weights = tensor([0, 1], [component]);
      const both = parts[0].mul(weights.neg().add(1)).add(parts[1].mul(weights));
      return logSumExp(both, component);
    },
    x: [-5, 4],
    y: [-5, 4],
  },
} as const satisfies Readonly<Record<string, Toy>>;

/** A key of `TOYS`. */
export type ToyName = keyof typeof TOYS;

/** The model whose posterior is the target. */
export function toyModel(toy: Toy): Model {
  checkArguments("toyModel", { toy }, objectWith({ logDensity: FUNCTION }));
  const { logDensity } = toy;
  return model(({ sample, factor }) => {
    const z = sample("z", improperUniform(REAL).event(coordinate));
    factor("target", logDensity([0, 1].map((i) => gather(z, coordinate, i))));
  });
}

/** What q is: independent coordinates, or a mixture of two such. */
export const GUIDES = {
  normal: "independent normals",
  mixture: "a mixture of two of them",
} as const;

/** A key of `GUIDES`. */
export type GuideName = keyof typeof GUIDES;

const component = axis("component of q", 2);

/** q(z), which begins narrow at a draw of a standard normal. */
export function toyGuide(name: GuideName): Model {
  return model(({ sample, param }) => {
    const independent = independentNormals(param, name === "mixture");
    if (name === "normal") {
      sample("z", independent);
    } else {
      const logits = param("logits", [component], { init: zeros });
      sample("z", mixture({ logits }, independent));
    }
  });
}

function independentNormals(param: Sites["param"], ofEachComponent: boolean) {
  const axes = ofEachComponent ? [component, coordinate] : [coordinate];
  const mean = param("mean", axes, { init: normalInit(1) });
  const sd = param("sd", axes, { init: constantInit(0.1) });
  return normal(mean, sqrt(square(sd).add(1e-10))).event(coordinate);
}
