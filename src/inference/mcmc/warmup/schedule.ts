/** What happens after each transition of warm-up. */

/** The work after one transition of warm-up. */
export interface Adaptation {
  /** Whether the point goes into the estimate of the metric. */
  readonly observe: boolean;
  /** Whether a new metric is made, before the window ends. */
  readonly update: boolean;
  /** Whether the window ends. */
  readonly nextWindow: boolean;
  /** Whether the step size is searched anew for a new metric. */
  readonly restart: "always" | "first";
  /** Whether the step size is made for the symmetric acceptance. */
  readonly symmetric: boolean;
}

/** A plan of warm-up. */
export interface Schedule {
  /** The step size of each transition is multiplied by a uniform number from 1 - jitter to 1 + jitter. */
  readonly jitter: number;
  /** The step size that the search begins at. */
  readonly firstStepSize: number;
  /** Whether trajectories are short until the first window ends: no length makes up for the metric of a start. */
  readonly beginsShort: boolean;
  /**
   * The work after transition `i` of `warmup`, both counted from 0, with `count` points in the window that comes next, of a
   * metric that needs `least` of them.
   */
  after(i: number, warmup: number, count: number, least: number): Adaptation;
}

/** Shares of warm-up: of the early part, and of the last one, which adapts the step size alone. */
const [EARLY, LAST] = [0.3, 0.15];
/** The lengths of windows, in draws. */
const [EARLY_WINDOW, WINDOW, GROWTH] = [10, 80, 1.5];

/**
 * Overlapping windows, with a new metric after every draw (nutpie; Seyboldt, Carlson and Carpenter, 2026, arXiv
 * 2603.18845, section 4): windows end every 10 draws in the first 30 % of warm-up, or as soon as the metric has the points
 * that it needs, then after 80, 120, ... as long as another one fits before the last 15 %.
 */
export const overlappingWindows: Schedule = {
  jitter: 0.1,
  firstStepSize: 0.1,
  beginsShort: true,
  after(i, warmup, count, least) {
    const last = warmup - Math.ceil(LAST * warmup);
    const observe = i < last;
    const isEarly = i < EARLY * warmup;
    const length = isEarly ? Math.max(EARLY_WINDOW, least) : windowAt(i - EARLY * warmup);
    const fits = i + length < last;
    return {
      observe,
      update: observe,
      nextWindow: observe && fits && count >= length,
      restart: "first",
      symmetric: !isEarly && !fits,
    };
  },
};

/** The length of the window that transition `i` after the early part belongs to. */
function windowAt(i: number): number {
  let length = WINDOW;
  for (let end = length; end <= i; end += length) length = Math.ceil(GROWTH * length);
  return length;
}

/** Stan's: transitions before the first window, of the first window, and after the last one. */
const [INITIAL, BASE, TERMINAL] = [75, 25, 50];
/** With fewer transitions there is no new metric. */
const LEAST = 20;

/**
 * Windows that double in length, 25, 50, 100, ..., between 75 transitions at the beginning and 50 at the end, each with
 * a new metric at its end, for which the step size is searched anew (Stan reference manual, "Adaptation").
 */
export const doublingWindows: Schedule = {
  jitter: 0,
  firstStepSize: 1,
  beginsShort: false,
  after(i, warmup) {
    const ends = windowEnds(warmup);
    const [first, last] = [ends[0], ends[ends.length - 1]];
    const isEnd = ends.indexOf(i + 1) > 0;
    return {
      observe: i >= first && i < last,
      update: isEnd,
      nextWindow: isEnd,
      restart: "always",
      symmetric: false,
    };
  },
};

/** The first transition of the first window, and the ends of all, exclusive. */
function windowEnds(warmup: number): number[] {
  if (warmup < LEAST) return [warmup, warmup];
  const fits = INITIAL + BASE + TERMINAL <= warmup;
  const initial = fits ? INITIAL : Math.floor(0.15 * warmup);
  const last = warmup - (fits ? TERMINAL : Math.floor(0.1 * warmup));
  const ends = [initial];
  for (let size = fits ? BASE : last - initial; ends[ends.length - 1] < last; size *= 2) {
    const end = ends[ends.length - 1] + size;
    ends.push(end + 2 * size > last ? last : end);
  }
  return ends;
}
