import { isSubsampled } from "../../../model/internal.ts";
import {
  AXIS,
  type Axis,
  checkArguments,
  constant,
  gatherClamped,
  input,
  mean,
  optional,
  optionsWith,
  TENSOR,
  type Tensor,
} from "../../../tensor/internal.ts";
import { addToRows } from "../../process/minibatch.ts";
import type { Need } from "../../requirements/combination.ts";
import { type Control, DECAY, elementsOf, type LearningSignal } from "./control.ts";

/** Which data the elements of a plate that holds a minibatch are. */
export interface DatumRows {
  /** The axis of the plate. */
  readonly batch: Axis;
  /** The axis of all data. */
  readonly row: Axis;
  /**
   * The rows of the minibatch, as `minibatchRows` gives them: int32 over `batch`; one that comes twice is kept as it is
   * last.
   */
  readonly rows: Tensor;
}

/** What an argument that is `DatumRows` must be. */
export const DATUM_ROWS = optionsWith<DatumRows>({ batch: AXIS, row: AXIS, rows: TENSOR });

/**
 * One number for each element of a latent's plates, kept over the whole data set: the running mean of its own
 * signal, with a decay of 0.9 (the local control variate of Ruiz and Titsias, ICML 2019). Its state is
 * `LATENT#control`, float64 over the plates.
 *
 * @param datum of a plate that holds a minibatch, which data its elements are.
 *
 * @example score(controls.perDatum({ batch, row, rows: minibatchRows(row, batch, step, runKey) }))
 */
export function perDatum(datum?: DatumRows): Control {
  checkArguments("perDatum", { datum }, optional(DATUM_ROWS));
  return {
    name: "PerDatum",
    about:
      "the score function, with a running mean for each element of the plates as control variate",
    source: "Ruiz and Titsias, ICML 2019",
    requires: [knownData(datum)],
    apply: (signal) => (datum === undefined ? whole(signal) : inBatch(signal, datum)),
  };
}

/** Of a minibatch, which data it holds. */
const knownData =
  (datum: DatumRows | undefined): Need =>
  ({ model }) => {
    const unknown = model.latents
      .flatMap(({ name, plates }) => plates.map((plate) => ({ name, plate })))
      .find(({ plate }) => isSubsampled(plate) && plate.axis !== datum?.batch);
    if (unknown === undefined) return undefined;
    return (
      `latent '${unknown.name}': plate '${unknown.plate.axis.name}' holds a minibatch, and a control variate for ` +
      "each datum must know which: give controls.perDatum({ batch, row, rows }), or use the scalar one"
    );
  };

const nameOf = ({ latent }: LearningSignal) => `${latent.name}#control`;

/** The signal without its averages. */
function averaged({ value, estimate }: LearningSignal): Tensor {
  const axes = estimate.averages.filter((a) => value.has(a));
  return axes.length === 0 ? value : mean(value, ...axes);
}

function whole(signal: LearningSignal) {
  const name = nameOf(signal);
  const before = input(name, elementsOf(signal), "float64");
  const after = before.mul(DECAY).add(averaged(signal).mul(1 - DECAY));
  return {
    value: signal.value.sub(before),
    state: { initial: { [name]: constant(0, "float64") }, updates: [[before, after]] as const },
  };
}

function inBatch(signal: LearningSignal, { batch, row, rows }: DatumRows) {
  const elements = elementsOf(signal);
  if (!elements.includes(batch)) return whole(signal);
  const name = nameOf(signal);
  const all = input(
    name,
    elements.map((a) => (a === batch ? row : a)),
    "float64",
  );
  const before = gatherClamped(all, row, rows);
  const change = averaged(signal)
    .sub(before)
    .mul(1 - DECAY);
  return {
    value: signal.value.sub(before),
    state: {
      initial: { [name]: constant(0, "float64") },
      updates: [[all, addToRows(all, change, { batch, row, rows })]] as const,
    },
  };
}
