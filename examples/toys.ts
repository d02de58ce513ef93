/**
 * Densities that a guide cannot match, fitted by the ELBO and by the variational contrastive divergence (Ruiz and Titsias,
 * ICML 2019), which leaves less of them out. `npx tsx toys.ts` writes the picture, toys.html.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  adam,
  axis,
  bound,
  compile,
  constantInit,
  draw,
  exp,
  gather,
  improperUniform,
  key,
  Loop,
  logAddExp,
  type Model,
  mixture,
  model,
  normal,
  normalInit,
  paramStore,
  particles,
  REAL,
  square,
  stepDecay,
  type Tensor,
  tensor,
  trace,
  training,
  vcd,
  zeros,
} from "surmise";
import { contourChart, reportHtml } from "surmise/report";

const coordinate = axis("coordinate", 2);
const component = axis("component", 2);

/** The log density of a normal of unit variances, in nats. */
function correlated(x: Tensor, y: Tensor, r: number): Tensor {
  const form = square(x)
    .add(square(y))
    .sub(x.mul(y).mul(2 * r));
  return form.mul(-0.5 / (1 - r * r)).sub(Math.log(2 * Math.PI * Math.sqrt(1 - r * r)));
}

/** Log densities over a part of the plane, and how many normals the guide is made of. */
export const toys = {
  gaussian: {
    logDensity: (x: Tensor, y: Tensor) => correlated(x, y, 0.95),
    ends: [-3, 3],
    normals: 1,
  },
  banana: {
    logDensity: (x: Tensor, y: Tensor) => correlated(x, y.add(square(x)).sub(2), 0.9),
    ends: [-5, 5],
    normals: 1,
  },
  mixture: {
    logDensity: (x: Tensor, y: Tensor) =>
      logAddExp(
        correlated(x.sub(0.8), y.sub(0.8), 0.8).add(Math.log(0.3)),
        correlated(x.add(2), y.add(2), -0.6).add(Math.log(0.7)),
      ),
    ends: [-5, 4],
    normals: 2,
  },
} as const;

/** A row of `toys`. */
type Toy = (typeof toys)[keyof typeof toys];

const coordinates = (z: Tensor) => [0, 1].map((i) => gather(z, coordinate, i));

function pairOf({ logDensity, normals }: Toy): { model: Model; guide: Model } {
  return {
    model: model(({ sample, factor }) => {
      const [x, y] = coordinates(sample("z", improperUniform(REAL).event(coordinate)));
      factor("toy", logDensity(x, y));
    }),
    guide: model(({ sample, param }) => {
      const axes = normals === 1 ? [coordinate] : [component, coordinate];
      const mean = param("mean", axes, { init: normalInit(1) });
      const logSd = param("logSd", axes, { init: constantInit(-1) });
      const independent = normal(mean, exp(logSd)).event(coordinate);
      if (normals === 1) {
        sample("z", independent);
      } else {
        const logits = param("logits", [component], { init: zeros });
        sample("z", mixture({ logits }, independent));
      }
    }),
  };
}

/** Points of the picture along each axis, and their number. */
const SIDE = 80;

/** The log densities of the toy and of a guide that was fitted to it, row by row from the top of the picture. */
export function fitted(name: keyof typeof toys, method: "elbo" | "vcd") {
  const toy = toys[name];
  const pair = pairOf(toy);
  const parameters = paramStore();
  const algorithm = training({
    objective(_, stepKey) {
      const given = { ...pair, data: undefined, parameters, key: stepKey };
      if (method === "elbo") return bound({ ...given, particles: particles.stratified() });
      return vcd({ ...given, iterations: 3, adapting: 2, targetAccept: 0.7, stepSize: 0.25 });
    },
    parameters,
    optimiser: adam(stepDecay(0.02, { every: 2000, factor: 0.7 })),
    seed: 0,
  });
  const loop = new Loop({ algorithm, steps: 20_000, recordEvery: 20_000 });
  for (const _ of loop.calls());

  const [low, high] = toy.ends;
  const at = (i: number) => low + ((high - low) * (i + 0.5)) / SIDE;
  const places = Array.from({ length: SIDE ** 2 }, (_, i) => [
    at(i % SIDE),
    at(SIDE - 1 - Math.floor(i / SIDE)),
  ]);
  const z = tensor(places.flat(), [axis("place", SIDE ** 2), coordinate]);
  const { latents } = trace(pair.guide, undefined, draw(key(0)), parameters);
  const [x, y] = coordinates(z);
  const outputs = { p: toy.logDensity(x, y), q: latents[0].distribution.logProb(z) };
  const program = compile({ outputs }, { steps: 1 });
  for (const param of parameters.list()) program.write(param.name, loop.state()[param.name].data);
  const { p, q } = program.run();
  return { p: Float64Array.from(p.data), q: Float64Array.from(q.data) };
}

/** The contours of a toy and of both guides, as SVG. */
export async function picture(name: keyof typeof toys): Promise<string> {
  const [elbo, divergence] = [fitted(name, "elbo"), fitted(name, "vcd")];
  return contourChart({
    ...{ title: name, x: toys[name].ends, y: toys[name].ends },
    densities: [
      { name: "target", values: elbo.p.map(Math.exp) },
      { name: "ELBO", values: elbo.q.map(Math.exp) },
      { name: "VCD", values: divergence.q.map(Math.exp) },
    ],
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const names = Object.keys(toys) as (keyof typeof toys)[];
  const figures = await Promise.all(
    names.map(async (name) => ({ svg: await picture(name), caption: name })),
  );
  writeFileSync("toys.html", reportHtml({ title: "Toys", sections: [{ title: "Fits", figures }] }));
}
