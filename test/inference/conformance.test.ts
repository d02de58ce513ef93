/**
 * What every method of inference keeps to: a protocol, the seed, resuming, and answers that are known. The
 * posteriors are Gaussian, or a discrete latent beside a Gaussian, so that all of them have closed forms.
 */
import { describe, expect, test } from "vitest";
import { bernoulli, normal, poisson } from "../../src/distributions/index.ts";
import {
  Loop,
  METHODS,
  type Method,
  type MethodName,
  type ProgramState,
  prepare,
  type Summary,
  samplePosterior,
  summarise,
} from "../../src/inference/internal.ts";
import type { Model } from "../../src/model/index.ts";
import { axis, cast, constant, tensor } from "../../src/tensor/index.ts";
import { FIVE_SIGMA } from "../distributions/values.ts";
import { f64 } from "./gaussians.ts";
import { kalman, type Series } from "./series.ts";

/** Mean and standard deviation of each element of a site, as the posterior has them. */
type Answer = Readonly<Record<string, readonly { readonly mean: number; readonly sd: number }[]>>;

interface Case {
  readonly model: Model<undefined, unknown>;
  readonly answer: Answer;
  /** Whether draws have derivatives. */
  readonly continuous: boolean;
  /** Whether the latents are independent given the data: then a mean field has the right sds. */
  readonly independent: boolean;
}

const datum = axis("datum", 4);
const Y = [0.9, -0.3, 2.1, 1.4];
const y = tensor(Y, [datum], "float64");

/** z ~ normal(0, 1), y_i ~ normal(z, 1): the posterior is normal(sum y / 5, 1 / 5). */
const conjugate: Case = {
  model: ({ sample, observe, plate }) => {
    const z = sample("z", normal(f64(0), 1));
    plate(datum, () => observe("y", normal(z, 1), y));
  },
  answer: { z: [{ mean: Y.reduce((a, b) => a + b) / 5, sd: Math.sqrt(1 / 5) }] },
  continuous: true,
  independent: true,
};

/** mu ~ normal(0, 1), a_i ~ normal(mu, 1), y_i ~ normal(a_i, 1). */
const hierarchy: Case = {
  model: ({ sample, observe, plate }) => {
    const mu = sample("mu", normal(f64(0), 1));
    plate(datum, () => observe("y", normal(sample("a", normal(mu, 1)), 1), y));
  },
  answer: (() => {
    // Given mu, y_i ~ normal(mu, 2); given mu and y_i, a_i ~ normal((mu + y_i) / 2, 1 / 2).
    const precision = 1 + Y.length / 2;
    const mu = { mean: Y.reduce((a, b) => a + b) / 2 / precision, sd: Math.sqrt(1 / precision) };
    const sd = Math.sqrt(1 / 2 + mu.sd ** 2 / 4);
    return { mu: [mu], a: Y.map((yi) => ({ mean: (mu.mean + yi) / 2, sd })) };
  })(),
  continuous: true,
  independent: false,
};

/** up ~ bernoulli(1 / 2), z ~ normal(0, 1), y_i ~ normal(z + 2 up, 1). */
const discrete: Case = {
  model: ({ sample, observe, plate }) => {
    const up = sample("up", bernoulli({ probs: f64(0.5) }));
    const z = sample("z", normal(f64(0), 1));
    plate(datum, () => observe("y", normal(z.add(cast(up, "float64").mul(2)), 1), y));
  },
  answer: (() => {
    const parts = [0, 1].map((up) => {
      const shifted = Y.map((yi) => yi - 2 * up);
      const [sum, squares] = [
        shifted.reduce((a, b) => a + b),
        shifted.reduce((a, b) => a + b * b, 0),
      ];
      return { mean: sum / 5, logWeight: -0.5 * (squares - sum ** 2 / 5) };
    });
    const weights = parts.map(({ logWeight }) => Math.exp(logWeight - parts[0].logWeight));
    const up = weights[1] / (weights[0] + weights[1]);
    const mean = (1 - up) * parts[0].mean + up * parts[1].mean;
    const variance = 1 / 5 + up * (1 - up) * (parts[0].mean - parts[1].mean) ** 2;
    return {
      up: [{ mean: up, sd: Math.sqrt(up * (1 - up)) }],
      z: [{ mean, sd: Math.sqrt(variance) }],
    };
  })(),
  continuous: false,
  independent: false,
};

/** x_t ~ normal(0.8 x_(t-1), 0.6), y_t ~ normal(x_t, 1), from x_0 = 0. */
const series: Series = { seen: Y, keep: 0.8, step: 0.6, start: 0.6 };
const time = axis("time", Y.length);
const overTime = tensor(Y, [time], "float64");
const chain: Case = {
  model: ({ sample, observe, chain: along }) => {
    along(time, constant(0, "float64"), (previous, { at }) => {
      const x = sample("x", normal(previous.mul(series.keep), series.step));
      observe("y", normal(x, 1), at(overTime));
      return x;
    });
  },
  answer: {
    x: kalman(series).smoothed.map(({ mean, variance }) => ({ mean, sd: Math.sqrt(variance) })),
  },
  continuous: true,
  independent: false,
};

/** A count without an end, which cannot be summed out. */
const endless: Case = {
  model: ({ sample, observe, plate }) => {
    const up = sample("up", poisson(f64(0.5)));
    plate(datum, () => observe("y", normal(up, 1), y));
  },
  answer: {},
  continuous: false,
  independent: false,
};

const CASES: Readonly<Record<string, Case>> = { conjugate, hierarchy, discrete, chain };
const NAMES = Object.keys(METHODS) as MethodName[];
/** Where a discrete latent is summed out, the posterior of the other has two modes, which weighted draws know. */
const canFit = (name: MethodName, each: Case) =>
  (each.continuous || METHODS[name].posterior === "weighted") && !isWithoutNormal(name, each);
/** Of chains no normal is looked for, and pathfinder has nothing else. */
const isWithoutNormal = (name: MethodName, each: Case) => name === "pathfinder" && each === chain;
const isEndless = (name: MethodName) => {
  const method: Method = METHODS[name];
  return !("sumsOut" in method) || method.sumsOut;
};
/** Methods whose approximation holds all correlations of these models, or weighs them in. */
const WHOLE: readonly MethodName[] = ["structured", "iwae", "rws", "mp", "mprws", "qem", "laplace"];

const possible = NAMES.flatMap((method) =>
  Object.keys(CASES)
    .filter((name) => canFit(method, CASES[name]))
    .map((name) => [method, name] as const),
);
const refused = NAMES.filter(isEndless);

function prepared(method: MethodName, name: string, seed: number, steps: number) {
  return prepare({ model: CASES[name].model, data: undefined, method, seed, steps });
}

/** The state after some steps, from the beginning or from a state. */
function run({ training }: ReturnType<typeof prepared>, steps: number, from?: ProgramState): Loop {
  const loop = new Loop({ algorithm: training, steps, recordEvery: steps, from });
  for (const _ of loop.calls());
  return loop;
}

const DRAWS = 2000;

describe.each(possible)("%s on the model %s", (method, name) => {
  test("keeps to the protocol, to its seed, and to its bits when it is resumed", () => {
    const { training } = prepared(method, name, 1, 40);
    const states = Object.keys(training.initial).sort();
    const updated = training.updates.map(
      ([{ operation }]) => operation.op === "input" && operation.name,
    );
    expect(states).toContain("#step");
    for (const state of updated) expect(states).toContain(state);
    expect(Object.keys(training.metrics).length).toBeGreaterThan(0);
    for (const metric of Object.values(training.metrics)) {
      expect([metric.dtype, metric.axes]).toEqual(["float64", []]);
    }

    const whole = run(prepared(method, name, 1, 40), 40).state();
    expect(run(prepared(method, name, 1, 40), 40).state()).toEqual(whole);
    const half = run(prepared(method, name, 1, 40), 17).state();
    // The sums of the metrics begin anew at a record; all else is the same to the bit.
    const resumed = run(prepared(method, name, 1, 40), 40, half).state();
    for (const [piece, { data }] of Object.entries(whole)) {
      if (!piece.startsWith("#sum")) expect(resumed[piece].data, piece).toEqual(data);
    }
    const isPoint = ["point", "laplace"].includes(METHODS[method].posterior);
    if (!isPoint) expect(run(prepared(method, name, 2, 40), 40).state()).not.toEqual(whole);
  });

  test("finds what is known of the posterior", () => {
    const fit = prepared(method, name, 1, 1500);
    const fitted = fit.fitted(run(fit, 1500).state(), undefined);
    const rows = summarise(samplePosterior(fitted, { draws: DRAWS, seed: 2 }));
    const { answer, independent } = CASES[name];
    const isPoint = METHODS[method].posterior === "point";
    for (const [site, elements] of Object.entries(answer)) {
      const found: Summary[] = rows.filter((row) => row.site === site);
      expect(found.length).toBe(elements.length);
      elements.forEach(({ mean, sd }, i) => {
        const { mean: m, sd: s, ess: worth = DRAWS } = found[i];
        // Monte Carlo error of the draws; of a point, of the last steps of the optimiser.
        const error = isPoint ? 0.01 : FIVE_SIGMA / Math.sqrt(worth);
        expect(Math.abs(m - mean) / sd, `${site}[${i}] mean ${m}, exact ${mean}`).toBeLessThan(
          // Adam's last steps and the few particles of a set add a little.
          error + 0.05,
        );
        if (!isPoint && (independent || WHOLE.includes(method)) && site !== "up") {
          expect(Math.abs(s / sd - 1), `${site}[${i}] sd ${s}, exact ${sd}`).toBeLessThan(
            error / Math.SQRT2 + 0.05,
          );
        }
      });
    }
  });
});

test("pathfinder refuses a chain, of which no normal is looked for", () => {
  expect(() => prepared("pathfinder", "chain", 1, 1)).toThrow(/no normal.*choose method/);
});

test.each(refused)(
  "%s refuses a count without end by its latent, with what to choose",
  (method) => {
    expect(() =>
      prepare({ model: endless.model, data: undefined, method, seed: 1, steps: 10 }),
    ).toThrow(/latent 'up'.*choose (method )?rws or mprws/);
  },
);
