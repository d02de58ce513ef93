/** Of kinds that are summed out, and of effects of groups and persons. */
import {
  axis,
  bernoulli,
  beta,
  cast,
  categorical,
  constant,
  gather,
  halfNormal,
  index,
  lkjCholesky,
  lognormal,
  model,
  multivariateNormal,
  normal,
  ordered,
  orderedLogistic,
  poisson,
  select,
  tensor,
} from "../../../src/index.ts";
import { int, logistic, Simulation } from "../simulation.ts";

/** Two normals whose kinds are summed out, with centres in order. */
export function normalMixture() {
  const draw = new Simulation(4);
  const [row, kind] = [axis("row", 200), axis("kind", 2)];
  const y = draw.many(row.size, () =>
    draw.bernoulli(0.3) ? draw.normal(-1, 0.5) : draw.normal(2, 1),
  );
  return {
    truth: { share: 0.3, centre: [-1, 2], spread: [0.5, 1] },
    model: model(({ sample, observe, plate }) => {
      const share = sample("share", beta(2, 2));
      const centre = sample("centre", ordered(normal(0, 3), kind));
      const spread = sample("spread", halfNormal(2).event(kind));
      plate(row, () => {
        const at = cast(sample("z", bernoulli({ probs: share.neg().add(1) })), "int32");
        observe("y", normal(gather(centre, kind, at), gather(spread, kind, at)), tensor(y, [row]));
      });
    }),
  };
}

/** Captures and recaptures (Cormack, Jolly and Seber): whether an animal is alive is summed out along its life. */
export function captures() {
  const draw = new Simulation(5);
  const [animal, occasion] = [axis("animal", 60), axis("occasion", 7)];
  const [survival, capture] = [0.8, 0.6];
  const first = draw.many(animal.size, (i) => i % 5);
  const seen = first.map((from) => {
    let alive = 1;
    return draw.many(occasion.size, (t) => {
      if (t <= from) return t === from ? 1 : 0;
      alive *= draw.bernoulli(survival);
      return alive * draw.bernoulli(capture);
    });
  });
  const began = tensor(int(first), [animal]);
  const data = tensor(Float32Array.from(seen.flat()), [animal, occasion]);
  return {
    truth: { survival, capture },
    model: model(({ sample, observe, plate, chain }) => {
      const phi = sample("survival", beta(1, 1));
      const p = sample("capture", beta(1, 1));
      plate(animal, () => {
        chain(occasion, constant(1), (before, { at }) => {
          const isLater = began.lt(at(index(occasion)));
          const alive = sample("alive", bernoulli({ probs: select(isLater, phi.mul(before), 1) }));
          const chance = select(isLater, p.mul(alive), select(began.eq(at(index(occasion))), 1, 0));
          observe("seen", bernoulli({ probs: chance }), at(data));
          return alive;
        });
      });
    }),
  };
}

/** Disasters with a change point that is summed out, and rates before and after. */
export function changePoint() {
  const draw = new Simulation(17);
  const year = axis("year", 100);
  const y = draw.many(year.size, (t) => draw.poisson(t < 40 ? 3 : 1));
  const anywhere = tensor(new Array(year.size).fill(1), [year]);
  return {
    truth: { early: 3, late: 1, change: 40 },
    model: model(({ sample, observe, plate }) => {
      const [early, late] = [sample("early", lognormal(0, 1)), sample("late", lognormal(0, 1))];
      const change = sample("change", categorical(anywhere, year));
      plate(year, () => {
        observe("y", poisson(select(index(year).lt(change), early, late)), tensor(y, [year]));
      });
    }),
  };
}

/** Item response with abilities, difficulties and discriminations (2PL). */
export function itemResponse() {
  const draw = new Simulation(6);
  const [student, item] = [axis("student", 120), axis("item", 8)];
  const ability = draw.many(student.size, () => draw.normal());
  const difficulty = draw.many(item.size, (i) => -1 + 0.3 * i);
  const slope = draw.many(item.size, (i) => [0.7, 1, 1.4, 2][i % 4]);
  const right = ability.map((a) =>
    difficulty.map((d, i) => draw.bernoulli(logistic(slope[i] * (a - d)))),
  );
  return {
    truth: { difficulty, slope },
    model: model(({ sample, observe, plate }) => {
      const theta = plate(student, () => sample("ability", normal(0, 1)));
      const [d, s] = plate(item, () => [
        sample("difficulty", normal(0, 2)),
        sample("slope", lognormal(0, 0.5)),
      ]);
      plate(student, () =>
        plate(item, () => {
          const logits = s.mul(theta.sub(d));
          observe(
            "right",
            bernoulli({ logits }),
            tensor(Float32Array.from(right.flat()), [student, item]),
          );
        }),
      );
    }),
  };
}

/** Grades by a covariate, with cutpoints. */
export function grades() {
  const draw = new Simulation(7);
  const [row, grade, cut] = [axis("row", 200), axis("grade", 4), axis("cut", 3)];
  const x = draw.many(row.size, () => draw.normal());
  const cutpoints = [-1, 0.5, 2];
  const y = x.map((v) => {
    const score = 1.2 * v + Math.log(1 / draw.uniform() - 1);
    return cutpoints.filter((c) => score > c).length;
  });
  return {
    truth: { slope: 1.2, cutpoints },
    model: model(({ sample, observe, plate }) => {
      const slope = sample("slope", normal(0, 2));
      const cuts = sample("cutpoints", ordered(normal(0, 5), cut));
      plate(row, () => {
        const eta = slope.mul(tensor(x, [row]));
        observe("y", orderedLogistic(eta, cuts, { cut, category: grade }), tensor(int(y), [row]));
      });
    }),
  };
}

/** Intercepts and slopes of groups that vary together: correlations by LKJ. */
export function varyingSlopes() {
  const draw = new Simulation(14);
  const [group, each, effect, other] = [
    axis("group", 40),
    axis("each", 10),
    axis("effect", 2),
    axis("other", 2),
  ];
  const [means, sds, rho] = [[1, -0.5], [0.8, 0.4], 0.6];
  const effects = draw.many(group.size, () => {
    const z = draw.normal();
    const v = rho * z + Math.sqrt(1 - rho * rho) * draw.normal();
    return [means[0] + sds[0] * z, means[1] + sds[1] * v];
  });
  const x = effects.map(() => draw.many(each.size, () => draw.normal()));
  const y = effects.map(([a, b], g) => x[g].map((v) => draw.normal(a + b * v, 0.3)));
  return {
    truth: { mean: means, sd: sds, correlation: rho, noise: 0.3 },
    model: model(({ sample, observe, plate, deterministic }) => {
      const mean = sample("mean", normal(0, 3).event(effect));
      const sd = sample("sd", halfNormal(1).event(effect));
      const l = sample("factor", lkjCholesky(2, effect, other));
      deterministic("correlation", gather(gather(l, effect, 1), other, 0));
      const noise = sample("noise", halfNormal(1));
      plate(group, () => {
        const b = sample("b", multivariateNormal(mean, { factor: l.mul(sd) }, effect, other));
        const [a, slope] = [gather(b, effect, 0), gather(b, effect, 1)];
        plate(each, () => {
          const line = a.add(slope.mul(tensor(x, [group, each])));
          observe("y", normal(line, noise), tensor(y, [group, each]));
        });
      });
    }),
  };
}

/** Non-centred effects with few data for each group (reparameterisation). */
export function funnel() {
  const draw = new Simulation(18);
  const group = axis("group", 30);
  const effects = draw.many(group.size, () => draw.normal(2, 0.5));
  const y = effects.map((v) => draw.normal(v, 1));
  return {
    truth: { mean: 2, spread: 0.5 },
    model: model(({ sample, observe, plate }) => {
      const [mean, spread] = [sample("mean", normal(0, 5)), sample("spread", halfNormal(1))];
      plate(group, () => {
        const z = sample("z", normal(0, 1));
        observe("y", normal(mean.add(spread.mul(z)), 1), tensor(y, [group]));
      });
    }),
  };
}
