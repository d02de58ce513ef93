/**
 * The two time series of Heap, Leech and Aitchison (UAI 2023, section 5), with the prior as the guide, so that
 * nothing is trained:
 *
 *     seen once:   x_1 ~ normal(0, 30^-1/2),  x_t ~ normal(x_(t-1), 30^-1/2),  y ~ normal(x_30, 1) = 4;
 *     seen often:  x_1 ~ normal(0, (2/5)^1/2),  x_t ~ normal(4/5 x_(t-1), (2/5)^1/2),  and
 *                  y_t ~ normal(x_t, 1) of every third state, drawn from this very model.
 */
import { masked, normal } from "../../../distributions/index.ts";
import { draw, type Model, paramStore, trace, unobserved } from "../../../model/index.ts";
import { compile } from "../../../runtime/index.ts";
import { axis, constant, key, tensor } from "../../../tensor/index.ts";
import type { ExactProblem } from "../problem.ts";
import { kalman, type Series } from "./kalman.ts";

const STEPS = 30;
const TAU = 5;

/** The seed that the observations of the second series are drawn with. */
const DATA_SEED = 0;

const once: Series = {
  seen: Array.from({ length: STEPS }, (_, t) => (t === STEPS - 1 ? 4 : undefined)),
  keep: 1,
  step: 1 / Math.sqrt(STEPS),
  start: 1 / Math.sqrt(STEPS),
};

/** What is seen stands for what is drawn. */
const often: Series = {
  seen: Array.from({ length: STEPS }, (_, t) => (t % 3 === 2 ? 0 : undefined)),
  keep: 1 - 1 / TAU,
  step: Math.sqrt(2 / TAU),
  start: Math.sqrt(2 / TAU),
};

/** A random walk that is seen once, at its end. */
export function finalObservation(): ExactProblem {
  return problemOf("Time series, seen once", once);
}

/** A stationary series of which every third state is seen. */
export function everyThirdObserved(): ExactProblem {
  return problemOf("Time series, every third state seen", withDrawn(often));
}

function problemOf(title: string, series: Series): ExactProblem {
  const { model, prior } = seriesModels(series);
  const { logEvidence } = kalman(series);
  return { title, model, guide: prior, groups: [], logEvidence };
}

/** A series as a model, and the prior of its states. */
export function seriesModels({ seen, keep, step, start }: Series) {
  const time = axis("time", seen.length);
  const over = (of: (y: number | undefined, t: number) => number, dtype: "float32" | "uint8") =>
    tensor(seen.map(of), [time], dtype);
  const values = over((y) => y ?? 0, "float32");
  const isSeen = over((y) => (y === undefined ? 0 : 1), "uint8");
  const sds = over((_, t) => (t === 0 ? start : step), "float32");
  const states =
    (observing: boolean): Model =>
    ({ chain, sample, observe }) => {
      chain(time, constant(0), (previous, { at }) => {
        const x = sample("x", normal(previous.mul(keep), at(sds)));
        if (observing) observe("y", masked(normal(x, 1), at(isSeen)), at(values));
        return x;
      });
    };
  return { time, model: states(true), prior: states(false) };
}

/** The same with observations drawn from the model itself. */
function withDrawn(series: Series): Series {
  const { model } = seriesModels(series);
  const { latents } = trace(unobserved(model), undefined, draw(key(DATA_SEED)), paramStore());
  const y = latents.find(({ name }) => name === "y")!.value;
  const { data } = compile({ outputs: { y } }, { steps: 1 }).run().y;
  return { ...series, seen: series.seen.map((seen, t) => (seen === undefined ? seen : data[t])) };
}
