import { describe, expect, test } from "vitest";
import { bernoulli, logistic, normal } from "../../src/distributions/index.ts";
import {
  type BoundOptions,
  bound,
  evaluation,
  global,
  local,
  massivelyParallel,
  minibatch,
  sleep,
} from "../../src/inference/internal.ts";
import { type Model, model, paramStore } from "../../src/model/index.ts";
import { axis, constant, fold, input, key, SurmiseError, tensor } from "../../src/tensor/index.ts";
import {
  type Data,
  datum,
  f64,
  localMeans,
  localPosterior,
  oneMean,
  oneMeanGuide,
  x,
} from "./gaussians.ts";

const half = axis("datum", 2);
const part: Data = { x: tensor([1, 2], [half], "float64"), datum: half, total: 40 };
const guide = oneMeanGuide(f64(0), 1);

const run = (
  p: Model<Data, unknown>,
  q: Model<Data, unknown>,
  choices: Partial<BoundOptions<Data>> = {},
) =>
  bound({
    model: p,
    guide: q,
    data: { x, datum },
    key: key(1),
    parameters: paramStore(),
    ...choices,
  });

const asleep = (q: Model<Data, unknown>) =>
  sleep({
    model: oneMean,
    guide: q,
    data: { x, datum },
    key: key(1),
    parameters: paramStore(),
    dreamt: (data) => data,
  });

const [user, film] = [axis("user", 2), axis("film", 3)];
/** What users make of films: both have latents, and every rating depends on two of them. */
const crossed: Model<Data> = ({ sample, observe, plate }) => {
  const taste = plate(user, () => sample("taste", normal(f64(0), 1)));
  const appeal = plate(film, () => sample("appeal", normal(f64(0), 1)));
  plate(user, () => plate(film, () => observe("rating", normal(taste.mul(appeal), 1), f64(1))));
};
const crossedGuide: Model<Data> = ({ sample, plate }) => {
  plate(user, () => sample("taste", normal(f64(0), 1)));
  plate(film, () => sample("appeal", normal(f64(0), 1)));
};

const refused: [string, () => unknown][] = [
  [
    "latent 'z' of the model is missing in the guide: add sample('z', ...) to the guide",
    () => run(oneMean, () => {}),
  ],
  [
    "latent 'w' of the guide is missing in the model: remove it from the guide, or add " +
      "sample('w', ...) to the model",
    () =>
      run(oneMean, (sites) => {
        sites.sample("z", normal(f64(0), 1));
        sites.sample("w", normal(f64(0), 1));
      }),
  ],
  [
    "sample 'z' has axes {datum: 4} here and {} in the trace that is replayed, such as a guide's: " +
      "both need the same plates and event axes",
    () => run(localMeans, guide),
  ],
  [
    "the guide observes 'y': a guide has only latents; observe in the model",
    () =>
      run(oneMean, ({ sample, observe }) => {
        sample("z", normal(f64(0), 1));
        observe("y", normal(f64(0), 1), f64(1));
      }),
  ],
  [
    "latent 'z': plate 'datum' has total 50 in the guide and 40 in the model; the guide may leave " +
      "it out",
    () =>
      run(
        localMeans,
        ({ sample, plate }) => {
          plate(half, () => sample("z", normal(f64(0), 1)), { total: 50 });
        },
        { data: part },
      ),
  ],
  [
    "latent 'z': draws of a bernoulli have no derivative with respect to its parameters, which a " +
      "reparameterised gradient needs: sum it out of the model, give it a continuous distribution, " +
      'train by gradient: "wake", or, to evaluate without training, use gradient: "none"',
    () => {
      const coin = model(({ sample }) => sample("z", bernoulli({ probs: 0.5 })));
      run(coin, coin);
    },
  ],
  [
    'kl: "closed" replaces log p(z) - log q(z) by its mean, but an importance-weighted bound needs ' +
      'the weight of each particle: use kl: "sampled", or average or single particles',
    () => run(oneMean, guide, { kl: "closed", particles: global(3) }),
  ],
  [
    "latent 'z': there is no closed form of the divergence of a logistic from a normal; use kl: " +
      '"sampled"',
    () => {
      run(oneMean, ({ sample }) => sample("z", logistic(f64(0), 1)), { kl: "closed" });
    },
  ],
  [
    "site 'x': plate 'datum' holds 2 of 40 elements and stands inside the importance-weighted axis " +
      "'particle', which sites outside the plate vary along too; the log of a mean of scaled-up " +
      "weights is biased: give the plate all its elements, use particles.average(3) or particles.single(), or allow it with " +
      "biased: true",
    () => run(oneMean, guide, { data: part, particles: global(3) }),
  ],
  [
    "particles: there is no latent 'w'; the latents are: 'z'",
    () => run(oneMean, guide, { particles: local(3, ["w"]) }),
  ],
  [
    "particles.massivelyParallel: latent 'z' is in two groups: latents of one group share one axis, so put them " +
      "into one",
    () => massivelyParallel(3, { groups: [["z", "w"], ["z"]] }),
  ],
  [
    "particles.global: the number of particles must be a whole number of at least 1, not 0",
    () => global(0),
  ],
  [
    "eliminating 'particle' in plates {} combines the sites z, x over {particle: 3}, more than maxCost = 2 " +
      "elements: take fewer particles, let latents share an axis (groups), or raise maxCost",
    () => run(oneMean, guide, { particles: global(3), maxCost: 2 }),
  ],
  [
    "site 'rating': latents 'taste' (plates {user: 2}) and 'appeal' (plates {film: 3}) meet in it and " +
      "their plates cross, so that the weights of their particles do not fall apart along either " +
      'plate: let them share an axis (particles.massivelyParallel(K, { groups: [["taste", "appeal"]] })), or ' +
      'take single draws of one (particles.local(K, ["taste"]))',
    () => run(crossed, crossedGuide, { particles: massivelyParallel(3) }),
  ],
  [
    "latent 'z' of the model is missing in the guide: add sample('z', ...) to the guide",
    () => asleep(() => {}),
  ],
  [
    "latent 'w' of the guide is missing in the model: remove it from the guide, or add " +
      "sample('w', ...) to the model",
    () =>
      asleep((sites) => {
        sites.sample("z", normal(f64(0), 1));
        sites.sample("w", normal(f64(0), 1));
      }),
  ],
  [
    "no term of the bound belongs to single elements of 'datum': it is not a plate, or latents " +
      "outside it share its particle axis",
    () => run(oneMean, guide, { particles: global(3) }).perElement(datum),
  ],
  [
    "evaluation by 'datum': the plates that hold all latents are {}; each datum needs latents of " +
      "its own, so every latent must stand in that plate alone",
    () =>
      evaluation({
        model: oneMean,
        guide,
        data: { x, datum },
        key: key(1),
        parameters: paramStore(),
        plate: datum,
        chunk: 2,
      }),
  ],
  [
    "minibatch: 'batch' has 5 elements, 'datum' only 4",
    () => minibatch(x, datum, axis("batch", 5), constant(0, "int32"), key(1)),
  ],
  [
    "minibatch: the key depends on the step, so that an epoch would not hold each row once: use the " +
      "key of the run, the third argument of the objective",
    () => {
      const step = input("#step", [], "int32");
      minibatch(x, datum, axis("batch", 2), step, fold(key(1), step));
    },
  ],
];

describe("a choice is refused, in these words:", () => {
  test.each(refused)("%s", (message, make) => {
    expect(make).toThrow(new SurmiseError(message));
  });

  test("a biased estimate is made where it is asked for", () => {
    const choices = { data: part, particles: global(3), biased: true };
    expect(() => run(oneMean, guide, choices)).not.toThrow();
  });

  test("latents of crossed plates are not, where they share particles or one has a single draw", () => {
    for (const particles of [
      massivelyParallel(3, { groups: [["taste", "appeal"]] }),
      local(3, ["taste"]),
      global(3),
    ]) {
      expect(() => run(crossed, crossedGuide, { particles })).not.toThrow();
    }
  });

  test("discrete latents are not, where the gradient does not pass through their draws", () => {
    const coin = model(({ sample }) => sample("z", bernoulli({ probs: 0.5 })));
    for (const gradient of ["wake", "wakeP", "wakeQ", "none"] as const) {
      expect(() => run(coin, coin, { gradient })).not.toThrow();
    }
  });

  test("model and guide that fit are not", () => {
    expect(() => run(localMeans, localPosterior)).not.toThrow();
  });
});
