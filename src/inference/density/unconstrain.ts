/** From values of the latents to the position that they are the image of. */

import { bijectionTo, describeConstraint, isOutside } from "../../distributions/internal.ts";
import { type Interpretation, type Latent, ownAxes, type Trace } from "../../model/internal.ts";
import type { Program, ProgramSpec } from "../../runtime/index.ts";
import { broadcast } from "../../runtime/internal.ts";
import {
  type Axis,
  dataOver,
  describeAxes,
  describePlace,
  input,
  type Nested,
  SurmiseError,
  type Tensor,
} from "../../tensor/internal.ts";
import { allFinite } from "../process/state.ts";
import { Enumeration } from "../proposal/enumeration.ts";
import type { UnconstrainedSite } from "./layout.ts";
import { asRead, knownValue } from "./traceUnconstrained.ts";

/** A latent whose value is the input `#value NAME`, over its plates and event axes. */
export interface ValuedLatent extends Latent {
  /** Plates, then event axes. */
  readonly axes: readonly Axis[];
}

/** Values by latent. */
export type LatentValues = Readonly<Record<string, Nested>>;

const inputName = (latent: string) => `#value ${latent}`;

/** The latents of a model that is run on values of theirs, but for those that are known beforehand or summed out. */
export function latentsAtValues(
  run: (interpretation: Interpretation) => Trace,
): readonly ValuedLatent[] {
  const met = new Map<string, Tensor>();
  const enumeration = new Enumeration();
  const { latents } = run((statement) => {
    const known = knownValue(statement);
    if (known !== undefined) return { kind: "latent", value: known };
    const all = enumeration.assign(statement);
    if (all !== undefined) return all;
    const { name, distribution, plates } = statement;
    const axes = ownAxes(plates, distribution);
    const value = met.get(name) ?? input(inputName(name), axes, distribution.dtype);
    met.set(name, value);
    return { kind: "latent", value };
  });
  return latents
    .filter(({ name }) => met.has(name))
    .map((latent) => ({ ...latent, axes: ownAxes(latent.plates, latent.distribution) }));
}

/** A program that computes the unconstrained numbers of values. */
export function unconstraining(
  latents: readonly ValuedLatent[],
  sites: readonly UnconstrainedSite[],
): ProgramSpec {
  const outputs: Record<string, Tensor> = {};
  for (const { name, value, distribution } of latents) {
    const { support } = distribution;
    const site = sites.find((each) => each.name === name) as UnconstrainedSite;
    outputs[`position ${name}`] = asRead(bijectionTo(support).inverse(value), distribution, site);
    const outside = isOutside(support, value);
    if (outside !== undefined) outputs[`outside ${name}`] = outside;
  }
  return { outputs };
}

/**
 * Runs the program of `unconstraining` and fills `position`.
 *
 * @throws SurmiseError naming the latent: one that has no value, a value of no latent, one that is not inside the
 * support, not finite, or of another size.
 */
export function runUnconstraining(
  program: Program,
  latents: readonly ValuedLatent[],
  sites: readonly UnconstrainedSite[],
  values: LatentValues,
  position: Float64Array,
): Float64Array {
  checkNames(latents, values);
  const { inputs } = program;
  for (const { name, axes } of latents) {
    const what = `unconstrain: the value of '${name}' over ${describeAxes(axes)}`;
    const data = dataOver(what, values[name], axes, inputs.get(inputName(name))?.dtype);
    const at = data.findIndex((x) => !Number.isFinite(x));
    if (at >= 0) {
      const place = axes.length === 0 ? "" : ` at ${describePlace(axes, at)}`;
      throw new SurmiseError(`${what} is ${data[at]}${place}, which is not finite`);
    }
    if (inputs.has(inputName(name))) program.write(inputName(name), data);
  }
  const found = program.run();
  for (const { name, axes, offset } of sites) {
    const { distribution } = latents.find((latent) => latent.name === name) as ValuedLatent;
    const part = broadcast(found[`position ${name}`], axes);
    const outside = found[`outside ${name}`]?.data.some((x: number) => x !== 0) ?? false;
    if (outside || !allFinite(part)) {
      throw new SurmiseError(
        `unconstrain: the value of '${name}' is not inside the support of its ${distribution.name}: it ` +
          `must be ${describeConstraint(distribution.support)}, and not at an end of it`,
      );
    }
    position.set(part, offset);
  }
  return position;
}

function checkNames(latents: readonly ValuedLatent[], values: LatentValues): void {
  const names = latents.map(({ name }) => name);
  const missing = names.filter((name) => !Object.hasOwn(values, name));
  const strange = Object.keys(values).filter((name) => !names.includes(name));
  if (missing.length + strange.length === 0) return;
  const list = (all: readonly string[]) => all.map((name) => `'${name}'`).join(", ");
  throw new SurmiseError(
    `unconstrain needs a value for each latent: ${list(names)}` +
      (missing.length === 0 ? "" : `; missing: ${list(missing)}`) +
      (strange.length === 0 ? "" : `; not a latent: ${list(strange)}`),
  );
}
