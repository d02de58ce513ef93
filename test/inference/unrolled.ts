/** A model with chains, written out with a site for each step, on the draws of the chains. */

import type { ModelAndGuideTraces } from "../../src/inference/internal.ts";
import { Enumeration } from "../../src/inference/proposal/enumeration.ts";
import { stepAt } from "../../src/model/chains/step.ts";
import {
  type ChainStep,
  type Latent,
  type Model,
  replay,
  type State,
  trace,
} from "../../src/model/index.ts";
import { type Axis, axis, gather, rename, type Tensor } from "../../src/tensor/index.ts";
import { store } from "./gaussians.ts";

const nameAt = (name: string, t: number) => `${name}.${t}`;

/** Names each site of a step after the step; a chain returns its last state. */
function unrolled<Data>(model: Model<Data, unknown>): Model<Data, unknown> {
  return (sites, data) => {
    let at: number | undefined;
    const named = (name: string) => (at === undefined ? name : nameAt(name, at));
    return model(
      {
        ...sites,
        sample: (name, distribution) => sites.sample(named(name), distribution),
        observe: (name, distribution, value) => sites.observe(named(name), distribution, value),
        chain<S extends State>(along: Axis, initial: S, step: (previous: S, at: ChainStep) => S) {
          let state = initial;
          for (at = 0; at < along.size; at++) state = step(state, stepAt(along, at));
          at = undefined;
          return state;
        },
      },
      data,
    );
  };
}

/** The traces of the unrolled model and guide: each step's particles on axes of their own. */
export function unroll(
  { guide, particles }: ModelAndGuideTraces,
  model: Model,
  guideModel: Model,
  along: Axis,
): ModelAndGuideTraces & { readonly own: (particles: Axis, t: number) => Axis } {
  const axes = new Map<string, Axis>();
  const own = (a: Axis, t: number) => {
    const found = axes.get(nameAt(a.name, t)) ?? axis(nameAt(a.name, t), a.size);
    axes.set(nameAt(a.name, t), found);
    return found;
  };
  const valueAt = (full: string): Tensor => {
    const [name, t] = full.split(".");
    const { value, link } = guide.sites.get(name) as Latent;
    if (t === undefined) return value;
    const here = gather(value, along, Number(t));
    return link ? rename(here, link.own, own(link.own, Number(t))) : here;
  };
  const written = trace(
    unrolled(guideModel),
    undefined,
    ({ name }) => ({ kind: "latent", value: valueAt(name) }),
    store(),
  );
  const refuse = () => {
    throw new Error("a latent that the guide lacks");
  };
  return {
    own,
    guide: written,
    model: trace(unrolled(model), undefined, replay(written, refuse), store()),
    enumeration: new Enumeration(),
    particles: particles.flatMap(({ link, ...particle }) =>
      link === undefined
        ? [particle]
        : Array.from({ length: along.size }, (_, t) => ({
            ...particle,
            axis: own(particle.axis, t),
            latents: particle.latents.map((name) => nameAt(name, t)),
          })),
    ),
  };
}
