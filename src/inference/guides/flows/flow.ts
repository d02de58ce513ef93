/** Guides whose elements of one draw are normal noise through a normalising flow. */
import {
  bijectionTo,
  distribution,
  isDiscrete,
  REAL,
  transformed,
} from "../../../distributions/internal.ts";
import { ownAxes } from "../../../model/internal.ts";
import {
  ANYTHING,
  type Axis,
  checkArguments,
  log,
  optionsWith,
  realNumber,
  SurmiseError,
  sizeOf,
  standardNormal,
  sum,
  type Tensor,
  unionAxes,
  wholeNumber,
} from "../../../tensor/internal.ts";
import type { GuideFamily } from "../automatic.ts";
import { meanField } from "../families.ts";
import { flatten, spreadOver } from "../flatten.ts";
import { broadcastOver } from "../initialisation.ts";
import { elementwiseAffine } from "./affine.ts";
import { inverseAutoregressive, reversedOrder } from "./autoregressive.ts";
import { affineCoupling } from "./coupling.ts";
import { FlowDensity, type LayerFamily } from "./layer.ts";
import { planar } from "./planar.ts";

/** Which flow, how deep, and how it starts. */
export interface FlowOptions {
  /**
   * `planar` (Rezende and Mohamed 2015), `coupling`: affine coupling (RealNVP, Dinh and
   * others 2017), or `autoregressive`: inverse autoregressive (Kingma and
   * others 2016); `coupling` unless given.
   */
  readonly kind?: keyof typeof KINDS;
  /** Layers; 8 planar ones, 4 of the others unless given. */
  readonly layers?: number;
  /** Units of the hidden layer of each network; 32 unless given. */
  readonly hidden?: number;
  /** The initial standard deviation in unconstrained space, in prior standard deviations; 0.1 unless given. */
  readonly sd?: number;
}

/** The layers of each kind, by their number. */
const KINDS = {
  planar: { depth: 8, at: () => [planar] },
  coupling: { depth: 4, at: (i: number, hidden: number) => [affineCoupling(i % 2, { hidden })] },
  autoregressive: {
    depth: 4,
    at: (i: number, hidden: number) => [
      ...(i === 0 ? [] : [reversedOrder]),
      inverseAutoregressive({ hidden }),
    ],
  },
} satisfies Record<
  string,
  { readonly depth: number; at(i: number, hidden: number): readonly LayerFamily[] }
>;

/**
 * As the mean field, but the elements of one draw, along the event axes of a latent, are normal noise through a
 * normalising flow in unconstrained space, at the start the identity or nearly so, then a location and a scale of each
 * element. Its parameters are `NAME.flowI.WHAT`; elements of plates have flows of their own. Latents with fewer than two
 * elements in a draw are as in the mean field.
 *
 * The density of a draw is computed through the inverse of the flow, so that the path derivative, which holds the parameters
 * constant in it, is right. For coupling layers the inverse costs as much as a draw; for planar ones there is a bisection
 * in each layer; inverse autoregressive ones take a pass through the network for each element, one after the other.
 *
 * @throws SurmiseError if `sd`, `layers` or `hidden` is not of its range, `kind` is none of these, or as `meanField`.
 *
 * @example fit({ model, guide: automaticGuide(model, flow({ kind: "autoregressive" })), data, gradient: "path" })
 */
export function flow(options: FlowOptions = {}): GuideFamily {
  checkArguments(
    "flow",
    { options },
    optionsWith<FlowOptions>({ kind: ANYTHING, layers: ANYTHING, hidden: ANYTHING, sd: ANYTHING }),
  );
  const { kind = "coupling", sd = 0.1, hidden = 32 } = options;
  if (!Object.hasOwn(KINDS, kind)) {
    throw new SurmiseError(`flow: kind is '${kind}': choose ${Object.keys(KINDS).join(", ")}`);
  }
  const { depth, at } = KINDS[kind];
  const { layers = depth } = options;
  realNumber("flow: sd", sd, { above: 0 });
  wholeNumber("flow: layers", layers, { least: 1, most: 1000 });
  wholeNumber("flow: hidden", hidden, { least: 1, most: 1e6 });
  const simple = meanField({ sd });
  return (statement, param, start, context) => {
    const { name, distribution: prior, plates } = statement;
    const { support, eventAxes, dtype } = prior;
    if (eventAxes.length === 0 || isDiscrete(support)) {
      return simple(statement, param, start, context);
    }
    const { unconstrainedAxes } = bijectionTo(support);
    const event = unconstrainedAxes(eventAxes);
    const size = sizeOf(event);
    if (size < 2) return simple(statement, param, start, context);
    const outer = unconstrainedAxes(ownAxes(plates, prior)).filter((a) => !event.includes(a));
    const number = context.axis(`${name} element`, size);
    const families = [
      ...Array.from({ length: layers }, (_, i) => at(i, hidden)).flat(),
      elementwiseAffine,
    ];
    const density = new FlowDensity(
      families.map((family, i) =>
        family({
          ...{ number, dtype, axis: (what, of) => context.axis(`${name} ${what}`, of) },
          param: (what, axes, init) =>
            param(`${name}.flow${i + 1}.${what}`, [...outer, ...axes], { init, dtype }),
        }),
      ),
      number,
    );
    const [location, scale] = [start.location, start.scale.mul(sd)].map((x) =>
      context.here(flatten(broadcastOver(event, x), event, number)),
    );
    return transformed(
      spreadOver(event, vectors(density, location, scale, outer, number), number),
      support,
    );
  };
}

/** x = location + scale w, of vectors w from a flow. */
function vectors(
  density: FlowDensity,
  location: Tensor,
  scale: Tensor,
  outer: readonly Axis[],
  number: Axis,
) {
  const wide = broadcastOver([number], scale);
  return distribution({
    name: "flow",
    parameters: { location, scale },
    constraints: {},
    axes: outer,
    dimensions: [number],
    dtype: location.dtype,
    support: REAL,
    reparameterised: true,
    logProb: (x) => {
      const states = density.statesTo(x.sub(location).div(scale));
      return density.logProb(states).sub(sum(log(wide), number));
    },
    sample: (key, axes) => {
      const over = unionAxes(axes, [number]);
      const states = density.statesFrom(standardNormal(key, over, location.dtype));
      return location.add(scale.mul(states[states.length - 1]));
    },
  });
}
