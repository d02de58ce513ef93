/** Where chains and ascents begin: draws from priors, and the starts that a model gives. */
import { describeConstraint, isDiscrete } from "../../../distributions/internal.ts";
import { draw, type Interpretation, type Latent, type Trace } from "../../../model/internal.ts";
import { broadcast } from "../../../runtime/internal.ts";
import { SurmiseError, seedKey, type Tensor } from "../../../tensor/internal.ts";
import { allFinite, writeSeed } from "../../process/state.ts";
import type { Discrete } from "../../proposal/enumeration.ts";
import type { HeldDiscrete } from "../heldDiscrete.ts";
import { unconstrainedOf } from "../initialisation.ts";
import type { UnconstrainedSite } from "../layout.ts";
import { asRead, type UnconstrainedTrace } from "../traceUnconstrained.ts";
import { POSITION } from "./evaluator.ts";
import type { PositionPrograms } from "./positionPrograms.ts";

/** A draw from the prior, as unconstrained numbers (`LogDensity.drawPrior`). */
export function priorDraw(
  programs: PositionPrograms,
  traced: (interpretation: Interpretation) => Trace,
  seed: number,
): Float64Array {
  const program = programs.of("prior", () => {
    const drawOf = draw(seedKey());
    const { latents } = traced((statement) => {
      try {
        return drawOf(statement);
      } catch (cause) {
        if (!(cause instanceof SurmiseError)) throw cause;
        const what = `latent '${statement.name}' has no draws from its prior`;
        throw new SurmiseError(`${what}: ${cause.message}, or begin elsewhere`, { cause });
      }
    });
    const outputs = programs.sites.map((site) => {
      const { name } = site;
      const { value, distribution } = latents.find((one) => one.name === name) as Latent;
      const drawn = asRead(unconstrainedOf(value, distribution), distribution, site);
      return [`prior ${name}`, drawn] as const;
    });
    return { outputs: Object.fromEntries(outputs) };
  });
  writeSeed(program, seed);
  const found = program.run();
  const position = new Float64Array(programs.dimension);
  for (const { name, axes, offset } of programs.sites) {
    position.set(broadcast(found[`prior ${name}`], axes), offset);
  }
  return position;
}

/** Whether all latents of a log density can be drawn from their priors: an improper one has no draws. */
export function hasPriorDraws(density: { drawPrior(seed: number): Float64Array }): boolean {
  try {
    density.drawPrior(0);
    return true;
  } catch (cause) {
    if (cause instanceof SurmiseError) return false;
    throw cause;
  }
}

/** Draws of the held latents from their priors given a position (`LogDensity.drawHeld`). */
export function heldDraw(
  programs: PositionPrograms,
  held: HeldDiscrete,
  tracedWith: (discrete: Discrete) => Trace,
  position: Float64Array,
  seed: number,
): Float64Array {
  const program = programs.of("start of held", () => {
    const drawOf = draw(seedKey());
    const { latents } = tracedWith((statement) =>
      isDiscrete(statement.distribution.support)
        ? statement.init === undefined
          ? drawOf(statement)
          : { kind: "latent", value: statement.init }
        : undefined,
    );
    const of = (name: string) => latents.find((latent) => latent.name === name)?.value as Tensor;
    return { outputs: Object.fromEntries(held.latents.map(({ name }) => [name, of(name)])) };
  });
  programs.write(program, POSITION, position);
  writeSeed(program, seed);
  const found = program.run();
  const values = new Float64Array(held.size);
  for (const { name, axes, offset } of held.latents) {
    values.set(broadcast(found[name], axes), offset);
  }
  return values;
}

/** Puts the latents that have a start there (`LogDensity.startFrom`). */
export function putStarts(
  programs: PositionPrograms,
  here: UnconstrainedTrace,
  position: Float64Array,
): void {
  const given = here.trace.latents.filter(({ name, init }) => {
    return init !== undefined && programs.sites.some((site) => site.name === name);
  });
  if (given.length === 0) return;
  const program = programs.of("start", () => ({
    outputs: Object.fromEntries(
      given.map(({ name, init, distribution }) => {
        const start = unconstrainedOf(init as Tensor, distribution);
        const site = programs.sites.find((each) => each.name === name) as UnconstrainedSite;
        return [`start ${name}`, asRead(start, distribution, site)];
      }),
    ),
  }));
  programs.write(program, POSITION, position);
  const found = program.run();
  for (const { name, distribution } of given) {
    const { axes, offset } = programs.sites.find((site) => site.name === name) as UnconstrainedSite;
    const part = broadcast(found[`start ${name}`], axes);
    if (!allFinite(part)) {
      throw new SurmiseError(
        `sample '${name}': init is not inside the support of its ${distribution.name}: it must be ` +
          `${describeConstraint(distribution.support)}, and not at an end of it`,
      );
    }
    position.set(part, offset);
  }
}
