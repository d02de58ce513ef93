/** Why a log density, or its gradient, is not finite at a position. */
import { constraintChecks } from "../../logWeight/constraints.ts";
import { findCause, NotFinite } from "../../process/nonFinite.ts";
import { allFinite } from "../../process/state.ts";
import type { UnconstrainedTrace } from "../traceUnconstrained.ts";
import { POSITION } from "./evaluator.ts";
import type { PositionPrograms } from "./positionPrograms.ts";

/** Names the site, its parameter or observed value that is to blame; `gradient` is what was found there. */
export function whyNotFinite(
  programs: PositionPrograms,
  here: UnconstrainedTrace,
  position: Float64Array,
  gradient: Float64Array,
): NotFinite {
  const { trace: run, value: logDensity, sites } = here;
  const cause = findCause(
    { "log density": logDensity },
    { sites, gradients: {}, constraintChecks: constraintChecks(run) },
    programs.dtype,
    (program) => {
      programs.write(program, POSITION, position);
      programs.writeParameters(program);
    },
  );
  const { metric = "log density is finite", violated } = cause;
  const steep = programs.sites.flatMap(({ name, offset, size }) =>
    allFinite(gradient.subarray(offset, offset + size)) ? [] : [`gradient '${name}'`],
  );
  const why =
    violated !== undefined
      ? `${violated.text}. ${violated.remedy}`
      : cause.sites.length > 0
        ? cause.sites.join(", ")
        : `its derivative is not finite: ${steep.join(", ")}. Look for a logarithm, a root, a quotient ` +
          "or a power at the edge of where it is defined";
  return new NotFinite(`at this position the ${metric}: ${why}`);
}
