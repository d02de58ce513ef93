/** Posteriors that do not end, and some that do, under flat priors. */
import { describe, expect, test } from "vitest";
import {
  improperUniform,
  normal,
  POSITIVE,
  poisson,
  REAL,
} from "../../../src/distributions/index.ts";
import {
  chainWarnings,
  fit,
  type MethodName,
  reliabilityWarnings,
  sample,
  samplePosterior,
  summarise,
} from "../../../src/inference/index.ts";
import { type Model, model } from "../../../src/model/index.ts";
import { axis, tensor } from "../../../src/tensor/index.ts";

const row = axis("row", 6);
const x = tensor([0, 1, 2, 3, 4, 5], [row]);
const flat = improperUniform(REAL);

/** No counts at all: the likelihood is 1 at a rate of 0, however small its logarithm. */
const zeros = model(({ sample, observe, plate }) => {
  const logRate = sample("logRate", flat);
  plate(row, () => observe("count", poisson({ logRate }), x.mul(0)));
});
/** Two slopes of which the data tell only the sum. */
const collinear = model(({ sample, observe, plate }) => {
  const [a, b, c] = [sample("a", flat), sample("b", flat), sample("c", flat)];
  plate(row, () => observe("y", normal(a.add(b.add(c.mul(2)).mul(x)), 1), x.add(1)));
});
const line = model(({ sample, observe, plate }) => {
  const [a, b] = [sample("a", flat), sample("b", flat)];
  const sd = sample("sd", improperUniform(POSITIVE));
  const y = tensor([1, 3, 2, 5, 4, 6], [row]);
  plate(row, () => observe("y", normal(a.add(b.mul(x)), sd), y));
});
/** Eight schools (Rubin 1981). */
const school = axis("school", 8);
const centred = model(({ sample, observe, plate }) => {
  const [mean, spread] = [sample("mean", flat), sample("spread", improperUniform(POSITIVE))];
  plate(school, () => {
    const effect = sample("effect", normal(mean, spread));
    const error = tensor([15, 10, 16, 11, 9, 11, 10, 18], [school]);
    observe("seen", normal(effect, error), tensor([28, 8, -3, 7, -1, 1, 18, 12], [school]));
  });
});

const warningsOf = (of: Model<undefined, unknown>, method: MethodName) => {
  const fitted = fit({ model: of, data: undefined, method, dtype: "float64" });
  return reliabilityWarnings(samplePosterior(fitted).reliability ?? {}).join("\n");
};

describe("under flat priors", () => {
  test.each([
    ["no counts", "vi", "logRate", zeros],
    ["no counts", "pathfinder", "logRate", zeros],
    ["collinear covariates", "vi", "b", collinear],
    ["collinear covariates", "iwae", "b", collinear],
  ] as const)("a posterior without an end is told of: %s by %s", (_, method, latent, of) => {
    expect(warningsOf(of, method)).toContain(`hardly falls along latent '${latent}'`);
  });

  test.each([0, 1, 3, 4])("chains tell of it too, seed %i", async (seed) => {
    const draws = await sample(collinear, undefined, { chains: 2, warmup: 200, draws: 200, seed });
    expect(chainWarnings(draws, summarise(draws)).join("\n")).toMatch(
      /hardly falls along latent '[bc]'/,
    );
  });

  test("chains tell of none where there is an end", async () => {
    const fine = await sample(line, undefined, { chains: 2, warmup: 300, draws: 300 });
    expect(chainWarnings(fine, summarise(fine)).join("\n")).not.toContain("hardly falls");
    // Its density has no bound where the spread is near 0, and yet it has an integral.
    const groups = await sample(centred, undefined, { chains: 2, warmup: 300, draws: 300 });
    expect(chainWarnings(groups, summarise(groups)).join("\n")).not.toContain("hardly falls");
  });

  test.each(["vi", "iwae", "pathfinder"] as const)("a line is none, by %s", (method) => {
    expect(warningsOf(line, method)).not.toContain("hardly falls");
  });
});
