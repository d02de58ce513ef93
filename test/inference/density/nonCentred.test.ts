/** Latents in units of priors that depend on other latents, or on the step before: innovations of chains. */
import { describe, expect, test } from "vitest";
import { halfNormal, lognormal, normal } from "../../../src/distributions/index.ts";
import { weaklyKnownAlongChains } from "../../../src/inference/density/nonCentring.ts";
import { logDensity } from "../../../src/inference/index.ts";
import { model } from "../../../src/model/index.ts";
import { axis, constant, tensor } from "../../../src/tensor/index.ts";
import { Simulation } from "../../gallery/simulation.ts";

const [time, person] = [axis("time", 6), axis("person", 3)];
const seen = tensor(
  Array.from({ length: 18 }, (_, i) => Math.sin(i)),
  [person, time],
);

/** Walks of persons, each with a scale of its own, and positive latents around their steps. */
const walks = model(({ sample, observe, plate, chain }) => {
  const [kept, spread] = [sample("kept", normal(0.8, 0.2)), sample("spread", halfNormal(1))];
  plate(person, () => {
    const scale = sample("scale", lognormal(kept, 0.5));
    chain(time, constant(0.5), (before, { at }) => {
      const step = sample("step", normal(kept.mul(before), scale));
      const size = sample("size", lognormal(step, spread));
      observe("seen", normal(step.add(size), 1), at(seen));
      return step;
    });
  });
});

describe.each([
  ["all", true, ["scale", "step", "size"]],
  ["one", new Set(["step"]), ["step"]],
] as const)("%s of them", (_, nonCentred, names) => {
  const centred = logDensity(walks, undefined);
  const density = logDensity(walks, undefined, { nonCentred });
  const position = Float64Array.from({ length: density.dimension }, (_, i) => 0.5 * Math.cos(i));
  const sites = density.constrain(position);
  const values = Object.fromEntries(density.sites.map(({ name }) => [name, sites[name].data]));

  test("are told", () => {
    const told = density.sites.filter((site) => site.nonCentred).map(({ name }) => name);
    expect(told).toEqual(names);
  });
  test("values and positions lead to each other", () => {
    density.unconstrain(values).forEach((x, i) => {
      expect(x).toBeCloseTo(position[i], 12);
    });
  });
  test("steps are the innovations", () => {
    const { step, kept, scale } = sites;
    const { offset } = density.sites.find(({ name }) => name === "step") as { offset: number };
    for (let p = 0; p < 3; p++) {
      let before = 0.5;
      for (let t = 0; t < 6; t++) {
        const now = step.data[6 * p + t];
        const innovation = (now - kept.data[0] * before) / scale.data[p];
        expect(innovation).toBeCloseTo(position[offset + 6 * p + t], 12);
        before = now;
      }
    }
  });
  test("the density is that of the centred ones, times their scales", () => {
    const logs = (data: Iterable<number>) => [...data].reduce((sum, x) => sum + Math.log(x), 0);
    const scales: Record<string, number> = {
      scale: 3 * Math.log(0.5),
      step: 6 * logs(sites.scale.data),
      size: 18 * logs(sites.spread.data),
    };
    const more = names.reduce((sum, name) => sum + scales[name], 0);
    const known = centred.value(centred.unconstrain(values));
    expect(density.value(position)).toBeCloseTo(known + more, 9);
  });
  test("derivatives are those of differences", () => {
    const gradient = density.gradient(position);
    for (let i = 0; i < density.dimension; i++) {
      const at = (h: number) => density.value(position.map((x, j) => (i === j ? x + h : x)));
      const slope = (8 * (at(1e-3) - at(-1e-3)) - (at(2e-3) - at(-2e-3))) / 0.012;
      expect(Math.abs(gradient[i] - slope) / (1 + Math.abs(slope))).toBeLessThan(1e-6);
    }
  });
  test("draws from the prior are the same ones", () => {
    const drawn = density.constrain(density.drawPrior(3));
    const known = centred.constrain(centred.drawPrior(3));
    for (const name of Object.keys(values)) {
      drawn[name].data.forEach((x, i) => {
        expect(x / known[name].data[i]).toBeCloseTo(1, 9);
      });
    }
  });
});

/** A walk with steps of a standard deviation `sd`, seen with errors of 1. */
function level(sd: number) {
  const [draw, day] = [new Simulation(3), axis("day", 40)];
  let x = 0;
  const y = draw.many(day.size, () => {
    x = draw.normal(x, sd);
    return draw.normal(x, 1);
  });
  return model(({ sample, observe, chain }) => {
    const [walk, noise] = [sample("walk", halfNormal(5)), sample("noise", halfNormal(2))];
    chain(day, constant(0), (before, { at }) => {
      const now = sample("level", normal(before, walk));
      observe("y", normal(now, noise), at(tensor(y, [day])));
      return now;
    });
  });
}

describe("which latents along chains are weakly known", () => {
  test.each([
    ["smaller than the errors", 0.3, ["level"]],
    ["larger than the errors", 3, []],
  ])("steps %s", (_, sd, names) => {
    const given = level(sd);
    const density = logDensity(given, undefined);
    expect([...weaklyKnownAlongChains(density, given, undefined)]).toEqual(names);
  });
  test("what all but the prior says of it, in units of the prior", () => {
    const density = logDensity(level(0.3), undefined);
    const position = density.unconstrain({
      walk: [0.4],
      noise: [1.6],
      level: new Float64Array(40),
    });
    expect(density.informationOf("level", position)).toBeCloseTo((0.4 / 1.6) ** 2, 9);
  });
});
