/** Hidden Markov models whose states are summed out: evidence against the forward algorithm, and where `map` ends. */
import { describe, expect, test } from "vitest";
import {
  axis,
  categorical,
  constant,
  dirichlet,
  fit,
  gather,
  logDensity,
  model,
  tensor,
} from "../../../src/index.ts";

const MOVES = [
  [0.9, 0.05, 0.05],
  [0.1, 0.8, 0.1],
  [0.05, 0.15, 0.8],
];
const SAYS = [
  [0.3, 0.3, 0.2, 0.1, 0.02, 0.02, 0.02, 0.02, 0.01, 0.01],
  [0.01, 0.01, 0.02, 0.2, 0.3, 0.3, 0.1, 0.02, 0.02, 0.02],
  [0.02, 0.02, 0.02, 0.02, 0.02, 0.05, 0.15, 0.2, 0.2, 0.3],
];
/** The log density of dirichlet(1): of three states in three rows, of ten words in three. */
const LOG_PRIOR = 3 * Math.log(2) + 3 * Math.log(362880);

/** Words of a chain that is in state 0 before the first. */
function words(count: number, seed: number): number[] {
  let state = seed;
  const uniform = () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
  const draw = (probs: readonly number[]) => {
    const u = uniform();
    let below = 0;
    return probs.findIndex((p, i) => {
      below += p;
      return u < below || i === probs.length - 1;
    });
  };
  let z = 0;
  return Array.from({ length: count }, () => {
    z = draw(MOVES[z]);
    return draw(SAYS[z]);
  });
}

/** The forward algorithm (Rabiner, Proceedings of the IEEE 77, 1989), in units of its sums. */
function forward(
  seen: readonly number[],
  moves: readonly (readonly number[])[],
  says: readonly (readonly number[])[],
): number {
  let alpha = [1, 0, 0];
  let [total, lost] = [0, 0];
  for (const word of seen) {
    const next = says.map(
      (row, k) => row[word] * alpha.reduce((s, a, j) => s + a * moves[j][k], 0),
    );
    const scale = next.reduce((a, b) => a + b);
    const term = Math.log(scale) - lost;
    const sum = total + term;
    [total, lost] = [sum, sum - total - term];
    alpha = next.map((x) => x / scale);
  }
  return total;
}

function hiddenMarkov(seen: readonly number[]) {
  const [time, word] = [axis("time", seen.length), axis("word", 10)];
  const [before, state] = [axis("before", 3), axis("state", 3)];
  const heard = tensor(Int32Array.from(seen), [time]);
  return model(
    ({ sample, observe, plate, chain }) => {
      const move = plate(before, () => sample("move", dirichlet(1, state)));
      const says = plate(state, () => sample("says", dirichlet(1, word)));
      chain(time, constant(0, "int32"), (previous, { at }) => {
        const z = sample("z", categorical(gather(move, before, previous), state));
        observe("word", categorical(gather(says, state, z), word), at(heard));
        return z;
      });
    },
    { dtype: "float64" },
  );
}

const rows = (data: ArrayLike<number>, size: number) =>
  Array.from({ length: data.length / size }, (_, i) =>
    Array.from({ length: size }, (_, j) => data[i * size + j]),
  );

describe("three states and ten words", () => {
  test("have the evidence of the forward algorithm at 2000 observations, to 1e-10", () => {
    const seen = words(2000, 12345);
    const density = logDensity(hiddenMarkov(seen), undefined, { jacobian: false });
    for (const at of [0.3, -0.7, 1.9]) {
      const position = Float64Array.from({ length: density.dimension }, (_, i) => at * Math.sin(i));
      const { move, says } = density.constrain(position);
      const evidence = forward(seen, rows(move.data, 3), rows(says.data, 10));
      expect(Math.abs(density.value(position) - LOG_PRIOR - evidence)).toBeLessThan(1e-10);
    }
  });

  test.each([
    [500, 12345],
    [1000, 12345],
    [2000, 12345],
    [2000, 77],
    [2000, 4],
  ])("are fitted by map no lower than at the true parameters: %i words, seed %i", (count, seed) => {
    const seen = words(count, seed);
    const { bound } = fit({ model: hiddenMarkov(seen), data: undefined, method: "map" });
    expect(bound).toBeGreaterThan(forward(seen, MOVES, SAYS) + LOG_PRIOR);
  });
});
