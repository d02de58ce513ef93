/** The memory that draws take, counted before anything is drawn. */
import { describeBytes, machineMemory } from "../../runtime/internal.ts";
import { type Axis, describeAxes, SurmiseError, sizeOf } from "../../tensor/internal.ts";

/** A site of which draws are kept. */
interface DrawnSite {
  readonly name: string;
  readonly axes: readonly Axis[];
}

/** A draw is kept in float64. */
const BYTES = 8;

/** What the draws of one number take beside, while they are weighed, sorted and ranked: measured, for each draw. */
const SUMMARY_BYTES = 72;

/** The most elements of an array. */
const MOST = 2 ** 32 - 1;

/** @throws SurmiseError naming the largest site, if so many draws of all sites, with what summaries take, are more than the machine's memory. */
export function checkDrawsFit(sites: readonly DrawnSite[], draws: number): void {
  const numbers = sites.reduce((sum, { axes }) => sum + sizeOf(axes), 0);
  const bytes = draws * (BYTES * numbers + SUMMARY_BYTES);
  const largest = sites.reduce<DrawnSite | undefined>(
    (a, b) => (a === undefined || sizeOf(b.axes) > sizeOf(a.axes) ? b : a),
    undefined,
  );
  if (largest === undefined) return;
  const most = machineMemory();
  if (bytes <= most && draws * sizeOf(largest.axes) <= MOST) return;
  const than = bytes > most ? `the ${describeBytes(most)} of this machine` : "an array can hold";
  throw new SurmiseError(
    `${draws} draws need ${describeBytes(bytes)} of memory, more than ${than}; the largest site is ` +
      `'${largest.name}' over ${describeAxes(largest.axes)}, with ${sizeOf(largest.axes)} numbers in each draw: ` +
      "take fewer draws",
  );
}
