/** Models as people write them who come from NumPyro, PyMC or Stan. */
import * as s from "../../src/index.ts";

/** What is written, the body of the model, and what must be said about it. */
export interface Newcomer {
  readonly what: string;
  readonly body: (sites: Any, data: Any) => unknown;
  readonly says: RegExp;
}

// biome-ignore lint/suspicious/noExplicitAny: types would tell most of this; those who write JavaScript have none
export type Any = any;

const { axis, bernoulli, beta, constant, halfNormal, hurdle, masked, normal, poisson, tensor } =
  s as Any;

/** A table of eight rows in three groups. */
export const PEOPLE = `g,x,y,n,k,grade,date,gap
a,0.1,1.2,3,1,low,2024-01-01,1
a,0.5,1.9,0,2,high,2024-01-02,
a,0.9,2.1,2,3,mid,2024-01-03,2
b,1.4,3.2,5,1,low,2024-01-04,2
b,1.5,2.8,1,2,mid,2024-01-05,3
b,2.2,4.1,4,3,high,2024-01-06,
c,2.5,4.9,2,1,low,2024-01-07,4
c,2.9,5.2,7,2,mid,2024-01-08,5
`;

/** A model. */
export const made = (what: string, says: RegExp, body: Newcomer["body"]): Newcomer => ({
  ...{ what, body, says },
});

/** The distribution of y, made of a latent. */
export const ofLatent = (what: string, says: RegExp, make: (a: Any, data: Any) => Any) =>
  made(what, says, ({ sample, observe, plate }, data) => {
    const a = sample("a", normal(0, 1));
    plate(data.row, () => observe("y", make(a, data), data.column("y")));
  });

/** What is observed, of a normal around a latent. */
export const observing = (what: string, says: RegExp, value: (data: Any) => unknown) =>
  made(what, says, ({ sample, observe, plate }, data) => {
    const a = sample("a", normal(0, 1));
    plate(data.row, () => observe("y", normal(a, 1), value(data)));
  });

/** A prior alone. */
export const prior = (what: string, says: RegExp, make: (data: Any) => unknown) =>
  made(what, says, ({ sample }, data) => sample("a", make(data)));

/** Levels of the groups. */
export const byGroup = (what: string, says: RegExp, take: (levels: Any, data: Any) => unknown) =>
  made(what, says, ({ sample, observe, plate }, data) => {
    const levels = plate(data.axisOf("g"), () => sample("a", normal(0, 1)));
    plate(data.row, () => observe("y", normal(take(levels, data), 1), data.column("y")));
  });

/** Each can be computed, and is told with what to do. */
export const DOUBTED: readonly Newcomer[] = [
  made(
    "if (a)",
    /'a': no observation depends on this latent.*select\(x\.eq\(1\), a, b\)/,
    ({ sample, observe }) => {
      const a = sample("a", bernoulli({ probs: 0.5 }));
      observe("y", normal(a ? 1 : 2, 1), constant(1));
    },
  ),
  made("a === 1", /'a': no observation depends on this latent/, ({ sample, observe }) => {
    const a = sample("a", bernoulli({ probs: 0.5 }));
    observe("y", normal(a === 1 ? 1 : 2, 1), constant(1));
  }),
  made(
    "latents that are not used",
    /'a', 'b': no observation depends on these latents/,
    ({ sample, observe, deterministic }) => {
      const b = sample("b", normal(sample("a", normal(0, 1)), 1));
      deterministic("twice", b.mul(2));
      observe("y", normal(sample("c", normal(0, 1)), 1), constant(1));
    },
  ),
  made("nothing observed", /the model observes nothing/, ({ sample }) => sample("a", normal(0, 1))),
  made(
    "an sd that may be negative",
    /'y': the sd of its normal must be greater than 0.*'sd'.*halfNormal/,
    ({ sample, observe }) => observe("y", normal(0, sample("sd", normal(0, 1))), constant(1)),
  ),
  made(
    "data in a plate too many",
    /lacks the plate 'g', so that each of its numbers counts 3 times/,
    ({ sample, observe, plate }, { row, axisOf, column }) => {
      plate(axisOf("g"), () => {
        const a = sample("a", normal(0, 1));
        plate(row, () => observe("y", normal(a, 1), column("y")));
      });
    },
  ),
];

/** Models of which nothing is said: nothing is wrong with them. */
export const FINE: readonly Omit<Newcomer, "says">[] = [
  {
    what: "predictions among the latents",
    body: ({ sample, observe }) => {
      const mean = sample("mean", normal(0, 1));
      sample("next", normal(mean, 1));
      observe("y", normal(mean, 1), constant(1));
    },
  },
  {
    what: "one value for all elements of a plate",
    body: ({ sample, observe, plate }, { axisOf }) =>
      plate(axisOf("g"), () => observe("y", normal(sample("a", normal(0, 1)), 1), constant(1))),
  },
  {
    what: "positive priors, by other axes made in the model",
    body: ({ sample, observe, plate }) => {
      const sd = sample("sd", halfNormal(1));
      const k = axis("k", 2);
      plate(k, () => observe("y", normal(0, sd), tensor([1, 2], [k])));
    },
  },
  {
    what: "a chance that is given by its probability, of counts made of others",
    body: ({ sample, observe }) => {
      const p = sample("p", beta(1, 1));
      observe("y", hurdle(poisson(2), { probs: p }), constant(1));
    },
  },
  {
    what: "a mask along the plate that data lack",
    body: ({ sample, observe, plate }, { row, axisOf, column, indexOf }) => {
      const g = axisOf("g");
      plate(g, () => {
        const a = sample("a", normal(0, 1));
        const own = indexOf("g").eq(s.index(g));
        plate(row, () => observe("y", masked(normal(a, 1), own), column("y")));
      });
    },
  },
];
