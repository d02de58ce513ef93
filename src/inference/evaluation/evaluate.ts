import type { Program } from "../../runtime/index.ts";
import {
  ANYTHING,
  AXIS,
  type Axis,
  cast,
  checkArguments,
  describeAxes,
  fold,
  input,
  log,
  logAddExp,
  logSumExp,
  optionsWith,
  SurmiseError,
  sum,
  type Tensor,
  wholeNumber,
} from "../../tensor/internal.ts";
import { eliminate } from "../elimination/eliminate.ts";
import { sumOut } from "../elimination/summedOut.ts";
import { GRADIENTS } from "../gradient/index.ts";
import { factorsOf } from "../logWeight/factors.ts";
import { logWeightPerElement } from "../logWeight/weights.ts";
import { global } from "../proposal/particles.ts";
import { MODEL_AND_GUIDE, type ModelAndGuide, traceModelAndGuide } from "../proposal/traces.ts";

/** A model, its guide and data, and how the importance sampling is split into calls. */
export interface EvaluationOptions<Data> extends ModelAndGuide<Data> {
  /** The plate of the data: all latents stand inside it and inside no other. */
  readonly plate: Axis;
  /** Draws per call; the memory of a call grows with it. */
  readonly chunk: number;
}

/** What an argument that is `EvaluationOptions` must be; the chunk is checked where it is used. */
const OPTIONS = optionsWith<EvaluationOptions<unknown>>({
  ...MODEL_AND_GUIDE,
  plate: AXIS,
  chunk: ANYTHING,
});

/**
 * A program that is called again and again, each time with `chunk` new draws. Its state is
 * `#logSumWeights` and `#sumLogWeights` (float64 over the plate) and `#chunk` (int32, calls done).
 */
export interface Evaluation {
  /**
   * For each datum, from all draws up to and with this call, float64 over the plate: `elbo`, the
   * mean log weight, and `logLikelihood`, the log of the mean weight.
   */
  readonly outputs: { readonly elbo: Tensor; readonly logLikelihood: Tensor };
  /** The inputs that carry sums from call to call, and their next values. */
  readonly updates: readonly (readonly [Tensor, Tensor])[];
  /** Begins anew, with the draws of the first call: called before it, and between two sets of data. */
  restart(program: Pick<Program, "write">): void;
}

/**
 * The bound and the importance-weighted log likelihood log (1/K) sum_k p(x, z_k) / q(z_k) of each
 * datum (Burda, Grosse and Salakhutdinov 2016, equation 8), for any K in bounded memory: K = 5000 is
 * 50 calls with `chunk: 100`. Parameters' priors are left out.
 *
 * @throws SurmiseError if model and guide do not fit together, or latents stand outside the plate.
 */
export function evaluation<Data>(options: EvaluationOptions<Data>): Evaluation {
  checkArguments("evaluation", { options }, OPTIONS);
  const { plate, chunk, key } = options;
  wholeNumber("evaluation: chunk", chunk, { least: 1, most: 2 ** 31 - 1 });
  const calls = input("#chunk", [], "int32");
  const logSum = input("#logSumWeights", [plate], "float64");
  const sumLog = input("#sumLogWeights", [plate], "float64");

  const chunkKey = fold(fold(key, "chunk"), calls);
  const traces = traceModelAndGuide({ ...options, key: chunkKey }, global(chunk));
  const factors = sumOut(traces.enumeration, factorsOf(traces, "sampled", GRADIENTS.none), {});
  const [step] = eliminate(factors, traces.particles).steps;
  if (step === undefined || step.plates.length !== 1 || step.plates[0].axis !== plate) {
    const found = describeAxes(step?.plates.map(({ axis }) => axis) ?? []);
    throw new SurmiseError(
      `evaluation by '${plate.name}': the plates that hold all latents are ${found}; each datum ` +
        "needs latents of its own, so every latent must stand in that plate alone",
    );
  }
  const particle = step.axis;
  const varying = { value: step.factors.reduce((a, b) => a.add(b)), plates: step.plates };
  const fixed = factors.filter(({ value }) => !value.has(particle));
  const weight = logWeightPerElement([varying, ...fixed], plate);

  const nextCalls = calls.add(1);
  const nextLogSum = logAddExp(logSum, logSumExp(weight, particle));
  const nextSumLog = sumLog.add(sum(weight, particle));
  const draws = cast(nextCalls, "float64").mul(chunk);
  return {
    outputs: { elbo: nextSumLog.div(draws), logLikelihood: nextLogSum.sub(log(draws)) },
    updates: [
      [calls, nextCalls],
      [logSum, nextLogSum],
      [sumLog, nextSumLog],
    ],
    restart(program) {
      const sums = () => new Float64Array(plate.size);
      program.write("#chunk", 0);
      program.write("#logSumWeights", sums().fill(Number.NEGATIVE_INFINITY));
      program.write("#sumLogWeights", sums());
    },
  };
}
