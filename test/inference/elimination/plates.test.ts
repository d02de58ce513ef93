/**
 * Massively parallel estimates by plain sums: plates of unlike sizes, nested and side by side, one latent that both depend on,
 * a guide whose latents depend on one another, and a discrete latent that is summed out beside the draws of the others.
 */
import { describe, expect, test } from "vitest";
import { categorical, normal } from "../../../src/distributions/index.ts";
import { bound, type Particles, particles } from "../../../src/inference/internal.ts";
import type { Model } from "../../../src/model/index.ts";
import { axis, exp, gather, grad, input, key, tensor } from "../../../src/tensor/index.ts";
import { valuesOf } from "../../distributions/values.ts";
import { elements, range } from "../elements.ts";
import { f64, store } from "../gaussians.ts";

const [school, pupil, town] = [axis("school", 3), axis("pupil", 2), axis("town", 4)];
const kind = axis("kind", 3);
const SCORES = [
  [0.4, -0.9],
  [1.3, 0.2],
  [-1.1, 0.7],
];
const HEIGHTS = [0.9, -0.6, 1.8, 0.1];
const SHARES = [0.2, 0.5, 0.3];
const SHIFTS = [-1, 0, 1.5];
const scores = tensor(SCORES, [school, pupil], "float64");
const heights = tensor(HEIGHTS, [town], "float64");
const shifts = tensor(SHIFTS, [kind], "float64");

/** `centre` stands above both plates; pupils stand in schools, and of each town a kind is hidden. */
const model: Model = ({ sample, observe, plate }) => {
  const centre = sample("centre", normal(f64(0), 1));
  const spread = sample("spread", normal(f64(0.2), 0.5));
  plate(school, () => {
    const level = sample("level", normal(centre, exp(spread)));
    plate(pupil, () => {
      const skill = sample("skill", normal(level.mul(0.8), 0.9));
      observe("score", normal(skill.add(level.mul(0.1)), 0.5), scores);
    });
  });
  plate(town, () => {
    const slope = sample("slope", normal(centre.mul(0.5), 0.7));
    const which = sample("which", categorical(tensor(SHARES, [kind], "float64")));
    observe("height", normal(slope.add(gather(shifts, kind, which)), exp(spread)), heights);
  });
};

const shift = input("shift", [], "float64");
/** Each of the lower latents given the centre, or by itself. */
const guideOf =
  (dependence: number): Model =>
  ({ sample, plate }) => {
    const centre = sample("centre", normal(shift, 0.8));
    sample("spread", normal(f64(0.1), 0.4));
    const given = dependence === 0 ? f64(0.2) : centre.mul(dependence);
    plate(school, () => {
      const level = sample("level", normal(given.add(0.1), 1.1));
      plate(pupil, () => {
        const at = dependence === 0 ? f64(0.3) : level.mul(dependence);
        sample("skill", normal(at.add(scores.mul(0.4)), 0.8));
      });
    });
    plate(town, () => sample("slope", normal(given.add(heights.mul(0.3)), 0.9)));
  };

const logNormal = (at: number, mean: number, sd: number) =>
  -0.5 * ((at - mean) / sd) ** 2 - Math.log(sd) - 0.5 * Math.log(2 * Math.PI);
const logMean = (ws: readonly number[]) =>
  Math.log(ws.reduce((sum, w) => sum + Math.exp(w), 0) / ws.length);
const total = (ws: readonly number[]) => ws.reduce((a, b) => a + b, 0);

/** log P by loops over all particles, element by element. */
function byLoops(draws: ReturnType<typeof drawsOf>, dependence: number, shiftAt: number): number {
  const { K, centre, spread, level, skill, slope } = draws;
  const ks = range(K);
  const given = (c: number) => (dependence === 0 ? 0.2 : dependence * c);
  const below = (l: number) => (dependence === 0 ? 0.3 : dependence * l);
  // A draw whose parent is on another axis comes from the mixture over the parent's particles.
  const mixture = (density: (parent: number) => number) => logMean(ks.map(density));
  const qLevel = (s: number, k: number) =>
    mixture((i) => logNormal(level(s, k), given(centre(i)) + 0.1, 1.1));
  const qSkill = (s: number, p: number, k: number) =>
    mixture((i) => logNormal(skill(s, p, k), below(level(s, i)) + 0.4 * SCORES[s][p], 0.8));
  const qSlope = (t: number, k: number) =>
    mixture((i) => logNormal(slope(t, k), given(centre(i)) + 0.3 * HEIGHTS[t], 0.9));
  const ofPupil = (s: number, p: number, l: number) =>
    logMean(
      ks.map((k) => {
        const z = skill(s, p, k);
        return (
          logNormal(z, 0.8 * l, 0.9) + logNormal(SCORES[s][p], z + 0.1 * l, 0.5) - qSkill(s, p, k)
        );
      }),
    );
  const ofSchool = (s: number, c: number, sd: number) =>
    logMean(
      ks.map((k) => {
        const l = level(s, k);
        return logNormal(l, c, sd) - qLevel(s, k) + total(range(2).map((p) => ofPupil(s, p, l)));
      }),
    );
  const ofTown = (t: number, c: number, sd: number) =>
    logMean(
      ks.map((k) => {
        const z = slope(t, k);
        const kinds = SHARES.map((w, j) => w * Math.exp(logNormal(HEIGHTS[t], z + SHIFTS[j], sd)));
        return logNormal(z, 0.5 * c, 0.7) + Math.log(total(kinds)) - qSlope(t, k);
      }),
    );
  return logMean(
    ks.flatMap((i) =>
      ks.map((j) => {
        const [c, u] = [centre(i), spread(j)];
        const sd = Math.exp(u);
        return (
          logNormal(c, 0, 1) -
          logNormal(c, shiftAt, 0.8) +
          (logNormal(u, 0.2, 0.5) - logNormal(u, 0.1, 0.4)) +
          total(range(3).map((s) => ofSchool(s, c, sd))) +
          total(range(4).map((t) => ofTown(t, c, sd)))
        );
      }),
    ),
  );
}

const AT = 0.3;
const inputs = { shift: Float64Array.of(AT) };

function made(dependence: number, of: Particles, gradient: "total" | "wakeQ" = "total") {
  const guide = guideOf(dependence);
  const options = { model, guide, data: undefined, key: key(7), parameters: store() };
  return bound({ ...options, particles: of, gradient });
}

/** The draws of each latent as functions of element and particle. */
function drawsOf({ guideTrace, particles: axes }: ReturnType<typeof made>) {
  const at = new Map(axes.flatMap(({ latents, axis: own }) => latents.map((name) => [name, own])));
  const [centre, spread, level, skill, slope] = guideTrace.latents.map(({ name, value }) => {
    const known = elements(value, inputs);
    const own = at.get(name);
    if (own === undefined) throw new Error(name);
    return { known, own };
  });
  return {
    K: centre.own.size,
    centre: (k: number) => centre.known([centre.own, k]),
    spread: (k: number) => spread.known([spread.own, k]),
    level: (s: number, k: number) => level.known([level.own, k], [school, s]),
    skill: (s: number, p: number, k: number) =>
      skill.known([skill.own, k], [school, s], [pupil, p]),
    slope: (t: number, k: number) => slope.known([slope.own, k], [town, t]),
  };
}

describe.each([
  ["independent latents", 0],
  ["latents that depend on one another", 0.6],
])("a guide of %s", (_, dependence) => {
  test.each([
    ["permuted parents", { parents: "permuted" }],
    ["independent parents (tensor Monte Carlo)", { parents: "independent" }],
  ] as const)("%s: the estimate is that of loops over all particles", (_name, options) => {
    for (const K of [1, 3]) {
      const found = made(dependence, particles.massivelyParallel(K, options));
      const [[value]] = valuesOf([found.bound], inputs);
      expect(value).toBeCloseTo(byLoops(drawsOf(found), dependence, AT), 10);
    }
  });
});

test("the wake phase of q is minus the derivative of the estimate at given draws", () => {
  const found = made(0, particles.massivelyParallel(3), "wakeQ");
  const [[moves]] = valuesOf(grad(found.bound, [shift]), inputs);
  const draws = drawsOf(found);
  const h = 1e-5;
  const slope = (byLoops(draws, 0, AT + h) - byLoops(draws, 0, AT - h)) / (2 * h);
  expect(moves).toBeCloseTo(-slope, 7);
});
