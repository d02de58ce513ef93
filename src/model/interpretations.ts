/**
 * Ways to read the `sample` statements of a model. Each is a function that decides about one
 * statement, or hands it to the next: `condition({ z }, replay(earlier, draw(key)))`.
 */
import {
  acceptsDtype,
  type Distribution,
  describeSupport,
  supportMatches,
} from "../distributions/internal.ts";
import {
  type Axis,
  checkArguments,
  describeAxes,
  FUNCTION,
  fold,
  KEY,
  type Key,
  listOf,
  OBJECT,
  objectWith,
  recordOf,
  SurmiseError,
  sameAxes,
  TENSOR,
  type Tensor,
} from "../tensor/internal.ts";
import { type Latent, ownAxes } from "./sites.ts";
import type { Interpretation, Statement } from "./statement.ts";
import type { Trace } from "./trace.ts";

/**
 * Every latent is drawn from its distribution given the draws before it, independently along the
 * axes `particles` (listed first in the canonical order, so that more particles leave the earlier
 * ones as they were). The key of a draw is (key, site, "draw").
 */
export function draw(key: Key, particles: readonly Axis[] = []): Interpretation {
  checkArguments("draw", { key }, KEY);
  return (statement) => ({
    kind: "latent",
    value: statement.distribution.sample(fold(siteKey(key, statement), "draw"), [
      ...particles,
      ...drawnAlong(statement),
    ]),
  });
}

/** The key of a statement; in a chain, of one step of it. */
export function siteKey(key: Key, { name, step }: Statement): Key {
  const site = fold(key, name);
  return step === undefined ? site : fold(site, step.position);
}

/** The plates along which a statement is drawn at once: in a chain, those of one step. */
export function drawnAlong({ plates, step }: Statement): readonly Axis[] {
  return plates.map(({ axis }) => axis).filter((a) => a !== step?.axis);
}

/**
 * Latents take the values they have in `earlier`; those it does not have go to `fallback`.
 *
 * @throws SurmiseError if a latent has other plates or event axes, or another kind of values, than there.
 */
export function replay(earlier: Trace, fallback: Interpretation): Interpretation {
  checkArguments("replay", { earlier }, objectWith({ latents: listOf(OBJECT) }));
  checkArguments("replay", { fallback }, FUNCTION);
  const values = new Map(earlier.latents.map((latent) => [latent.name, latent]));
  return (statement) => {
    const latent = values.get(statement.name);
    if (latent === undefined) return fallback(statement);
    checkReplay(statement, latent);
    const { value, link } = latent;
    return { kind: "latent", value, ...(link && { link }) };
  };
}

/** Latents named in `values` are observed with that value; the others go to `fallback`. */
export function condition(
  values: Readonly<Record<string, Tensor>>,
  fallback: Interpretation,
): Interpretation {
  checkArguments("condition", { values }, recordOf(TENSOR));
  checkArguments("condition", { fallback }, FUNCTION);
  return (statement) => {
    const { name } = statement;
    if (!Object.hasOwn(values, name)) return fallback(statement);
    return { kind: "observed", value: values[name] };
  };
}

/** What to do where two axes differ in nothing but that they are two. */
function madeAnew(here: readonly Axis[], there: readonly Axis[]): string {
  const twin = here.find((a) =>
    there.some((b) => a !== b && a.name === b.name && a.size === b.size),
  );
  return twin === undefined
    ? ""
    : `; '${twin.name}' is another axis object in each: make it once, outside of the model, which runs several times`;
}

function checkReplay({ name, distribution, plates }: Statement, latent: Latent): void {
  const here = ownAxes(plates, distribution);
  const there = ownAxes(latent.plates, latent.distribution);
  if (!sameAxes(here, there)) {
    throw new SurmiseError(
      `sample '${name}' has axes ${describeAxes(here)} here and ${describeAxes(there)} in the ` +
        "trace that is replayed, such as a guide's: both need the same plates and event axes" +
        madeAnew(here, there),
    );
  }
  const [p, q] = [distribution, latent.distribution];
  if (!supportMatches(q.support, p.support) || !acceptsDtype(p, q.dtype)) {
    throw new SurmiseError(
      `sample '${name}' is a ${p.name} (${describe(p)}) here and a ${q.name} (${describe(q)}) in ` +
        "the trace that is replayed, such as a guide's: both need draws of the same kind",
    );
  }
}

/** What draws are: `real float32`, `index level: 3 int32`. */
function describe({ support, dtype }: Distribution): string {
  return `${describeSupport(support)} ${dtype}`;
}
