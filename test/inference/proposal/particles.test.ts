import { describe, expect, test } from "vitest";
import { normal } from "../../../src/distributions/index.ts";
import {
  average,
  type BoundOptions,
  bound,
  global,
  local,
  massivelyParallel,
  type Particles,
  single,
} from "../../../src/inference/internal.ts";
import type { Model } from "../../../src/model/index.ts";
import { axis, fold, index, type Key, key } from "../../../src/tensor/index.ts";
import { FIVE_SIGMA, meanAndError, value } from "../../distributions/values.ts";
import { chiSquare, elements, range } from "../elements.ts";
import { f64, store } from "../gaussians.ts";
import { dependent, factorised, group, hierarchy, logEvidence, run } from "../hierarchy.ts";

const rep = axis("rep", 10_000);
const repeated = (seed: number): Key => fold(key(seed), index(rep));

const boundOf = (
  guide: Model,
  particles: Particles,
  choices: Partial<BoundOptions<unknown>> = {},
) =>
  bound({
    model: hierarchy,
    guide,
    data: undefined,
    key: key(1),
    parameters: store(),
    particles,
    ...choices,
  });

const STRATEGIES: Record<string, () => Particles> = {
  single: () => single(),
  global: () => global(4),
  local: () => local(4),
  "local of the outer latent": () => local(4, ["mu"]),
  "massively parallel": () => massivelyParallel(4),
  "tensor Monte Carlo": () => massivelyParallel(4, { parents: "independent" }),
  "massively parallel, in one group": () => massivelyParallel(4, { groups: [["mu", "a"]] }),
};
const GUIDES = { factorised, dependent };

describe.each(Object.entries(STRATEGIES))("%s", (_, make) => {
  test.each(Object.entries(GUIDES))("estimates the evidence without bias, guide %s", (_, guide) => {
    const { bound: b } = boundOf(guide, make(), { key: repeated(1) });
    const ratios = run({ b }).b.map((x) => Math.exp(x - logEvidence));
    const { mean, error } = meanAndError(ratios);
    expect(Math.abs(mean - 1)).toBeLessThan(FIVE_SIGMA * error);
    expect(error).toBeLessThan(0.03);
  });

  test("averaged, the bound keeps its expectation, and its variance is divided", () => {
    const one = meanAndError(run({ b: boundOf(dependent, make(), { key: repeated(2) }).bound }).b);
    const many = meanAndError(
      run({ b: boundOf(dependent, average(4, make()), { key: repeated(3) }).bound }).b,
    );
    expect(Math.abs(one.mean - many.mean)).toBeLessThan(
      FIVE_SIGMA * Math.hypot(one.error, many.error),
    );
    // Relative sd of a sample variance of n = 10000 with a kurtosis below 20: at most 0.07.
    const ratio = (one.error / many.error) ** 2;
    expect(ratio).toBeGreaterThan(4 * (1 - FIVE_SIGMA * 0.1));
    expect(ratio).toBeLessThan(4 / (1 - FIVE_SIGMA * 0.1));
  });
});

test("one particle of each latent is a single draw, to the bit, whatever its parents", () => {
  const [one, ...others] = [
    single(),
    global(1),
    local(1),
    massivelyParallel(1),
    massivelyParallel(1, { parents: "independent" }),
  ].map((particles) => value(boundOf(dependent, particles).bound));
  for (const other of others) expect(other).toBe(one);
});

test("with a factorised guide, parents do not matter: massively parallel is tensor Monte Carlo", () => {
  const [permuted, independent] = (["permuted", "independent"] as const).map((parents) =>
    value(boundOf(factorised, massivelyParallel(5, { parents })).bound),
  );
  expect(permuted).toBe(independent);
  const [coupled, tmc] = (["permuted", "independent"] as const).map((parents) =>
    value(boundOf(dependent, massivelyParallel(5, { parents })).bound),
  );
  expect(coupled).not.toBe(tmc);
});

describe("the axes of the draws", () => {
  const axesOf = (particles: Particles) =>
    Object.fromEntries(
      boundOf(dependent, particles).guideTrace.latents.map(({ name, value: { axes } }) => [
        name,
        new Set(axes.map(String)),
      ]),
    );

  test.each<[string, Particles, string[], string[]]>([
    ["single", single(), [], ["group: 3"]],
    ["global", global(2), ["particle: 2"], ["particle: 2", "group: 3"]],
    ["local", local(2), [], ["particle: 2", "group: 3"]],
    ["local by name", local(2, ["mu"]), ["particle: 2"], ["group: 3"]],
    [
      "massively parallel",
      massivelyParallel(2),
      ["particle of mu: 2"],
      ["particle of a: 2", "group: 3"],
    ],
    [
      "massively parallel in a group",
      massivelyParallel(2, { groups: [["a", "mu"]] }),
      ["particle of a, mu: 2"],
      ["particle of a, mu: 2", "group: 3"],
    ],
    [
      "an average outside",
      average(4, local(2)),
      ["average: 4"],
      ["average: 4", "particle: 2", "group: 3"],
    ],
  ])("%s", (_, particles, mu, a) => {
    expect(axesOf(particles)).toEqual({ mu: new Set(mu), a: new Set(a) });
  });
});

test("different plates and groups have different axes, whatever their names are", () => {
  const distribution = normal(0, 1);
  const inPlates = (...names: string[]) => ({
    ...{ name: "z", distribution },
    plates: names.map((name) => ({ axis: axis(name, 2), total: 2 })),
  });
  const byPlates = massivelyParallel(2, { groups: "plates" });
  const sites = [inPlates(), inPlates("all"), inPlates("a", "b"), inPlates("a, b")];
  expect(new Set(sites.map((site) => byPlates.axesOf(site)[0].axis)).size).toBe(4);
  const grouped = massivelyParallel(2, { groups: [["a, b"], ["a", "b"]] });
  const [one, other] = ["a, b", "a"].map((name) => grouped.axesOf({ ...inPlates(), name })[0]);
  expect(one.axis).not.toBe(other.axis);
});

describe("parents of particles", () => {
  /** Children that sit on their parents, so that their values tell which these are. */
  const close: Model = ({ sample, plate }) => {
    const parent = sample("parent", normal(f64(0), 1));
    plate(group, () => sample("child", normal(parent, 1e-9)));
  };
  const [K, REPEATS] = [8, 500];
  const repeat = axis("repeat", REPEATS);

  /** The places of the parents of all children of one repetition and one element of the plate. */
  function families(parents: "permuted" | "independent"): number[][] {
    const { guideTrace, particles } = bound({
      model: close,
      guide: close,
      data: undefined,
      key: fold(key(5), index(repeat)),
      parameters: store(),
      particles: massivelyParallel(K, { parents }),
    });
    const [parent, child] = guideTrace.latents.map((latent) => elements(latent.value));
    const [ofParent, ofChild] = particles.map((particle) => particle.axis);
    return range(REPEATS).flatMap((r) =>
      range(group.size).map((g) =>
        range(K).map((k) => {
          const value = child([repeat, r], [group, g], [ofChild, k]);
          return range(K).findIndex(
            (j) => Math.abs(parent([repeat, r], [ofParent, j]) - value) < 1e-7,
          );
        }),
      ),
    );
  }
  /** Five sigma of a chi-square statistic with n degrees of freedom. */
  const limit = (n: number) => n + FIVE_SIGMA * Math.sqrt(2 * n);
  const counts = (places: number[]) => range(K).map((j) => places.filter((p) => p === j).length);

  test("permuted: each has exactly one child, any with equal probability, anew in each plate", () => {
    const found = families("permuted");
    for (const places of found) expect([...places].sort()).toEqual(range(K));
    expect(chiSquare(counts(found.map(([first]) => first)))).toBeLessThan(limit(K - 1));
    const alike = found.filter((places, i) => i % 3 > 0 && `${places}` === `${found[i - 1]}`);
    expect(alike.length).toBeLessThan(5);
  });

  test("independent: any with equal probability, some with none and some with many", () => {
    const found = families("independent");
    expect(chiSquare(counts(found.flat()))).toBeLessThan(limit(K - 1));
    const distinct = found.map((places) => new Set(places).size);
    const { mean, error } = meanAndError(distinct);
    expect(Math.abs(mean - K * (1 - (1 - 1 / K) ** K))).toBeLessThan(FIVE_SIGMA * error);
  });

  test("a single draw has any of them as its parent", () => {
    const { guideTrace, particles } = bound({
      model: close,
      guide: close,
      data: undefined,
      key: fold(key(6), index(repeat)),
      parameters: store(),
      particles: local(K, ["parent"]),
    });
    const [parent, child] = guideTrace.latents.map((latent) => elements(latent.value));
    const [{ axis: ofParent }] = particles;
    const places = range(REPEATS).map((r) => {
      const value = child([repeat, r], [group, 0]);
      return range(K).findIndex((j) => Math.abs(parent([repeat, r], [ofParent, j]) - value) < 1e-7);
    });
    expect(chiSquare(counts(places))).toBeLessThan(limit(K - 1));
  });
});
