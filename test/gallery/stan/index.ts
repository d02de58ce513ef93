/** Models of Stan's user's guide, as one would write them here, on data drawn from known numbers. */
import type { Gallery } from "../gallery.ts";
import {
  areasImproper,
  areasProper,
  epidemic,
  latentProcess,
  movingAverage,
  volatility,
} from "./dependent.ts";
import {
  captures,
  changePoint,
  funnel,
  grades,
  itemResponse,
  normalMixture,
  varyingSlopes,
} from "./groups.ts";
import {
  manyZeros,
  measurementError,
  missingValues,
  robust,
  survival,
  truncatedAndCensored,
} from "./observed.ts";

export const STAN: Gallery = {
  "measurement error": measurementError,
  "missing values": missingValues,
  "truncated and censored": truncatedAndCensored,
  "mixture of normals": normalMixture,
  "capture and recapture": captures,
  "item response": itemResponse,
  "ordered logistic": grades,
  "latent Gaussian process": latentProcess,
  epidemic,
  "moving average": movingAverage,
  "stochastic volatility": volatility,
  "areas, improper": areasImproper,
  "areas, proper": areasProper,
  "varying slopes": varyingSlopes,
  survival,
  "many zeros": manyZeros,
  "change point": changePoint,
  "few data for each group": funnel,
  robust,
};
