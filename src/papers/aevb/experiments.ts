/** The cells of each experiment. */
import { join } from "node:path";
import { type CellPlan, type PlannedImages, planImages, seedsOf } from "../../experiments/index.ts";
import type { Budget, Kind, Trainings } from "./budgets.ts";
import { autoencoderCell, BATCH } from "./cells/autoencoder.ts";
import type { AevbConfig, AevbResult, Method } from "./cells/settings.ts";
import { TRAJECTORIES } from "./judges.ts";

type Plan = CellPlan<AevbConfig, AevbResult>;

/** The data sets, and the hidden units that the paper takes for each. */
const SETS = {
  mnist: { name: "mnist-static", hidden: 500 },
  frey: { name: "freyface", hidden: 200 },
};
/** Of the autoencoders of the third figure. */
const FIGURE_3 = { hidden: 100, latents: 3 };
/** The code of the autoencoder whose weights are latents too. */
const FULL_VB_LATENTS = 10;
/** Among which the paper chooses. */
const CANDIDATES = [0.01, 0.02, 0.1];
/**
 * Step sizes of Adagrad: of the candidates, those by which the bound of training images is the highest after the
 * first 500 steps, as the paper chooses them, of Monte Carlo EM the marginal likelihood:
 * `surmise reproduce aevb rates --budget short` shows them.
 */
const RATES: Readonly<Record<Kind, Readonly<Partial<Record<Method, number>>>>> = {
  mnist: { aevb: 0.02, wakeSleep: 0.01, fullVb: 0.02 },
  wide: { aevb: 0.01, wakeSleep: 0.01 },
  frey: { aevb: 0.01, wakeSleep: 0.01 },
  small: { aevb: 0.1, wakeSleep: 0.02, mcem: 0.1 },
};
/** By what trainings of each kind differ. */
const KINDS: Readonly<Record<Kind, Pick<AevbConfig, "data" | "hidden" | "latents">>> = {
  mnist: { data: "mnist", hidden: SETS.mnist.hidden, latents: 10 },
  wide: { data: "mnist", hidden: SETS.mnist.hidden, latents: 200 },
  frey: { data: "frey", hidden: SETS.frey.hidden, latents: 10 },
  small: { data: "mnist", ...FIGURE_3 },
};
/** More than there are. */
const ALL = 1_000_000;

/**
 * What each experiment runs at a budget.
 */
export const EXPERIMENTS = {
  rates: async ({ rates, fig3, judged }: Budget): Promise<Plan[]> => {
    const plans: Plan[] = [];
    for (const kind of rates.kinds) {
      const images = planImages(SETS[KINDS[kind].data].name);
      const cells = (Object.keys(RATES[kind]) as Method[]).flatMap((method) =>
        candidates(kind, method).map((rate) => ({
          method,
          rate,
          ...judgedBy(method, fig3.judged),
        })),
      );
      plans.push(
        ...plansOfCells("Step sizes", images, rates, cells, {
          ...{ experiment: "rates", judge: "bound", judged, ...KINDS[kind] },
          trainImages: kind === "small" ? fig3.small : ALL,
        }),
      );
    }
    return plans;
  },
  fig2: async ({ fig2, judged }: Budget): Promise<Plan[]> => {
    const plans: Plan[] = [];
    for (const data of ["mnist", "frey"] as const) {
      const images = planImages(SETS[data].name);
      const cells = fig2.latents[data].flatMap((latents) =>
        (["aevb", "wakeSleep"] as const).map((method) => ({ method, latents })),
      );
      plans.push(
        ...plansOfCells("Figure 2: lower bound", images, fig2, cells, {
          ...{ experiment: "fig2", data, judge: "bound", judged },
          ...{ hidden: SETS[data].hidden, trainImages: ALL },
        }),
      );
    }
    return plans;
  },
  fig3: async ({ fig3 }: Budget): Promise<Plan[]> => {
    const { small, large, judged } = fig3;
    const cells = [
      ...(["aevb", "wakeSleep", "mcem"] as const).map((method) => ({ method, trainImages: small })),
      ...(["aevb", "wakeSleep"] as const).map((method) => ({ method, trainImages: large })),
    ];
    const images = planImages(SETS.mnist.name);
    return plansOfCells("Figure 3: marginal likelihood", images, fig3, cells, {
      ...{ experiment: "fig3", data: "mnist", judge: "evidence", judged, ...FIGURE_3 },
    });
  },
  manifolds: async ({ manifolds, judged }: Budget): Promise<Plan[]> => {
    const plans: Plan[] = [];
    for (const data of ["mnist", "frey"] as const) {
      const images = planImages(SETS[data].name);
      plans.push(
        ...plansOfCells("Manifolds: two latents", images, manifolds, [{ method: "aevb" }], {
          ...{ experiment: "manifolds", data, judge: "bound", judged, latents: 2 },
          ...{ hidden: SETS[data].hidden, trainImages: ALL },
        }),
      );
    }
    return plans;
  },
  "full-vb": async ({ fullVb, judged }: Budget): Promise<Plan[]> => {
    const images = planImages(SETS.mnist.name);
    const cells = (["aevb", "fullVb"] as const).map((method) => ({ method }));
    return plansOfCells("Full variational Bayes", images, fullVb, cells, {
      ...{ experiment: "full-vb", data: "mnist", judge: "bound", judged, trainImages: ALL },
      ...{ hidden: fullVb.hidden, latents: FULL_VB_LATENTS },
    });
  },
};

/** A key of `EXPERIMENTS`. */
export type ExperimentName = keyof typeof EXPERIMENTS;

type Varied = Pick<AevbConfig, "method"> & Partial<AevbConfig>;
type Shared = Pick<AevbConfig, "experiment" | "data" | "judge" | "judged" | "hidden"> &
  Partial<AevbConfig>;

/** The cells that are what is `shared` but for what is `varied`, each with all seeds. */
function plansOfCells(
  title: string,
  images: PlannedImages,
  { samples, seeds, points }: Trainings,
  varied: readonly Varied[],
  shared: Shared,
): Plan[] {
  return seedsOf(seeds).flatMap((seed) =>
    varied.map((own) => {
      const both = { ...shared, ...own };
      const { trainImages = ALL, latents = FIGURE_3.latents } = both;
      const config: AevbConfig = {
        ...{ ...both, samples, points, seed, latents },
        trainImages: Math.min(trainImages, images.counts.train),
        rate: own.rate ?? rateOf({ ...both, latents }),
      };
      return {
        title,
        config,
        folder: join(shared.experiment, nameOf(config)),
        evaluationSteps: evaluationSteps(config),
        open: async () => autoencoderCell(config, await images.load()),
      };
    }),
  );
}

/** Monte Carlo EM has no encoder, and so no bound: its marginal likelihood tells in the place of it. */
function judgedBy(method: Method, judged: number): Partial<AevbConfig> {
  return method === "mcem" ? { judge: "evidence", judged } : {};
}

/** Step sizes to try; by the largest, wake-sleep of wide codes is no longer finite at its third step. */
function candidates(kind: Kind, method: Method): readonly number[] {
  const most = kind === "wide" && method === "wakeSleep" ? 0.02 : 0.1;
  return CANDIDATES.filter((rate) => rate <= most);
}

/** The step size of the kind that a training is of. */
function rateOf({
  experiment,
  data,
  latents,
  method,
}: Omit<Shared, "latents"> & Pick<AevbConfig, "latents" | "method">) {
  const isWide = data === "mnist" && latents >= KINDS.wide.latents;
  return RATES[experiment === "fig3" ? "small" : isWide ? "wide" : data][method] ?? CANDIDATES[0];
}

function nameOf({
  experiment,
  data,
  latents,
  trainImages,
  method,
  rate,
  seed,
}: AevbConfig): string {
  const tried = experiment === "rates" ? `-${rate}` : "";
  return `${data}-${latents}-${trainImages}-${method}${tried}-seed${seed}`;
}

/** What the points of the curve take, in training steps. */
function evaluationSteps({ points, judge, judged }: AevbConfig): number {
  const passes = judge === "bound" ? 1 / 3 : (4 * TRAJECTORIES) / 2;
  return Math.round((points * 2 * judged * passes) / BATCH);
}
