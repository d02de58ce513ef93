/** Guides that draw all latents together, as noise through a normalising flow and then a joint normal. */
import {
  ANYTHING,
  checkArguments,
  optionsWith,
  SurmiseError,
  standardNormal,
  wholeNumber,
} from "../../../tensor/internal.ts";
import type { GuideFamily } from "../automatic.ts";
import { type JointOptions, joint } from "../joint.ts";
import type { NoiseFamily } from "../noise/sharedNoise.ts";
import { inverseAutoregressive, reversedOrder } from "./autoregressive.ts";
import { affineCoupling } from "./coupling.ts";
import { FlowDensity, type LayerFamily, type States } from "./layer.ts";
import { planar } from "./planar.ts";
import { splineCoupling } from "./spline.ts";

/** Which flow, how deep, and the joint normal that it begins as. */
export interface FlowOptions extends Pick<JointOptions, "sd" | "coordinates" | "acrossPlates"> {
  /** A key of `FLOWS`; `spline` unless given. */
  readonly kind?: FlowKind;
  /** Layers; 8 planar ones, 4 of the others unless given. */
  readonly layers?: number;
  /** Units of the hidden layer of each network; 32 unless given. */
  readonly hidden?: number;
}

/** The flows, by name. */
export const FLOWS = {
  planar: {
    about: "planar (Rezende and Mohamed 2015)",
    depth: 8,
    at: () => [planar],
  },
  coupling: {
    about: "affine coupling (RealNVP: Dinh and others 2017)",
    depth: 4,
    at: (i, hidden) => [affineCoupling(i % 2, { hidden })],
  },
  autoregressive: {
    about: "inverse autoregressive (Kingma and others 2016)",
    depth: 4,
    at: (i, hidden) => [...(i === 0 ? [] : [reversedOrder]), inverseAutoregressive({ hidden })],
  },
  spline: {
    about: "neural spline coupling (Durkan and others 2019)",
    depth: 4,
    at: (i, hidden) => [splineCoupling(i % 2, { hidden })],
  },
} satisfies Record<
  string,
  {
    readonly about: string;
    /** How many layers there are, unless someone says otherwise. */
    readonly depth: number;
    at(i: number, hidden: number): readonly LayerFamily[];
  }
>;

/** A key of `FLOWS`. */
export type FlowKind = keyof typeof FLOWS;

/**
 * As `joint`, but the noise of all latents together is standard normal noise through a normalising flow, at the start the
 * identity or nearly so: so it begins as the joint normal. The parameters of the layers are `flow.I.WHAT`, beside those of
 * the normal. Discrete latents are as in the mean field; latents in chains are refused.
 *
 * The density of a draw is that of the way it was made, without an inverse, for the total derivative as for the path
 * derivative, whose gradient by the draw is carried along the layers (Vaitl and others, ICML 2022). It costs a pass back
 * through each layer and, in an inverse autoregressive one, as many as there are numbers, side by side, with a triangular
 * solve. Densities of other values, as wake phases and score functions need them, go through the inverse: for planar layers
 * a bisection in each, for inverse autoregressive ones a pass for each number, one after the other.
 *
 * All latents share their particles (`average`, `global`): others are refused.
 *
 * @throws SurmiseError if `sd`, `layers` or `hidden` is not of its range, or `kind` is none of these.
 *
 * @example fit({ model, guide: automaticGuide(model, flow({ kind: "autoregressive" })), data, gradient: "path" })
 */
export function flow(options: FlowOptions = {}): GuideFamily {
  checkArguments(
    "flow",
    { options },
    optionsWith<FlowOptions>({
      ...{ kind: ANYTHING, layers: ANYTHING, hidden: ANYTHING, sd: ANYTHING },
      ...{ coordinates: ANYTHING, acrossPlates: ANYTHING },
    }),
  );
  const { kind = "spline", hidden = 32, layers, ...normal } = options;
  if (!Object.hasOwn(FLOWS, kind)) {
    throw new SurmiseError(`flow: kind is '${kind}': choose ${Object.keys(FLOWS).join(", ")}`);
  }
  const { depth, at } = FLOWS[kind];
  const count = wholeNumber("flow: layers", layers ?? depth, { least: 1, most: 1000 });
  wholeNumber("flow: hidden", hidden, { least: 1, most: 1e6 });
  const families = Array.from({ length: count }, (_, i) => at(i, hidden)).flat();
  return joint({ ...normal, noise: throughLayers(families) });
}

/** The learning rate of networks, over that of the normal, whose numbers are in units of the posterior. */
const RATE = 0.1;

/** Standard normal noise through some layers. */
function throughLayers(families: readonly LayerFamily[]): NoiseFamily {
  return ({ number, dtype, axis, param }) => {
    const layers = families.map((family, i) =>
      family({
        ...{ number, dtype, axis },
        param: (what, axes, init) => param(`flow.${i + 1}.${what}`, axes, init, RATE),
      }),
    );
    const density = new FlowDensity(layers, number);
    let drawn: States = [];
    return {
      reparameterised: true,
      draw(key, particles) {
        drawn = density.statesFrom(standardNormal(key, [...particles, number], dtype));
        return drawn[drawn.length - 1];
      },
      logProb: (noise) => density.logProb(density.statesTo(noise)),
      logProbOfDraw: () => density.logProb(drawn),
      derivativeOfDraw: () => density.derivative(drawn),
    };
  };
}
