/** Where and why a run stopped being finite. */
import { compile, type Program, type Values } from "../../runtime/index.ts";
import { describePlace, SurmiseError, type Tensor } from "../../tensor/internal.ts";
import type { ConstraintCheck } from "../logWeight/constraints.ts";
import { type Algorithm, type Diagnosis, metricOutput, STEP } from "./algorithm.ts";
import { allFinite, type ProgramState, readState, writeState } from "./state.ts";

/** A run whose metrics or whose state are no longer finite. */
export class NotFinite extends SurmiseError {}

/** What helps where nothing else is known. */
const SMALLER = "Try a smaller learning rate, or parameters that start closer to zero";

const UNKNOWN: Diagnosis = { sites: {}, gradients: {}, constraintChecks: [] };

/**
 * Looks for what went wrong with a run that was finite at `good` and is no more after `step` steps. The steps
 * between are made again, one by one, by the very same program, so that they have the same bits; the first
 * that goes wrong is looked at from the state before it, with all that may be to blame as results. Yields
 * the number of each step that was right.
 *
 * @throws NotFinite always: with the step, and the site, parameter or quantity that is to blame.
 */
export function* diagnose(
  algorithm: Algorithm,
  program: Program,
  good: ProgramState,
  step: number,
): Generator<number, never> {
  const first = good[STEP].data[0];
  const names = Object.keys(algorithm.initial);
  const advance = (at: number) => {
    const { between } = algorithm;
    if (between?.next(at) === at) between.run(program, at);
    return program.run();
  };
  const badState = () => names.filter((name) => !allFinite(program.read(name).data));
  writeState(program, good);
  for (let at = first; at < step; at++) {
    const metrics = Object.values(advance(at));
    if (metrics.every(({ data }) => allFinite(data)) && badState().length === 0) {
      yield at;
      continue;
    }
    const after = badState();
    writeState(program, good);
    for (let again = first; again < at; again++) advance(again);
    const before = readState(program, [...program.inputs.keys()]);
    throw new NotFinite(explain(algorithm, before, after, at + 1));
  }
  throw new NotFinite(
    `between steps ${first} and ${step} the bound is no longer finite. ${SMALLER}`,
  );
}

/** What was wrong with the `step`-th step, which began at `before` and left the inputs `after` not finite. */
function explain(
  algorithm: Algorithm,
  before: ProgramState,
  after: readonly string[],
  step: number,
): string {
  const { sites, gradients, constraintChecks } = algorithm.diagnosis?.() ?? UNKNOWN;
  const outputs: Record<string, Tensor> = {};
  for (const [name, x] of Object.entries(algorithm.metrics)) outputs[metricOutput(name)] = x;
  for (const [name, x] of Object.entries(sites)) outputs[`#site ${name}`] = x;
  for (const [name, x] of Object.entries(gradients)) outputs[`#gradient ${name}`] = x;
  constraintChecks.forEach(({ outside, example, place }, i) => {
    outputs[`#place ${i}`] = place;
    outputs[`#outside ${i}`] = outside;
    outputs[`#example ${i}`] = example;
  });
  const { dtype = "float32" } = algorithm;
  const program = compile({ outputs }, { steps: 1, dtype });
  writeState(program, before);
  const found = program.run();
  const bad = (names: readonly string[], prefix: string) =>
    names.filter((name) => !allFinite(found[prefix + name].data));
  const badSites = bad(Object.keys(sites), "#site ");
  const badGradients = bad(Object.keys(gradients), "#gradient ");
  const [metric] = Object.keys(algorithm.metrics).filter(
    (name) => !allFinite(found[metricOutput(name)].data),
  );
  if (metric === undefined && badSites.length === 0 && badGradients.length === 0) {
    const list = after.map((name) => `'${name}'`).join(", ");
    return `at step ${step} the optimiser makes ${list} infinite or not a number. ${SMALLER}`;
  }
  const whole = metric === undefined;
  const at = whole
    ? `at step ${step} the bound is finite`
    : `at step ${step} the ${metric} is ${found[metricOutput(metric)].data[0]}`;
  const violated = violatedConstraint(constraintChecks, found, step);
  if (violated !== undefined) return `${at}: ${violated}`;
  if (badSites.length > 0) {
    const parts = badSites.map(
      (name) => `site '${name}' contributes ${found[`#site ${name}`].data[0]}`,
    );
    return `${at}: ${parts.join(", ")}. ${hintAt(step)}`;
  }
  return whole
    ? `${at}, but not its derivative: ${badGradients.map((name) => `gradient '${name}'`).join(", ")}. ${hintAt(step)}`
    : `${at}, though each site's part of it is finite. ${hintAt(step)}`;
}

/** The first constraint that is violated, for others follow from it. */
function violatedConstraint(
  checks: readonly ConstraintCheck[],
  found: Readonly<Record<string, Values>>,
  step: number,
): string | undefined {
  const i = checks.findIndex((_, at) => found[`#outside ${at}`].data[0] > 0);
  if (i < 0) return undefined;
  const { site, quantity, constraint, elements, axes, observed } = checks[i];
  const [count, example, place] = ["#outside", "#example", "#place"].map(
    (x) => found[`${x} ${i}`].data[0],
  );
  const at = elements === 1 ? "" : ` at ${describePlace(axes, place)}`;
  const many = elements === 1 ? "" : ` (outside in ${count} of ${elements} elements)`;
  const later =
    step === 1 ? "" : ", or, if it went there by large steps, try a smaller learning rate";
  return (
    `site '${site}': ${quantity} is ${Number(example.toPrecision(4))}${at}${many}; it must be ${constraint}. ` +
    (observed
      ? "Mend the data, or choose another distribution"
      : `Make it of what is so, such as exp(...) or a halfNormal latent${later}`)
  );
}

/** What helps if nothing else is known: at the first step no rate has played a part. */
function hintAt(step: number): string {
  return step === 1
    ? "It is so before the first update, which no learning rate changes: look for a logarithm, a root, a quotient " +
        "or a power at the edge of where it is defined, or begin elsewhere (init)"
    : SMALLER;
}
