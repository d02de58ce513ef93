/** Models of the kinds that posteriordb holds, each with data of its own: see `kinds.py` for the same ones in Stan. */
import {
  bernoulli,
  beta,
  binomial,
  categorical,
  dirichlet,
  gamma,
  gaussianProcess,
  halfCauchy,
  halfNormal,
  hilbertSpaceProcess,
  improperUniform,
  lognormal,
  matern,
  multinomial,
  normal,
  ordered,
  orderedLogistic,
  POSITIVE,
  poisson,
  REAL,
  restricted,
  squaredExponential,
  uniform,
  zeroInflated,
} from "../../../../src/distributions/index.ts";
import type { Model } from "../../../../src/model/index.ts";
import {
  axis,
  constant,
  exp,
  gather,
  index,
  log,
  scan,
  select,
  solveOde,
  square,
  tensor,
} from "../../../../src/tensor/index.ts";

type Numbers = readonly number[];
type Plain = Model<undefined, unknown>;

/** A model with its data, as Stan reads them, and the sites to be compared. */
export interface Kind {
  /** What Stan is given. */
  readonly data: Readonly<Record<string, number | Numbers | readonly Numbers[]>>;
  /** The model given these data. */
  readonly model: Plain;
  /** Sites that both know, by one name. */
  readonly sites: readonly string[];
  /**
   * Is reported only, for it is not met from each seed: in a funnel some trajectories diverge, as with nutpie, or R-hat is
   * above 1.01, which is warned of; metric `variance`, as Stan's, passes, with four times the steps.
   */
  readonly hard?: true;
}

/** Numbers that look random, the same ones everywhere: uniform in (0, 1), standard normal, and counts. */
class Numbered {
  private state: number;

  constructor(seed: number) {
    this.state = seed;
  }

  uniform(): number {
    this.state = (this.state * 48271) % 2147483647;
    return this.state / 2147483647;
  }

  normal(): number {
    return Math.sqrt(-2 * Math.log(this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  poisson(rate: number): number {
    let [count, product] = [0, this.uniform()];
    for (; product > Math.exp(-rate); count++) product *= this.uniform();
    return count;
  }
}

const short = (x: number) => Math.round(x * 1e4) / 1e4;
const each = <T>(n: number, value: (i: number) => T) =>
  Array.from({ length: n }, (_, i) => value(i));

/** Flat cutpoints, which increase. */
function orderedLogit(): Kind {
  const random = new Numbered(11);
  const x = each(80, () => short(random.normal()));
  const y = x.map((at) => {
    const u = random.uniform();
    const latent = 0.8 * at + Math.log(u / (1 - u));
    return [-1, 0.5, 2].filter((cut) => latent > cut).length;
  });
  const [row, cut, grade] = [axis("row", 80), axis("cut", 3), axis("grade", 4)];
  return {
    data: { N: 80, x, y: y.map((k) => k + 1) },
    model: ({ sample, observe, plate }) => {
      const slope = sample("slope", improperUniform(REAL));
      const cutpoints = sample("cutpoints", ordered(improperUniform(REAL), cut));
      plate(row, () => {
        const score = slope.mul(tensor(x, [row]));
        observe(
          "y",
          orderedLogistic(score, cutpoints, { cut, category: grade }),
          tensor(Int32Array.from(y), [row]),
        );
      });
    },
    sites: ["slope", "cutpoints"],
  };
}

/** Positive rates that increase, rows of a transition matrix; states are summed out. */
function hiddenMarkov(): Kind {
  const random = new Numbered(23);
  let state = 0;
  const y = each(120, () => {
    if (random.uniform() < 0.15) state = 1 - state;
    return random.poisson([2, 7][state]);
  });
  const [time, kind, before] = [axis("time", 120), axis("kind", 2), axis("before", 2)];
  return {
    data: { N: 120, y },
    model: ({ sample, observe, plate, chain }) => {
      const rate = sample("rate", ordered(gamma(2, 0.4), kind));
      const move = plate(before, () => sample("move", dirichlet(1, kind)));
      chain(time, constant(0, "int32"), (previous, { at }) => {
        const z = sample("z", categorical(gather(move, before, previous), kind));
        observe("y", poisson(gather(rate, kind, z)), at(tensor(Int32Array.from(y), [time])));
        return z;
      });
    },
    sites: ["rate", "move"],
  };
}

/** Kinds that are summed out: shares, centres that increase, spreads. */
function normalMixture(): Kind {
  const random = new Numbered(37);
  const y = each(150, () => {
    const low = random.uniform() < 0.4;
    return short(low ? -2.5 + random.normal() : 2 + 1.3 * random.normal());
  });
  const [row, kind] = [axis("row", 150), axis("kind", 2)];
  return {
    data: { N: 150, y },
    model: ({ sample, observe, plate }) => {
      const share = sample("share", beta(5, 5));
      const shares = select(index(kind).eq(0), share, constant(1).sub(share));
      const centre = sample("centre", ordered(normal(0, 2), kind));
      const spread = sample("spread", halfNormal(2).event(kind));
      plate(row, () => {
        const z = sample("z", categorical(shares, kind));
        observe("y", normal(gather(centre, kind, z), gather(spread, kind, z)), tensor(y, [row]));
      });
    },
    sites: ["share", "centre", "spread"],
  };
}

/** A recursion along the series: each error is known given the one before. */
function movingAverage(): Kind {
  const random = new Numbered(41);
  let [last, error] = [0, 0];
  const y = each(150, () => {
    const next = 0.5 * random.normal();
    last = short(0.3 + 0.6 * last + next + 0.4 * error);
    error = next;
    return last;
  });
  const time = axis("time", 150);
  const series = tensor(y, [time]);
  return {
    data: { N: 150, y },
    model: ({ sample, plate, factor }) => {
      const mu = sample("mu", normal(0, 10));
      const phi = sample("phi", normal(0, 2));
      const theta = sample("theta", normal(0, 2));
      const sigma = sample("sigma", halfCauchy(2.5));
      const carried = { error: constant(0), last: mu };
      const { outputs } = scan(time, carried, ({ error, last }, { at }) => {
        const error2 = at(series).sub(mu).sub(phi.mul(last)).sub(theta.mul(error));
        return { carries: { error: error2, last: at(series) }, outputs: { error: error2 } };
      });
      plate(time, () =>
        factor(
          "error",
          log(sigma)
            .neg()
            .sub(square(outputs.error.div(sigma)).mul(0.5)),
        ),
      );
    },
    sites: ["mu", "phi", "theta", "sigma"],
  };
}

/** Flat priors on supports that depend on another latent. */
function nestedBounds(): Kind {
  const random = new Numbered(53);
  const y = each(40, () => short(1 + 2.5 * random.uniform()));
  const row = axis("row", 40);
  return {
    data: { N: 40, y },
    model: ({ sample, observe, plate }) => {
      const low = sample(
        "low",
        improperUniform({ kind: "interval", low: constant(-5), high: constant(Math.min(...y)) }),
        { init: 0 },
      );
      const high = sample(
        "high",
        improperUniform({ kind: "interval", low: constant(Math.max(...y)), high: constant(10) }),
      );
      const between = sample("between", improperUniform({ kind: "interval", low, high }));
      plate(row, () => observe("y", uniform(low, high), tensor(y, [row])));
      observe("mean", normal(between, 0.5), constant(2));
    },
    sites: ["low", "high", "between"],
  };
}

/** A Gaussian process that is observed with noise, its covariance by Cholesky. */
function process(): Kind {
  const random = new Numbered(61);
  const x = each(25, (i) => i - 12);
  const y = x.map((at) => short(1.5 * Math.sin(at / 3) + 0.4 * random.normal()));
  const place = axis("place", 25);
  return {
    data: { N: 25, x, y },
    model: ({ sample, observe }) => {
      const lengthscale = sample("lengthscale", gamma(25, 4));
      const scale = sample("scale", halfNormal(2));
      const noise = sample("noise", halfNormal(1));
      const kernel = squaredExponential({ scale, lengthscale });
      observe(
        "y",
        gaussianProcess(kernel, { noise }).at(tensor(x, [place]), place),
        tensor(y, [place]),
      );
    },
    sites: ["lengthscale", "scale", "noise"],
  };
}

/** A latent Gaussian process with counts: as many latents as places. */
function processOfCounts(): Kind {
  const random = new Numbered(67);
  const x = each(11, (i) => 2 * i - 10);
  const y = x.map((at) => random.poisson(Math.exp(2 + Math.sin(at / 3))));
  const place = axis("place", 11);
  return {
    data: { N: 11, x, y },
    model: ({ sample, observe, plate }) => {
      const lengthscale = sample("lengthscale", gamma(25, 4));
      const scale = sample("scale", halfNormal(2));
      const eta = sample("eta", normal(0, 1).event(place));
      const process = gaussianProcess(matern(1.5, { scale, lengthscale }));
      const logRate = process.values(eta, tensor(x, [place]), place);
      plate(place, () => observe("y", poisson({ logRate }), tensor(Int32Array.from(y), [place])));
    },
    sites: ["lengthscale", "scale", "eta"],
    hard: true,
  };
}

/** Mean and log standard deviation of accelerations, both by basis functions: 66 numbers. */
function twoCurves(): Kind {
  const random = new Numbered(71);
  const n = 120;
  const x = each(n, (i) => short(-1 + (2 * i) / (n - 1)));
  const y = x.map((at) =>
    short(Math.sin(4 * at) * Math.exp(-at) + Math.exp(-1.5 + 0.8 * at) * random.normal()),
  );
  const [row, wave, ripple] = [axis("row", n), axis("wave", 40), axis("ripple", 20)];
  return {
    data: { N: n, M: 40, K: 20, x, y },
    model: ({ sample, observe, plate }) => {
      const curve = (name: string, basis: typeof wave) => {
        const intercept = sample(`${name}Intercept`, normal(0, 1));
        const scale = sample(`${name}Scale`, halfNormal(1));
        const lengthscale = sample(`${name}Length`, lognormal(-1, 0.5));
        const weights = sample(`${name}Weights`, normal(0, 1).event(basis));
        const kernel = squaredExponential({ scale, lengthscale });
        const process = hilbertSpaceProcess(kernel, basis, { range: [-1, 1], boundary: 1.5 });
        return intercept.add(process.values(weights, tensor(x, [row])));
      };
      const [mean, logSd] = [curve("mean", wave), curve("spread", ripple)];
      plate(row, () => observe("y", normal(mean, exp(logSd)), tensor(y, [row])));
    },
    sites: [
      "meanIntercept",
      "meanScale",
      "meanLength",
      "meanWeights",
      "spreadIntercept",
      "spreadScale",
      "spreadLength",
      "spreadWeights",
    ],
    hard: true,
  };
}

/** Varying intercepts and slopes of 40 groups. */
function hierarchy(): Kind {
  const random = new Numbered(79);
  const effects = each(40, () => [1 + 0.7 * random.normal(), -0.5 + 0.3 * random.normal()]);
  const rows = each(400, (i) => {
    const [g, x] = [i % 40, short(random.normal())];
    return { g, x, y: short(effects[g][0] + effects[g][1] * x + 0.8 * random.normal()) };
  });
  const [row, group] = [axis("row", 400), axis("group", 40)];
  const [x, y] = [rows.map((each) => each.x), rows.map((each) => each.y)];
  const g = rows.map((each) => each.g);
  return {
    data: { N: 400, J: 40, g: g.map((k) => k + 1), x, y },
    model: ({ sample, observe, plate }) => {
      const [a, b] = [sample("a", improperUniform(REAL)), sample("b", improperUniform(REAL))];
      const [sa, sb] = [sample("sa", improperUniform(POSITIVE)), sample("sb", halfCauchy(1))];
      const noise = sample("noise", improperUniform(POSITIVE));
      const at = tensor(Int32Array.from(g), [row]);
      const { alpha, slope } = plate(group, () => {
        return { alpha: sample("alpha", normal(a, sa)), slope: sample("slope", normal(b, sb)) };
      });
      plate(row, () => {
        const mean = gather(alpha, group, at).add(gather(slope, group, at).mul(tensor(x, [row])));
        observe("y", normal(mean, noise), tensor(y, [row]));
      });
    },
    sites: ["a", "b", "sa", "sb", "noise", "alpha", "slope"],
  };
}

/** Hares and lynxes of Hudson Bay, 1900 to 1920, in thousands of pelts. */
function predators(): Kind {
  const hare = [
    30, 47.2, 70.2, 77.4, 36.3, 20.6, 18.1, 21.4, 22, 25.4, 27.1, 40.3, 57, 76.6, 52.3, 19.5, 11.2,
    7.6, 14.6, 16.2, 24.7,
  ];
  const lynx = [
    4, 6.1, 9.8, 35.2, 59.4, 41.7, 19, 13, 8.3, 9.1, 7.4, 8, 12.3, 19.5, 45.7, 51.1, 29.7, 15.8,
    9.7, 10.1, 8.6,
  ];
  const times = each(20, (i) => i + 1);
  const year = axis("year", 20);
  const later = (values: Numbers) => tensor(values.slice(1), [year]);
  return {
    data: { N: 20, times, hare, lynx },
    model: ({ sample, observe, plate }) => {
      const rate = (name: string) => sample(name, restricted(normal(1, 0.5), { lower: 0 }));
      const small = (name: string) => sample(name, restricted(normal(0.05, 0.05), { lower: 0 }));
      const [birth, eaten] = [rate("birth"), small("eaten")];
      const [death, fed] = [rate("death"), small("fed")];
      const prey = sample("prey", lognormal(Math.log(10), 1));
      const predator = sample("predator", lognormal(Math.log(10), 1));
      const noise = sample("noise", lognormal(-1, 1));
      observe("first hares", lognormal(log(prey), noise), constant(hare[0]));
      observe("first lynxes", lognormal(log(predator), noise), constant(lynx[0]));
      const solved = solveOde(
        ({ prey, predator }, _, { birth, eaten, death, fed }) => ({
          prey: prey.mul(birth.sub(eaten.mul(predator))),
          predator: predator.mul(fed.mul(prey).sub(death)),
        }),
        {
          initial: { prey, predator },
          parameters: { birth, eaten, death, fed },
          times: tensor(times, [year]),
          along: year,
        },
      );
      plate(year, () => {
        observe("hares", lognormal(log(solved.prey), noise), later(hare));
        observe("lynxes", lognormal(log(solved.predator), noise), later(lynx));
      });
    },
    sites: ["birth", "eaten", "death", "fed", "prey", "predator", "noise"],
  };
}

/** A dose that is absorbed, and eliminated by Michaelis and Menten; stiff where it is absorbed fast. */
function elimination(): Kind {
  const times = each(16, (i) => (i + 1) / 2);
  const y = [3.9, 6.6, 7.9, 9.1, 8.5, 8.8, 8.1, 7.2, 6.9, 6, 5.6, 4.8, 4.5, 3.9, 3.3, 2.9];
  const time = axis("time", 16);
  return {
    data: { N: 16, times, y },
    model: ({ sample, observe, plate }) => {
      const absorbed = sample("absorbed", lognormal(0, 1));
      const most = sample("most", lognormal(0.5, 0.5));
      const half = sample("half", lognormal(0.5, 0.5));
      const noise = sample("noise", halfNormal(0.5));
      const { blood } = solveOde(
        ({ gut, blood }, _, { absorbed, most, half }) => {
          const in_ = absorbed.mul(gut);
          return { gut: in_.neg(), blood: in_.sub(most.mul(blood).div(half.add(blood))) };
        },
        {
          initial: { gut: 14, blood: 0 },
          parameters: { absorbed, most, half },
          times: tensor(times, [time]),
          along: time,
          method: "rosenbrock",
        },
      );
      plate(time, () => observe("y", lognormal(log(blood), noise), tensor(y, [time])));
    },
    sites: ["absorbed", "most", "half", "noise"],
  };
}

/** Answers of persons to questions: abilities, difficulties and discriminations. */
function answers(): Kind {
  const random = new Numbered(97);
  const [persons, questions] = [30, 10];
  const ability = each(persons, () => random.normal());
  const question = each(questions, () => [random.normal(), Math.exp(0.3 * random.normal())]);
  const y = question.map(([b, a]) =>
    ability.map((t) => (random.uniform() < 1 / (1 + Math.exp(-a * (t - b))) ? 1 : 0)),
  );
  const [person, item] = [axis("person", persons), axis("item", questions)];
  return {
    data: { I: questions, J: persons, y },
    model: ({ sample, observe, plate }) => {
      const spread = sample("spread", halfCauchy(2));
      const ability = plate(person, () => sample("ability", normal(0, spread)));
      const { a, b } = plate(item, () => {
        return { a: sample("a", lognormal(0, 0.5)), b: sample("b", normal(0, 2)) };
      });
      plate(item, () =>
        plate(person, () => {
          const logits = a.mul(ability.sub(b));
          observe("y", bernoulli({ logits }), tensor(y.flat(), [item, person]));
        }),
      );
    },
    sites: ["spread", "a", "b", "ability"],
  };
}

/** A simplex, and shares of occupied places, whose absences may be oversights: zeros of two kinds. */
function sharesAndZeros(): Kind {
  const seen = [0, 0, 3, 1, 0, 2, 4, 0, 0, 1, 0, 2, 0, 3, 0, 0, 1, 2, 0, 0];
  const counts = [3, 9, 14, 2];
  const [place, kind] = [axis("place", 20), axis("kind", 4)];
  return {
    data: { N: 20, seen, counts },
    model: ({ sample, observe, plate }) => {
      const share = sample("share", dirichlet(1, kind));
      observe(
        "counts",
        multinomial(28, { probs: share }, kind),
        tensor(Int32Array.from(counts), [kind]),
      );
      const occupied = sample("occupied", uniform(0, 1));
      const detected = sample("detected", uniform(0, 1));
      plate(place, () => {
        const absent = constant(1).sub(occupied);
        observe(
          "seen",
          zeroInflated(binomial(5, { probs: detected }), { probs: absent }),
          tensor(Int32Array.from(seen), [place]),
        );
      });
    },
    sites: ["share", "occupied", "detected"],
  };
}

/** By name. */
export const KINDS: Readonly<Record<string, () => Kind>> = {
  orderedLogit,
  hiddenMarkov,
  normalMixture,
  movingAverage,
  nestedBounds,
  process,
  processOfCounts,
  twoCurves,
  hierarchy,
  predators,
  elimination,
  answers,
  sharesAndZeros,
};
