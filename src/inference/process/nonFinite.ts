/** Where and why a run stopped being finite. */
import { compile, type Program, type Values } from "../../runtime/index.ts";
import { describePlace, type Precision, SurmiseError, type Tensor } from "../../tensor/internal.ts";
import type { ConstraintCheck } from "../logWeight/constraints.ts";
import { type Algorithm, type Diagnosis, metricOutput, STEP } from "./algorithm.ts";
import { allFinite, type ProgramState, readState, stateNames, writeState } from "./state.ts";
import { steepOperation } from "./steepOperation.ts";

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
  const names = stateNames(algorithm, program);
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
    const diagnosis = algorithm.diagnosis?.() ?? UNKNOWN;
    const found = explain(algorithm, diagnosis, before, after, at + 1);
    throw new NotFinite(found + improperHint(diagnosis));
  }
  throw new NotFinite(
    `between steps ${first} and ${step} the ${objectiveOf(algorithm)} is no longer finite. ${SMALLER}`,
  );
}

/** What is made larger, in words. */
const objectiveOf = ({ objective = "bound" }: Algorithm) => objective;

/** What was wrong with the `step`-th step, which began at `before` and left the inputs `after` not finite. */
function explain(
  algorithm: Algorithm,
  diagnosis: Diagnosis,
  before: ProgramState,
  after: readonly string[],
  step: number,
): string {
  const metrics = Object.entries(algorithm.metrics).map(
    ([name, x]) => [name === "bound" ? objectiveOf(algorithm) : name, x] as const,
  );
  const found = findCause(Object.fromEntries(metrics), diagnosis, algorithm.dtype, (program) =>
    writeState(program, before),
  );
  const { metric, violated, sites, gradients } = found;
  if (metric === undefined && sites.length === 0 && gradients.length === 0) {
    const list = after.map((name) => `'${name}'`).join(", ");
    return `at step ${step} the optimiser makes ${list} infinite or not a number. ${SMALLER}`;
  }
  const at =
    metric === undefined
      ? `at step ${step} the ${objectiveOf(algorithm)} is finite, but not its derivative`
      : `at step ${step} the ${metric}`;
  if (violated !== undefined) {
    const { text, remedy, observed } = violated;
    const rate = ", or, if it went there by large steps, try a smaller learning rate";
    return `${at}: ${text}. ${remedy}${step === 1 || observed ? "" : rate}`;
  }
  if (sites.length > 0) return `${at}: ${sites.join(", ")}. ${hintAt(step)}`;
  const steep =
    metric === undefined
      ? steepOperation(
          Object.values(diagnosis.gradients),
          diagnosis.sites,
          algorithm.dtype ?? "float32",
          (program) => writeState(program, before),
        )
      : undefined;
  const first = steep === undefined ? "" : `; first ${steep}`;
  return metric === undefined
    ? `${at}: ${gradients.join(", ")}${first}. ${hintAt(step)}`
    : `${at}, though each site's part of it is finite. ${hintAt(step)}`;
}

/** That the posterior may be improper, where priors are. */
function improperHint({ improper = [] }: Diagnosis): string {
  const [first] = improper;
  if (first === undefined) return "";
  const names = improper.map((name) => `'${name}'`).join(", ");
  return (
    `. The prior of ${names} has no finite integral: where the data do not make up for it the posterior is improper, and a guide ` +
    "goes on without end. Give it a proper prior, such as normal(0, 2.5)"
  );
}

/** What is not finite, in words. */
export interface Cause {
  /** The first metric that is not finite, with its value: `bound is NaN`. */
  readonly metric: string | undefined;
  /** The first constraint that is violated, for others follow from it, and what to do. */
  readonly violated:
    | { readonly text: string; readonly remedy: string; readonly observed: boolean }
    | undefined;
  /** What each site contributes that is not finite. */
  readonly sites: readonly string[];
  /** The gradients that are not finite. */
  readonly gradients: readonly string[];
}

/** Computes metrics and all that may be to blame from the inputs that `write` sets. */
export function findCause(
  metrics: Readonly<Record<string, Tensor>>,
  { sites, gradients, constraintChecks }: Diagnosis,
  dtype: Precision = "float32",
  write: (program: Program) => void,
): Cause {
  const outputs: Record<string, Tensor> = {};
  for (const [name, x] of Object.entries(metrics)) outputs[metricOutput(name)] = x;
  for (const [name, x] of Object.entries(sites)) outputs[`#site ${name}`] = x;
  for (const [name, x] of Object.entries(gradients)) outputs[`#gradient ${name}`] = x;
  constraintChecks.forEach(({ outside, example, place }, i) => {
    outputs[`#place ${i}`] = place;
    outputs[`#outside ${i}`] = outside;
    outputs[`#example ${i}`] = example;
  });
  const program = compile({ outputs }, { steps: 1, dtype });
  write(program);
  const found = program.run();
  const bad = (names: readonly string[], prefix: string) =>
    names.filter((name) => !allFinite(found[prefix + name].data));
  const [metric] = bad(Object.keys(metrics), metricOutput(""));
  return {
    metric: metric && `${metric} is ${found[metricOutput(metric)].data[0]}`,
    violated: violatedConstraint(constraintChecks, found),
    sites: bad(Object.keys(sites), "#site ").map(
      (name) => `site '${name}' contributes ${found[`#site ${name}`].data[0]}`,
    ),
    gradients: bad(Object.keys(gradients), "#gradient ").map((name) => `gradient '${name}'`),
  };
}

function violatedConstraint(
  checks: readonly ConstraintCheck[],
  found: Readonly<Record<string, Values>>,
): Cause["violated"] {
  const i = checks.findIndex((_, at) => found[`#outside ${at}`].data[0] > 0);
  if (i < 0) return undefined;
  const { site, quantity, constraint, elements, axes, observed, remedy, finding } = checks[i];
  const [count, example, place] = ["#outside", "#example", "#place"].map(
    (x) => found[`${x} ${i}`].data[0],
  );
  const at = elements === 1 ? "" : ` at ${describePlace(axes, place)}`;
  const many = elements === 1 ? "" : ` (outside in ${count} of ${elements} elements)`;
  const what = finding?.(example) ?? `${quantity} is ${Number(example.toPrecision(4))}`;
  return {
    text: `site '${site}': ${what}${at}${many}; it must be ${constraint}`,
    remedy:
      remedy ??
      (observed
        ? "Mend the data, or choose another distribution"
        : "Make it of what is so, such as exp(...) or a halfNormal latent"),
    observed,
  };
}

/** What helps if nothing else is known: at the first step no rate has played a part. */
function hintAt(step: number): string {
  return step === 1
    ? "It is so before the first update, which no learning rate changes: look for a logarithm, a root, a quotient " +
        "or a power at the edge of where it is defined, or begin elsewhere (init)"
    : SMALLER;
}
