/** Possibilities that are summed out, some of which cannot be: they weigh nothing, and leave the derivative of the others. */
import { expect, test } from "vitest";
import {
  bernoulli,
  beta,
  binomial,
  categorical,
  type Distribution,
  geometric,
  hurdle,
  negativeBinomial,
  poisson,
  zeroInflated,
} from "../../../src/distributions/index.ts";
import { logDensity } from "../../../src/inference/index.ts";
import { type Model, model } from "../../../src/model/index.ts";
import {
  axis,
  constant,
  gather,
  index,
  select,
  type Tensor,
  tensor,
} from "../../../src/tensor/index.ts";

/** The log density and its derivatives, by the program and by differences. */
function at(p: Model<undefined, unknown>, position: readonly number[]) {
  const density = logDensity(p, undefined, { dtype: "float64" });
  const gradient = new Float64Array(position.length);
  const value = density.evaluate(Float64Array.from(position), gradient);
  const unused = new Float64Array(position.length);
  const differences = position.map((_, i) => {
    const moved = (by: number) =>
      density.evaluate(
        Float64Array.from(position, (x, k) => (k === i ? x + by : x)),
        unused,
      );
    return (moved(1e-5) - moved(-1e-5)) / 2e-5;
  });
  return { value, gradient: [...gradient], differences };
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

test("captures and recaptures: what is dead stays so, in closed form", () => {
  const [animal, occasion] = [axis("animal", 2), axis("occasion", 3)];
  const seen = tensor(
    [
      [1, 0, 1],
      [0, 1, 0],
    ],
    [animal, occasion],
  );
  const first = tensor(Int32Array.of(0, 1), [animal]);
  const captures = model(({ sample, observe, plate, chain }) => {
    const [survival, capture] = [sample("survival", beta(1, 1)), sample("capture", beta(1, 1))];
    plate(animal, () => {
      chain(occasion, constant(1), (before, turn) => {
        const now = turn.at(index(occasion));
        const chance = select(first.lt(now), survival.mul(before), 1);
        const alive = sample("alive", bernoulli({ probs: chance }));
        const caught = select(first.lt(now), capture.mul(alive), select(first.eq(now), 1, 0));
        observe("seen", bernoulli({ probs: caught }), turn.at(seen));
        return alive;
      });
    });
  });
  const { value, gradient, differences } = at(captures, [0.3, -0.2]);
  const [f, c] = [sigmoid(0.3), sigmoid(-0.2)];
  const never = f * (1 - c) + 1 - f;
  const jacobian = Math.log(f * (1 - f)) + Math.log(c * (1 - c));
  // The first is seen again after a gap, the second not at all.
  expect(value).toBeCloseTo(Math.log(f * (1 - c) * f * c * never) + jacobian, 10);
  gradient.forEach((x, i) => {
    expect(x).toBeCloseTo(differences[i], 6);
  });
});

const FAMILIES: readonly (readonly [string, (chance: Tensor) => Distribution])[] = [
  ["bernoulli", (probs) => bernoulli({ probs })],
  ["binomial", (probs) => binomial(3, { probs })],
  ["geometric", (probs) => geometric({ probs })],
  ["negative binomial", (probs) => negativeBinomial({ total: 2, probs })],
  ["poisson", (p) => poisson(p.mul(3))],
  ["zero-inflated", (probs) => zeroInflated(poisson(2), { probs })],
  ["hurdle", (probs) => hurdle(poisson(2), { probs })],
];

test.each(FAMILIES)("%s with a chance of 0 or 1 in one of two kinds", (_, family) => {
  const row = axis("row", 4);
  const y = tensor([0, 1, 1, 0], [row]);
  for (const isOne of [false, true]) {
    const kinds = model(({ sample, observe, plate }) => {
      const p = sample("p", beta(2, 2));
      plate(row, () => {
        const chance = p.mul(sample("kind", bernoulli({ probs: 0.5 })));
        observe("y", family(isOne ? chance.neg().add(1) : chance), y);
      });
    });
    const { value, gradient, differences } = at(kinds, [0.3]);
    expect(Number.isFinite(value)).toBe(true);
    expect(gradient[0]).toBeCloseTo(differences[0], 6);
  }
});

test("a hidden Markov model from left to right", () => {
  const [step, before, state, word] = [
    axis("step", 4),
    axis("before", 2),
    axis("state", 2),
    axis("word", 2),
  ];
  const words = tensor(Int32Array.of(0, 0, 1, 1), [step]);
  const says = tensor([0.9, 0.1, 0.2, 0.8], [state, word]);
  const leftToRight = model(({ sample, observe, chain }) => {
    const leave = sample("leave", beta(2, 2));
    const stays = tensor([1, 0, 0, 1], [before, state]);
    const move = stays.add(tensor([-1, 1, 0, 0], [before, state]).mul(leave));
    chain(step, constant(0, "int32"), (last, turn) => {
      const z = sample("z", categorical(gather(move, before, last), state));
      observe("word", categorical(gather(says, state, z), word), turn.at(words));
      return z;
    });
  });
  const { value, gradient, differences } = at(leftToRight, [0.3]);
  const q = sigmoid(0.3);
  // It leaves before one of the four steps, or never.
  const of = (leaves: number) =>
    [0, 0, 1, 1].reduce((p, w, i) => {
      const chance = i > leaves ? 1 : i === leaves ? q : 1 - q;
      return p * chance * (i >= leaves ? [0.2, 0.8][w] : [0.9, 0.1][w]);
    }, 1);
  const sum = [0, 1, 2, 3, 4].reduce((total, leaves) => total + of(leaves), 0);
  const prior = Math.log(6 * q * (1 - q)) + Math.log(q * (1 - q));
  expect(value).toBeCloseTo(Math.log(sum) + prior, 10);
  expect(gradient[0]).toBeCloseTo(differences[0], 6);
});
