/**
 * Noise that all latents of a guide are made of together, and that need not be normal: of normalising flows and of mixtures.
 * It is drawn with the first latent; each latent takes its part, and the density of all of it is that of the last.
 */
import { bijectionTo, type Distribution, isDiscrete } from "../../../distributions/internal.ts";
import { type Initialiser, ownAxes, type Sites } from "../../../model/internal.ts";
import {
  type Axis,
  cast,
  constant,
  describeAxes,
  gatherClamped,
  index,
  type Key,
  SurmiseError,
  select,
  sizeOf,
  stopGradient,
  sum,
  type Tensor,
  withoutAxes,
} from "../../../tensor/internal.ts";
import { broadcastOver, type Initialisation } from "../../density/initialisation.ts";
import type { GuideContext, Noise, NoisyDistribution } from "../automatic.ts";
import { flatten, unflatten } from "../flatten.ts";

/** Vectors of noise, standard normal or near to it where training begins. */
export interface NoiseDensity {
  /** Whether `draw` is a differentiable function of the parameters. */
  readonly reparameterised: boolean;
  /** Independent vectors, over the axis of vectors and `particles`. */
  draw(key: Key, particles: readonly Axis[]): Tensor;
  /** log q of vectors, over their axes but that of vectors. */
  logProb(noise: Tensor): Tensor;
  /** As `logProb`, of vectors that `draw` gave: made of how they were drawn, with derivatives by the parameters only. */
  logProbOfDraw?(draw: Tensor): Tensor;
  /** d log q / d noise of vectors that `draw` gave, the parameters held constant. */
  derivativeOfDraw?(draw: Tensor): Tensor;
  /** Of a mixture that may be drawn from each component: `draw` as it is then, with the axis of components. */
  readonly components?: {
    readonly axis: Axis;
    /** Over the axis, normalised. */
    readonly logWeights: Tensor;
    drawEach(key: Key, particles: readonly Axis[]): Tensor;
  };
}

/** The vectors of noise, and how their densities declare parameters. */
export interface NoiseSpace {
  /** The axis of vectors. */
  readonly number: Axis;
  /** The type of vectors and parameters. */
  readonly dtype: Tensor["dtype"];
  /** An axis of the guide: the same object at each run. */
  axis(name: string, size: number): Axis;
  /** A trained parameter, whose learning rate may be another one. */
  param(what: string, axes: readonly Axis[], init: Initialiser, learningRateScale?: number): Tensor;
}

/** Makes a density of noise. */
export type NoiseFamily = (space: NoiseSpace) => NoiseDensity;

/**
 * How a latent takes its part: a draw over its plates, particles and own axis of noise. `known` are axes that its
 * distribution has from draws before it.
 */
export type TakeNoise = (key: Key, over: readonly Axis[], known: readonly Axis[]) => Tensor;

/** A latent whose numbers in unconstrained space are made of this noise. */
interface NoisySite {
  readonly name: string;
  readonly dtype: Tensor["dtype"];
  /** Its plates. */
  readonly outer: readonly Axis[];
  /** Along which the noise of each element lies; a scalar has none. */
  readonly noise: Axis | undefined;
}

/** What is known of one latent. */
interface Place {
  readonly site: NoisySite;
  readonly offset: number;
  readonly size: number;
  sampled?: Tensor;
  value?: Tensor;
  noiseOf?: (value: Tensor) => Noise;
}

/** The noise of one run of a guide. */
export class SharedNoise {
  private readonly number: Axis;
  private readonly density: NoiseDensity;
  private readonly places: Place[] = [];
  private readonly space: NoiseSpace;
  private drawn: { readonly vectors: Tensor; readonly particles: readonly Axis[] } | undefined;

  /** `takes` says which latents are made of it. */
  constructor(
    family: NoiseFamily,
    param: Sites["param"],
    context: GuideContext,
    takes: (latent: string) => boolean = () => true,
  ) {
    const { size, dtype } = numbersOf([...context.latents].filter(([name]) => takes(name)));
    this.number = context.axis("noise of all latents", size);
    this.space = {
      ...{ number: this.number, dtype, axis: context.axis },
      param: (what, axes, init, scale) =>
        param(what, axes, {
          ...{ init, dtype },
          ...(scale !== undefined && { learningRateScale: constant(scale, dtype) }),
        }),
    };
    this.density = family(this.space);
  }

  /** Whether draws have derivatives. */
  get reparameterised(): boolean {
    return this.density.reparameterised;
  }

  /** The axis of components and their log weights, of a mixture. */
  get components(): NoiseDensity["components"] {
    return this.density.components;
  }

  /** The next latent. */
  add(site: NoisySite): Place {
    const last = this.places.at(-1);
    const offset = last === undefined ? 0 : last.offset + last.size;
    const own = site.noise === undefined ? site.outer : [...site.outer, site.noise];
    const place: Place = { site, offset, size: sizeOf(own) };
    this.places.push(place);
    return place;
  }

  /** Takes the part of a latent; `each` from each component. */
  take(place: Place, each = false): TakeNoise {
    const { site, offset } = place;
    const own = site.noise === undefined ? site.outer : [...site.outer, site.noise];
    return (key, over, known) => {
      const particles = withoutAxes(over, own);
      const vectors = this.vectors(key, particles, each);
      this.checkParticles(site.name, particles, known);
      const part = this.space.axis(`noise of ${site.name}`, place.size);
      const laid = gatherClamped(vectors, this.number, index(part).add(offset));
      return cast(unflatten(laid, own, part), site.dtype);
    };
  }

  private vectors(key: Key, particles: readonly Axis[], each: boolean): Tensor {
    if (this.drawn === undefined) {
      const { components } = this.density;
      const vectors =
        each && components
          ? components.drawEach(key, particles)
          : this.density.draw(key, particles);
      this.drawn = { vectors, particles };
    }
    return this.drawn.vectors;
  }

  /** All latents are drawn along the axes of the first; others may come with draws before. */
  private checkParticles(name: string, particles: readonly Axis[], known: readonly Axis[]): void {
    const first = this.drawn?.particles ?? [];
    const own = particles.filter((a) => first.includes(a) || !known.includes(a));
    if (own.length === first.length && own.every((a) => first.includes(a))) return;
    throw new SurmiseError(
      `latent '${name}': its guide draws all latents together, the first one along ${describeAxes(first)}, but this one ` +
        `is to be drawn along ${describeAxes(own)}: use particles that all latents share, such as ` +
        "particles.average(10) or particles.global(10)",
    );
  }

  /** The distribution of a latent that is otherwise made, without the density of its noise. */
  place(
    place: Place,
    made: Distribution,
    each: Distribution | undefined,
    noiseOf: (value: Tensor) => Noise,
    elements: number,
  ): NoisyDistribution {
    place.noiseOf = noiseOf;
    const isLast = place.offset + place.size === this.number.size;
    const share = (density: Tensor) =>
      cast(density, made.dtype).mul(elements === 1 ? 1 : 1 / elements);
    const distribution: Distribution = {
      ...made,
      reparameterised: this.reparameterised,
      ...this.componentsOf(each),
      sample: (key, axes) => {
        const z = made.sample(key, axes);
        place.sampled = this.reparameterised ? z : stopGradient(z);
        return place.sampled;
      },
      ...(isLast && {
        acrossPlates: true,
        logProb: (value) => made.logProb(value).add(share(this.logProb(place, value))),
        pathLogProb: (value) => {
          const along = this.pathLogProb(place, value);
          return along && made.logProb(value).add(share(along));
        },
      }),
    };
    return {
      distribution,
      noiseOf: (value) => {
        place.value = value;
        return noiseOf(value);
      },
    };
  }

  private componentsOf(each: Distribution | undefined): Pick<Distribution, "components"> {
    const { components } = this.density;
    if (components === undefined || each === undefined) return {};
    const { axis, logWeights } = components;
    return { components: { axis, logWeights, distribution: each } };
  }

  private logProb(last: Place, value: Tensor): Tensor {
    const draw = this.ownDraw(last, value);
    const { logProbOfDraw } = this.density;
    if (draw !== undefined && logProbOfDraw) return logProbOfDraw(draw);
    return this.density.logProb(this.vectorsOf(last, value));
  }

  /** log q of a draw, with derivatives by the values of the latents only; undefined where that of `logProb` has them. */
  private pathLogProb(last: Place, value: Tensor): Tensor | undefined {
    const draw = this.ownDraw(last, value);
    const { logProbOfDraw, derivativeOfDraw } = this.density;
    if (draw === undefined || !logProbOfDraw || !derivativeOfDraw) return undefined;
    const noise = this.vectorsOf(last, value);
    const along = stopGradient(derivativeOfDraw(draw)).mul(noise.sub(stopGradient(noise)));
    return stopGradient(logProbOfDraw(draw)).add(sum(along, this.number));
  }

  /** The vectors as they were drawn, if the values of all latents are made of them as they are. */
  private ownDraw(last: Place, value: Tensor): Tensor | undefined {
    const isOwn = this.places.every(
      (place) => place.sampled === (place === last ? value : place.value),
    );
    return isOwn ? this.drawn?.vectors : undefined;
  }

  /** The noise that the values of the latents are made of. */
  private vectorsOf(last: Place, value: Tensor): Tensor {
    const at = index(this.number);
    return this.places.reduce<Tensor | undefined>((all, place) => {
      const { site, offset, size, noiseOf } = place;
      const given = (place === last ? value : place.value) as Tensor;
      const { standard } = (noiseOf as (value: Tensor) => Noise)(given);
      const own = site.noise === undefined ? site.outer : [...site.outer, site.noise];
      const part = this.space.axis(`noise of ${site.name}`, size);
      const flat = cast(standard, this.space.dtype);
      const here =
        own.length === 0
          ? broadcastOver([this.number], flat)
          : gatherClamped(flatten(flat, own, part), part, at.sub(offset));
      return all === undefined ? here : select(at.ge(offset), here, all);
    }, undefined) as Tensor;
  }
}

/** How many numbers the continuous latents outside of chains have, and their widest type. */
function numbersOf(latents: readonly (readonly [string, Initialisation])[]) {
  const all = latents.map(([, each]) => each);
  const own = all.filter(
    ({ prior, plates }) =>
      !isDiscrete(prior.support) &&
      prior.support.kind !== "point" &&
      plates.every(({ chain }) => !chain),
  );
  const size = own.reduce((total, { prior, plates }) => {
    const { unconstrainedAxes } = bijectionTo(prior.support);
    return total + sizeOf(unconstrainedAxes(ownAxes(plates, prior)));
  }, 0);
  const isWide = own.some(({ prior }) => prior.dtype === "float64");
  return { size, dtype: isWide ? ("float64" as const) : ("float32" as const) };
}
