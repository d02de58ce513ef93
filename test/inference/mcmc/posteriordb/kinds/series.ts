/** Models of series, curves and differential equations. */
import {
  categorical,
  dirichlet,
  gamma,
  gaussianProcess,
  halfCauchy,
  halfNormal,
  hilbertSpaceProcess,
  lognormal,
  matern,
  normal,
  ordered,
  poisson,
  restricted,
  squaredExponential,
} from "../../../../../src/distributions/index.ts";
import {
  axis,
  constant,
  exp,
  gather,
  log,
  scan,
  solveOde,
  square,
  tensor,
} from "../../../../../src/tensor/index.ts";
import { each, type Kind, Numbered, type Numbers, short } from "./kind.ts";

/** Positive rates that increase, rows of a transition matrix; states are summed out. */
export function hiddenMarkov(): Kind {
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

/** A recursion along the series: each error is known given the one before. */
export function movingAverage(): Kind {
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

/** A Gaussian process that is observed with noise, its covariance by Cholesky. */
export function process(): Kind {
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
export function processOfCounts(): Kind {
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
  };
}

/** Mean and log standard deviation of accelerations, both by basis functions: 66 numbers. */
export function twoCurves(): Kind {
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

/** Hares and lynxes of Hudson Bay, 1900 to 1920, in thousands of pelts. */
export function predators(): Kind {
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
export function elimination(): Kind {
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
