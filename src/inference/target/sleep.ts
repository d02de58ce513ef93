/** Wake-sleep: a guide that is trained on what the model dreams. */
import {
  draw,
  type Interpretation,
  type Latent,
  overPlates,
  replay,
  trace,
  unobserved,
} from "../../model/internal.ts";
import {
  ANYTHING,
  axis,
  cast,
  checkArguments,
  constant,
  FUNCTION,
  fold,
  mean,
  optionsWith,
  stopGradient,
  type Tensor,
  wholeNumber,
} from "../../tensor/internal.ts";
import { checkGuide, type ModelAndGuide } from "../proposal/traces.ts";
import { type Target, wholeGuide } from "../requirements/combination.ts";
import { checkRequirements } from "../requirements/requirement.ts";
import { BOUND_OPTIONS, type Bound, type BoundOptions, bound } from "./bound.ts";

/** A model, its guide, and how the data are replaced by draws from the model. */
export interface SleepOptions<Data> extends ModelAndGuide<Data> {
  /** The data, with what the model has drawn in the place of what was observed, by site. */
  readonly dreamt: (data: Data, drawn: Readonly<Record<string, Tensor>>) => Data;
  /** How many data sets are dreamt in a step; 1 unless given. */
  readonly dreams?: number;
}

/** The sleep phase as a target. */
export const SLEEP: Target = {
  name: "sleep",
  about: "log q of what the model dreams; the guide alone moves",
  source: "Hinton, Dayan, Frey and Neal, Science 268, 1995",
  requires: [wholeGuide],
};

/** Wake-sleep as a target. */
export const WAKE_SLEEP: Target = {
  ...SLEEP,
  name: "wakeSleep",
  about: "wake phase of p on draws of the guide, sleep phase of q on what the model dreams",
};

/** What the options of both must be: those of a bound too, which a target of `fit` is given. */
const OPTIONS = optionsWith<BoundOptions<unknown> & SleepOptions<unknown>>({
  ...BOUND_OPTIONS,
  dreamt: FUNCTION,
  dreams: ANYTHING,
});

/** What an objective makes larger, and the part of each site in it. */
type Phase = Pick<Bound, "bound" | "sites">;

/**
 * The sleep phase of the guide (Hinton, Dayan, Frey and Neal, Science 268, 1995): the mean of
 * log q(z | x) over latents and data drawn from the model, (z, x) ~ p. Making it larger makes q the
 * posterior of dreamt data; p is left alone. As it is no bound on the evidence, compare it only with itself.
 *
 * @throws SurmiseError naming the site if model and guide do not fit together.
 */
export function sleep<Data>(options: SleepOptions<Data>): Phase {
  checkArguments("sleep", { options }, OPTIONS);
  const { data, parameters, dreamt, dreams = 1 } = options;
  wholeNumber("sleep: dreams", dreams, { least: 1, most: 2 ** 31 - 1 });
  const dream = axis("dream", dreams);
  const asleep = draw(fold(options.key, "dream"), [dream]);
  const stopped: Interpretation = (statement) => {
    const { kind, value } = asleep(statement);
    return { kind, value: stopGradient(value) };
  };
  const drawn = trace(unobserved(options.model), data, stopped, parameters);
  const values = Object.fromEntries(drawn.latents.map(({ name, value }) => [name, value]));
  const again = replay(drawn, stopped);
  const model = trace(options.model, data, again, parameters);
  const guide = trace(options.guide, dreamt(data, values), again, parameters, [dream]);
  checkGuide(guide, model);
  checkRequirements({ model, guide, particles: [] }, SLEEP);

  const posteriors = new Map(guide.latents.map((latent) => [latent.name, latent]));
  const sites = model.latents.map(({ name, plates }) => {
    const q = posteriors.get(name) as Latent;
    return [name, overPlates(mean(cast(q.logProb(), "float64"), dream), plates)] as const;
  });
  const all = sites.map(([, value]) => value);
  return {
    bound: all.reduce((a, b) => a.add(b), constant(0, "float64")),
    sites: Object.fromEntries(sites),
  };
}

/**
 * Wake-sleep: p moves by its wake phase, on draws from the guide for the given data, and q by the sleep
 * phase, on draws from the model. Its value is the bound of the wake phase.
 *
 * @throws SurmiseError as `bound` and `sleep` do.
 */
export function wakeSleep<Data>(options: BoundOptions<Data> & SleepOptions<Data>): Phase {
  checkArguments("wakeSleep", { options }, OPTIONS);
  const { dreamt: _, dreams: __, ...wake } = options;
  const awake = bound({ ...wake, gradient: "wakeP" });
  const asleep = sleep(options).bound;
  const derivativeOnly = asleep.sub(stopGradient(asleep));
  return { bound: awake.bound.add(derivativeOnly), sites: awake.sites };
}
