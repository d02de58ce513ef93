/** Draws of one run of a model put into another, with other data: by site, by axis name, by label. */
import { draw, type Interpretation, ownAxes } from "../../model/internal.ts";
import {
  AXIS,
  type Axis,
  and,
  checkArguments,
  describeAxes,
  fold,
  gatherClamped,
  KEY,
  type Key,
  oneOf,
  optional,
  optionsWith,
  recordOf,
  SurmiseError,
  select,
  TENSOR,
  type Tensor,
  tensor,
} from "../../tensor/internal.ts";

/** Draws of the latents that a model is run with. */
export interface BindOptions {
  /** The draws of each latent, over `along`, its plates and its event axes. */
  readonly draws: Readonly<Record<string, Tensor>>;
  /** The axis of the draws. */
  readonly along: Axis;
  /**
   * What becomes of a latent, or of an independent element, of which there are no draws: an error, or, with `prior`,
   * draws from the model given those before. `refuse` unless given.
   */
  readonly missing?: "refuse" | "prior";
  /** What draws from the model, where some are missing, follow from. */
  readonly key: Key;
}

/** What the entries of `BindOptions` must be. */
export const BIND_OPTIONS = {
  draws: recordOf(TENSOR),
  along: AXIS,
  key: KEY,
  missing: optional(oneOf("refuse", "prior")),
};

/**
 * Latents take the values of `draws`. An axis that is not the same object as that of the draws is
 * matched by its name, and its elements by their labels, or by their places if neither has labels.
 *
 * @throws SurmiseError if the draws lack an axis, an element among those that depend on one another or a step of a chain
 * that lies before known ones, or, unless `missing` is `prior`, a latent or an element of its plates or event axes.
 */
export function bindDraws(options: BindOptions): Interpretation {
  checkArguments("bindDraws", { options }, optionsWith<BindOptions>(BIND_OPTIONS));
  const { draws, along, missing = "refuse", key } = options;
  const fromModel = draw(fold(key, "missing"), [along]);
  return (statement) => {
    const { name, distribution, plates, step } = statement;
    if (!Object.hasOwn(draws, name)) {
      return missing === "prior" ? fromModel(statement) : refuse(`latent '${name}'`);
    }
    let value = draws[name];
    let drawn: Tensor | undefined;
    for (const to of ownAxes(plates, distribution)) {
      if (value.has(to)) continue;
      const { from, places } = matchAxis(name, value.axes, to);
      // Of elements that are absent, any stands in.
      value = gatherClamped(
        value,
        from,
        tensor(
          places.map((place) => Math.max(place, 0)),
          [to],
        ),
      );
      const absent = places.findIndex((place) => place < 0);
      if (absent < 0) continue;
      const what = `'${to.labels?.[absent] ?? absent}' on '${to.name}' of latent '${name}'`;
      if (distribution.dimensions.includes(to)) refuseDependent(what);
      if (missing === "refuse") refuse(what);
      if (to === step?.axis && places.some((place, i) => place >= 0 && i > absent))
        refuseBetween(what);
      const known = tensor(places, [to]).ge(0);
      drawn = drawn === undefined ? known : and(drawn, known);
    }
    if (drawn === undefined) return { kind: "latent", value };
    // In a chain what is drawn at one step is what the next is drawn from.
    const here = (x: Tensor) => step?.at(x) ?? x;
    return { kind: "latent", value: select(here(drawn), here(value), fromModel(statement).value) };
  };
}

/** The axis among `axes` that is called as `to` is, and the place on it of each element, or -1. */
function matchAxis(name: string, axes: readonly Axis[], to: Axis) {
  const from = axes.find((a) => a.name === to.name);
  if (from === undefined) {
    throw new SurmiseError(
      `draws of latent '${name}' have axes ${describeAxes(axes)} and lack '${to}', which the model gives it`,
    );
  }
  const [old, now] = [from.labels, to.labels];
  if ((old === undefined) !== (now === undefined)) {
    throw new SurmiseError(
      `draws of latent '${name}': axis '${to.name}' has labels ${old ? "there" : "here"} and none ` +
        `${old ? "here" : "there"}, so that its elements cannot be matched: give it labels in both`,
    );
  }
  const place = (i: number) => (now ? (old?.indexOf(now[i]) ?? -1) : i < from.size ? i : -1);
  return { from, places: Int32Array.from({ length: to.size }, (_, i) => place(i)) };
}

function refuse(what: string): never {
  throw new SurmiseError(
    `there are no draws of ${what}: draw them from the model given the rest by missing: "prior", or ` +
      "leave them out of the data",
  );
}

function refuseDependent(what: string): never {
  throw new SurmiseError(
    `there are no draws of ${what}, whose elements depend on one another: leave it out of the data, or fit the model to all ` +
      "labels, where those that no row has may stand in the order of axisOf(column, { order })",
  );
}

function refuseBetween(what: string): never {
  throw new SurmiseError(
    `${what} lies before others of which there are draws, in a chain: it would not be drawn given those; fit it together with them`,
  );
}
