/** Adaptive steps from time to time, as loops. */
import { type Axis, axis } from "../axis.ts";
import { exp, log, maximum, minimum, select } from "../math.ts";
import { scan } from "../scan/scan.ts";
import { cast, constant, type Tensor } from "../tensor.ts";
import type { OdeStep } from "./step.ts";

/** When the state is known, and when it is asked for. */
interface Span {
  readonly start: Tensor;
  /** Over `along`. */
  readonly ends: Tensor;
  readonly along: Axis;
  /** The most steps from one time to the next. */
  readonly maxSteps: number;
}

/** How steps become longer or shorter (Hairer, Norsett and Wanner, "Solving Ordinary Differential Equations I", 1993, II.4). */
const [SAFETY, LEAST_FACTOR, MOST_FACTOR] = [0.9, 0.2, 5];

/** Of an element: under way, at the end, or without a step that is short enough. */
const [UNDER_WAY, REACHED, STUCK] = [0, 1, 2].map((x) => constant(x, "int32"));

type Carries = Readonly<Record<string, Tensor>>;

/** The state and its derivatives at each end, over the axis of the ends; NaN from the first that is not reached. */
export function integrate(
  step: OdeStep,
  initial: readonly Tensor[],
  parameters: readonly Tensor[],
  { start, ends, along, maxSteps }: Span,
): { readonly values: readonly Tensor[]; readonly slopes: readonly (readonly Tensor[])[] } {
  const { open } = step;
  const names = initial.map((_, k) => `y ${k}`);
  const slopeNames = initial.map((_, k) => open.map((_, d) => `dy ${k} ${d}`));
  /** Carries from state and derivatives, and back. */
  const packed = (state: readonly Tensor[], slopes: readonly (readonly Tensor[])[]): Carries =>
    Object.fromEntries([
      ...names.map((name, k) => [name, state[k]]),
      ...slopeNames.flatMap((row, k) => row.map((name, d) => [name, slopes[k][d]])),
    ]);
  const unpacked = (carries: Carries) => ({
    state: names.map((name) => carries[name]),
    slopes: slopeNames.map((row) => row.map((name) => carries[name])),
  });
  const begun = packed(
    initial,
    initial.map((_, k) => open.map((i) => constant(i === k ? 1 : 0, "float64"))),
  );
  const stepAxis = axis("step", maxSteps);

  /** One step, which is taken where its error is small enough. */
  const turn = (now: Carries, end: Tensor): Carries => {
    const rest = end.sub(now.t);
    const isLast = now.h.ge(rest);
    const length = select(isLast, rest, now.h);
    const { state, slopes } = unpacked(now);
    const { size, next, slopes: moved } = step.take(state, slopes, parameters, now.t, length);
    const isUnderWay = now.done.eq(UNDER_WAY);
    const isTaken = select(isUnderWay, size.le(1), cast(constant(0), "uint8"));
    const wanted = exp(log(size).mul(-1 / step.order)).mul(SAFETY);
    const factor = minimum(maximum(wanted, LEAST_FACTOR), MOST_FACTOR);
    const grown = length.mul(select(size.eq(size), factor, LEAST_FACTOR));
    // A step that was cut off at the end says little about how long the next may be.
    const proposed = select(isTaken, select(isLast, maximum(now.h, grown), grown), grown);
    const isStuck = now.t.add(length).le(now.t);
    const done = select(
      isTaken,
      select(isLast, REACHED, UNDER_WAY),
      select(isStuck, STUCK, UNDER_WAY),
    );
    const [before, after] = [packed(state, slopes), packed(next, moved)];
    const chosen = Object.keys(before).map((name) => [
      name,
      select(isTaken, after[name], before[name]),
    ]);
    return {
      ...Object.fromEntries(chosen),
      t: select(isTaken, select(isLast, end, now.t.add(length)), now.t),
      h: select(isUnderWay, proposed, now.h),
      done: select(isUnderWay, done, now.done),
    };
  };

  const { outputs } = scan<Carries, Carries>(
    along,
    { ...begun, t: start, h: step.firstStep(initial, parameters, start) },
    (carries, { at }) => {
      const end = at(ends);
      const reached = select(end.eq(carries.t), REACHED, UNDER_WAY);
      const first: Carries = { ...carries, done: select(end.lt(carries.t), STUCK, reached) };
      const { last } = scan(stepAxis, first, (now) => ({ carries: turn(now, end) }), {
        until: "done",
      });
      const { done, t, h, ...rest } = last;
      const { state, slopes } = unpacked(rest);
      const isReached = done.eq(REACHED);
      const values = packed(
        state.map((x) => select(isReached, x, Number.NaN)),
        slopes,
      );
      return { carries: { ...values, t, h }, outputs: values };
    },
  );
  const { state, slopes } = unpacked(outputs);
  return { values: state, slopes };
}
