/** Observations with gaps. */
import {
  improperUniform,
  type MomentsHint,
  REAL,
  type Support,
} from "../../distributions/index.ts";
import {
  type Axis,
  axis,
  CONDITION,
  cast,
  checkArguments,
  FUNCTION,
  gatherClamped,
  labelsAt,
  maximum,
  OBJECT,
  optional,
  optionsWith,
  SurmiseError,
  select,
  sqrt,
  square,
  sum,
  TENSOR,
  type Tensor,
  tensor,
} from "../../tensor/internal.ts";
import type { Sites } from "../model.ts";

/** Observations with gaps, which `inferGaps` makes latent. */
export interface Gappy {
  /** What was observed; anything where nothing was. */
  readonly value: Tensor;
  /** Known values, uint8: 1 where there is a value, 0 in the gaps. The same at each run of the model. */
  readonly present: Tensor;
  /** Where values may lie; the real line unless given. */
  readonly support?: Support;
}

/**
 * A value whose gaps are latents: `NAME.missing`, along an axis `NAME gap`. They have no density of
 * their own but that which the statement that observes the value gives them. To be called outside
 * the plates of the value. (To leave the gaps out instead, observe with `masked(..., present)`.)
 *
 * @throws SurmiseError if `present` is no tensor of known values, or it is called inside a plate of the value.
 *
 * @example
 * const height = inferGaps(sample, "height", { value: column("height", [row], { missing: 0 }), present: present("height") });
 * plate(row, () => observe("height", normal(mean, 10), height));
 */
export function inferGaps(sample: Sites["sample"], name: string, gappy: Gappy): Tensor {
  checkArguments("inferGaps", { sample }, FUNCTION);
  checkArguments(
    "inferGaps",
    { gappy },
    optionsWith<Gappy>({ value: TENSOR, present: CONDITION, support: optional(OBJECT) }),
  );
  const { value, present, support = REAL } = gappy;
  const { gap, place } = gapsOf(name, present);
  if (gap === undefined) return value;
  const prior = improperUniform(support, value.dtype, momentsOf(value, present));
  const missing = sample(`${name}.missing`, prior.event(gap));
  const plate = present.axes.find((a) => missing.has(a));
  if (plate !== undefined) {
    throw new SurmiseError(
      `gaps of '${name}': inferGaps is called inside plate '${plate.name}', which the gaps lie along: call it before that`,
    );
  }
  return select(present, value, gatherClamped(missing, gap, place));
}

/** The mean and the standard deviation of what is present. */
function momentsOf(value: Tensor, present: Tensor): MomentsHint {
  const known = select(present, value, 0);
  const count = sum(cast(present, value.dtype));
  const average = (x: Tensor) => sum(x).div(maximum(count, 1));
  const mean = average(known);
  const sd = sqrt(average(select(present, square(value.sub(mean)), 0)));
  return { mean, sd: select(sd.gt(0), sd, 1) };
}

interface Gaps {
  /** The gaps, in row-major order; undefined if there are none. */
  readonly gap: Axis | undefined;
  /** For each gap its place along that axis; 0 for what is present. */
  readonly place: Tensor;
}

interface Known extends Gaps {
  readonly name: string;
  readonly order: readonly Axis[];
  readonly data: ArrayLike<number>;
}

/** One axis for the gaps of each name and mask, so that model and guide, and each run of them, have the same. */
const KNOWN = new WeakMap<Axis, Known[]>();

function gapsOf(name: string, present: Tensor): Gaps {
  const { operation } = present;
  if (operation.op !== "literal") {
    throw new SurmiseError(
      `gaps of '${name}': \`present\` must be a tensor of known values, such as tensor(...) or a ` +
        "column's present(...)",
    );
  }
  const { data, order } = operation;
  const all = (order.length > 0 && KNOWN.get(order[0])) || [];
  const same = (other: Known) =>
    other.name === name &&
    other.order.length === order.length &&
    other.order.every((a, i) => a === order[i]) &&
    other.data.length === data.length &&
    data.every((there: number, at: number) => there === other.data[at]);
  const known = all.find(same);
  if (known !== undefined) return known;
  const labels: string[] = [];
  const places = Int32Array.from(data, (there, at) => {
    return there ? 0 : labels.push(labelsAt(order, at).join(",")) - 1;
  });
  const gap = labels.length === 0 ? undefined : axis(`${name} gap`, labels.length, labels);
  const found = { name, order, data, gap, place: tensor(places, order) };
  if (order.length > 0) KNOWN.set(order[0], [...all, found]);
  return found;
}
