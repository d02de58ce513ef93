/** Which method suits which model, where none is given. */
import { describe, expect, test } from "vitest";
import {
  categorical,
  dirichlet,
  improperUniform,
  normal,
  poisson,
  REAL,
} from "../../src/distributions/index.ts";
import { chooseMethod, chooseTraining, fit } from "../../src/inference/index.ts";
import { type Model, model } from "../../src/model/index.ts";
import { axis, cast, constant, gather, index, tensor } from "../../src/tensor/index.ts";

const row = axis("row", 4);
const y = tensor([0.9, -0.3, 2.1, 1.4], [row]);
const kind = axis("kind", 2);

const mean: Model<undefined> = ({ sample, observe, plate }) => {
  const z = sample("z", normal(0, 1));
  plate(row, () => observe("y", normal(z, 1), y));
};

const mixture: Model<undefined> = ({ sample, observe, plate }) => {
  const share = sample("share", dirichlet(1, kind));
  plate(row, () => {
    const which = sample("which", categorical(share, kind));
    observe("y", normal(gather(tensor([-1, 1], [kind]), kind, which), 1), y);
  });
};

const kinds: Model<undefined> = ({ sample, observe }) => {
  const which = sample("which", categorical(tensor([0.5, 0.5], [kind])));
  observe("y", normal(gather(tensor([-1, 1], [kind]), kind, which), 1), constant(0.3));
};

const count: Model<undefined> = ({ sample, observe }) => {
  observe("y", normal(sample("n", poisson(3)), 1), constant(2));
};

const trained: Model<undefined> = ({ observe, plate, param, sample }) => {
  const z = sample("z", normal(param("shift", [], { init: () => constant(0) }), 1));
  plate(row, () => observe("y", normal(z, 1), y));
};

const part: Model<undefined> = ({ sample, observe, plate }) => {
  const z = sample("z", normal(0, 1));
  plate(row, () => observe("y", normal(z, 1), y), { total: 100 });
};

const wide: Model<undefined> = ({ sample }) => {
  sample("z", normal(0, 1).event(axis("number", 2000)));
};

const large: Model<undefined> = ({ sample, observe, plate }) => {
  const many = axis("many", 200_000);
  const z = sample("z", normal(0, 1));
  plate(many, () => observe("y", normal(z, 1), tensor(new Float32Array(200_000), [many])));
};

/** Most of its terms are made of what is known, once. */
const known: Model<undefined> = ({ sample, observe, plate }) => {
  const many = axis("many", 10_000);
  const z = sample("z", normal(0, 1));
  const times = Array.from({ length: 40 }, (_, i) => i + 2);
  const sd = times.reduce((x, i) => x.add(cast(index(many), "float32").div(i)), constant(1));
  plate(many, () => observe("y", normal(z, sd), tensor(new Float32Array(10_000), [many])));
};

/** Two latents of crossing plates meet: their values cannot be summed out one by one. */
const crossing: Model<undefined> = ({ sample, observe, plate }) => {
  const [a, b] = [axis("a", 30), axis("b", 30)];
  const half = tensor([0.5, 0.5], [kind]);
  const left = plate(a, () => sample("left", categorical(half)));
  const right = plate(b, () => sample("right", categorical(half)));
  plate(a, () => {
    plate(b, () => observe("y", normal(cast(left.add(right), "float32"), 1), constant(1)));
  });
};

describe("chooseMethod", () => {
  test.each<[string, Model<undefined>, string, RegExp]>([
    ["continuous latents", mean, "nuts", /all latents are continuous/],
    ["kinds to be summed out", mixture, "nuts", /'which' can be summed out, all other latents are/],
    ["kinds alone", kinds, "nuts", /^'which' can be summed out$/],
    ["a count without end", count, "rws", /latent 'n' has values without end/],
    ["a parameter", trained, "vi", /parameter 'shift' is trained/],
    ["a minibatch", part, "vi", /plate 'row' holds 4 of 100 elements/],
    ["many numbers", wide, "vi", /over 2000 unconstrained numbers/],
    ["a large table", large, "vi", /a log density of .* terms/],
    ["a large table of which most is known", known, "nuts", /all latents are continuous/],
    ["kinds that cannot be summed out", crossing, "rws", /cannot be summed out exactly/],
  ])("%s", (_, given, method, reason) => {
    const choice = chooseMethod(given, undefined);
    expect(choice.method).toBe(method);
    expect(choice.reason).toMatch(reason);
  });

  test("trains a guide that is given", () => {
    const guide: Model<undefined> = ({ sample }) => void sample("z", normal(0, 1));
    expect(chooseMethod(mean, undefined, { guide }).method).toBe("vi");
  });

  test("says what is wrong with a model that cannot be run", () => {
    const wrong: Model<undefined> = ({ sample }) => {
      sample("z", normal(0, 1));
      sample("z", normal(0, 1));
    };
    expect(() => chooseMethod(wrong, undefined)).toThrow(/two sites are named 'z'/);
  });
});

test("among the methods that train it is vi, or rws where a latent has values without end", () => {
  expect(chooseTraining(mean, undefined).method).toBe("vi");
  expect(chooseTraining(wide, undefined).method).toBe("vi");
  expect(chooseTraining(count, undefined).method).toBe("rws");
});

test("a fit without a method tells which it took, and why", () => {
  const { method, reason } = fit({ model: model(count), data: undefined, steps: 2 });
  expect(method).toBe("rws");
  expect(reason).toMatch(/values without end/);
  expect(fit({ model: mean, data: undefined, steps: 2, method: "map" }).reason).toBeUndefined();
});

test("a prior without draws is no hindrance", () => {
  const flat: Model<undefined> = ({ sample, observe }) => {
    observe("y", normal(sample("z", improperUniform(REAL)), 1), constant(1.2));
  };
  expect(chooseMethod(flat, undefined).method).toBe("nuts");
  expect(chooseTraining(flat, undefined).method).toBe("vi");
});
