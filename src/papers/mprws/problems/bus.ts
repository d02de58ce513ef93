/**
 * Delays of school buses (Heap, Leech and Aitchison, UAI 2023, section 5), in minutes,
 *
 *     sigmaBeta, sigmaAlpha_borough, sigma_id ~ categorical,  muBeta ~ normal(0, 1e-4),
 *     beta_year ~ normal(muBeta, exp(sigmaBeta)),  alpha_year,borough ~ normal(beta_year, exp(sigmaAlpha_borough)),
 *     phi_id (of companies), psi_id (of run types) ~ normal(0, exp(sigma_id)),
 *     delay_year,borough,id ~ negativeBinomial(130, logit = alpha + phi_id[company] + psi_id[run type]).
 *
 * The plate of ids crosses those of years and boroughs, and the plate of sigmaAlpha that of beta. So phi and
 * psi, which meet alpha in each delay, and sigmaAlpha, which meets beta in alpha, share one axis of massively
 * parallel particles, eliminated outside all plates. The others have axes of their own.
 */
import type { Buses, BusRows } from "../../../data/index.ts";
import { type Distribution, negativeBinomial, normal } from "../../../distributions/index.ts";
import { bound, global } from "../../../inference/internal.ts";
import { model, type Sites } from "../../../model/index.ts";
import {
  type Axis,
  axis,
  cast,
  checkArguments,
  exp,
  gather,
  NUMBER,
  objectWith,
  sum,
  type Tensor,
  tensor,
} from "../../../tensor/internal.ts";
import {
  type ClosedModel,
  freeNormal,
  freeScale,
  type LatentDraws,
  type PredictiveProblem,
  scalePrior,
} from "../problem.ts";

const TOTAL = 130;
const MU_SD = 1e-4;

/** Draws of phi and psi for each new id, by which its likelihood is averaged. */
const NEW_ID_DRAWS = 1000;

/** What is known of the problem without its data. */
export const BUS_FACTS = {
  title: "School buses",
  drawsPerSet: 1,
  evaluationsPerSet: NEW_ID_DRAWS,
};

/** Over year, borough and id. */
interface Rows {
  readonly id: Axis;
  readonly delay: Tensor;
  readonly company: Tensor;
  readonly runType: Tensor;
}

/** The plates, and the event axes of phi and psi. */
interface Axes {
  readonly year: Axis;
  readonly borough: Axis;
  readonly company: Axis;
  readonly runType: Axis;
}

/** Delays of buses, given years, boroughs, companies and types of journey (section 5 of the paper). */
export function busProblem(data: Buses): PredictiveProblem {
  checkArguments("busProblem", { data }, objectWith({ years: NUMBER }));
  const axes = {
    year: axis("year", data.years),
    borough: axis("borough", data.boroughs),
    company: axis("company", data.companies),
    runType: axis("run type", data.runTypes),
  };
  const rows = ({ delay, company, runType }: BusRows): Rows => {
    const id = axis("id", data.ids);
    const over = [axes.year, axes.borough, id];
    return {
      id,
      delay: tensor(Float32Array.from(delay), over),
      company: tensor(company, over),
      runType: tensor(runType, over),
    };
  };
  const train = rows(data.train);
  const test = rows(data.test);
  return {
    ...BUS_FACTS,
    model: modelOf(axes, train),
    guide: guideOf(axes, train.id),
    groups: [["sigmaAlpha", "phi", "psi"]],
    predictive: (drawn) => predictive(axes, test, drawn),
  };
}

function modelOf(axes: Axes, rows: Rows): ClosedModel {
  const { year, borough } = axes;
  return model((sites) => {
    const { sample, plate } = sites;
    const sigmaBeta = sample("sigmaBeta", scalePrior([0.1, 0.5, 0.4, 0.05, 0.05]));
    const muBeta = sample("muBeta", normal(0, MU_SD));
    const beta = plate(year, () => sample("beta", normal(muBeta, sdOf(sigmaBeta))));
    const sigmaAlpha = plate(borough, () =>
      sample("sigmaAlpha", scalePrior([0.1, 0.4, 0.05, 0.5, 0.05])),
    );
    const alpha = plate(year, () =>
      plate(borough, () => sample("alpha", normal(beta, sdOf(sigmaAlpha)))),
    );
    observeDelays(sites, axes, rows, alpha);
  });
}

/** The delays of some ids, given alpha. */
function observeDelays(sites: Sites, axes: Axes, rows: Rows, alpha: Tensor): void {
  const { observe, plate } = sites;
  const { year, borough, company, runType } = axes;
  const { phi, psi } = sampleIds(sites, axes, rows.id);
  const ofCompany = gather(phi, company, rows.company);
  const ofRunType = gather(psi, runType, rows.runType);
  const logits = alpha.add(ofCompany).add(ofRunType);
  const delay = negativeBinomial({ total: TOTAL, logits });
  plate(year, () =>
    plate(borough, () => plate(rows.id, () => observe("delay", delay, rows.delay))),
  );
}

/** phi and psi of each id, from their prior. */
function sampleIds({ sample, plate }: Sites, { company, runType }: Axes, id: Axis) {
  return plate(id, () => {
    const sd = sdOf(sample("sigma", scalePrior([0.1, 0.4, 0.5, 0.05, 0.05])));
    return {
      phi: sample("phi", centred(sd).event(company)),
      psi: sample("psi", centred(sd).event(runType)),
    };
  });
}

function guideOf({ year, borough, company, runType }: Axes, id: Axis): ClosedModel {
  return model(({ sample, plate, param }) => {
    sample("sigmaBeta", freeScale(param, "sigmaBeta"));
    sample("muBeta", freeNormal(param, "muBeta", [], MU_SD));
    plate(year, () => sample("beta", freeNormal(param, "beta", [year])));
    plate(borough, () => sample("sigmaAlpha", freeScale(param, "sigmaAlpha", [borough])));
    plate(year, () =>
      plate(borough, () => sample("alpha", freeNormal(param, "alpha", [year, borough]))),
    );
    plate(id, () => {
      sample("sigma", freeScale(param, "sigma", [id]));
      sample("phi", freeNormal(param, "phi", [id, company]).event(company));
      sample("psi", freeNormal(param, "psi", [id, runType]).event(runType));
    });
  });
}

/**
 * The test rows are those of other ids, whose phi and psi come from the prior. Given alpha they are
 * independent, so the likelihood of each id is averaged on its own, over draws of its phi and psi.
 */
function predictive(
  axes: Axes,
  rows: Rows,
  { draws, along, key, parameters }: LatentDraws,
): Tensor {
  const alpha = sum(draws.alpha, along);
  const { bound: logLikelihood } = bound({
    model: model((sites) => observeDelays(sites, axes, rows, alpha)),
    guide: model((sites) => sampleIds(sites, axes, rows.id)),
    data: undefined,
    key,
    parameters,
    particles: global(NEW_ID_DRAWS),
    gradient: "none",
  });
  return logLikelihood;
}

const sdOf = (level: Tensor): Tensor => exp(cast(level, "float32"));
const centred = (sd: Tensor): Distribution => normal(0, sd);
