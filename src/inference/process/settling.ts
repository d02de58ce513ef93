/**
 * A learning rate and a length that find themselves: a rate is kept until the averages of the parameters over windows of
 * steps come to rest, then made smaller, and training ends once they hardly move at a small one; what is trained is
 * the average over the last window. In the manner of RABVI (Welandawe and others, "Robust, automated, and accurate
 * black-box variational inference", arXiv 2203.15945), with the movement of averages in the place of R-hat.
 */
import type { Param, ParamStore } from "../../model/internal.ts";
import { adam, type Optimiser } from "../../optim/index.ts";
import type { Program } from "../../runtime/index.ts";
import { cast, constant, input, select, type Tensor } from "../../tensor/internal.ts";
import type { Algorithm } from "./algorithm.ts";
import { learningRateScaleOf } from "./optimisation.ts";
import type { ProgramState } from "./state.ts";

/** Steps that an average is over. */
const WINDOW = 100;
/** How the rate falls: from 0.05, each time to a third. */
const FIRST_RATE = 0.05;
const FALL = 3;
/** How many windows a rate is kept at most, so that one that is too large for a model to come to rest is left. */
const MOST_WINDOWS = 6;
/** The rate at which training may end. */
const LAST_RATE = 0.002;
/** Movements from window to window, in standard deviations of the posterior: at the end; and of a fit that still travels. */
const AT_REST = 0.02;
const TRAVELLING = 0.3;
/** A movement that is not smaller than such a share of the one before is noise. */
const NOISE = 0.7;

/** The memory of the gradients' squares is short, so that the large ones of the beginning are forgotten. */
const BETA_2 = 0.95;

const RATE = "#rate";
const COUNT = "#window";
const WINDOWS = "#windows";
const MOVED = "#moved";
const SETTLED = "#settled";

const averageOf = (param: string) => `${param}#average`;
const beforeOf = (param: string) => `${param}#before`;

/** Adam whose rate is a part of the state, for `settling`. */
export function settlingAdam(): Optimiser {
  const rate = () => input(RATE, [], "float32");
  return adam(Object.defineProperty(rate, "name", { value: "settling" }), { beta2: BETA_2 });
}

/** What training carries besides the parameters: rate, count, averages. */
export function settlingState(store: ParamStore): Pick<Algorithm, "initial" | "updates"> {
  const [rate, moved] = [RATE, MOVED].map((name) => input(name, [], "float32"));
  const [count, settled, windows] = [COUNT, SETTLED, WINDOWS].map((name) =>
    input(name, [], "int32"),
  );
  const next = count.add(1);
  const initial: Record<string, Tensor> = {
    [RATE]: constant(FIRST_RATE),
    [MOVED]: constant(1e9),
    [COUNT]: constant(0, "int32"),
    [SETTLED]: constant(0, "int32"),
    [WINDOWS]: constant(0, "int32"),
  };
  const updates: [Tensor, Tensor][] = [
    [rate, rate],
    [moved, moved],
    [settled, settled],
    [windows, windows],
    [count, next],
  ];
  for (const { name, axes, dtype, value } of store.list()) {
    const [average, before] = [averageOf, beforeOf].map((of) => input(of(name), axes, dtype));
    const grown = average.add(value.sub(average).div(cast(next, dtype)));
    updates.push([average, select(count.gt(0), grown, value)], [before, before]);
    for (const naming of [averageOf, beforeOf]) initial[naming(name)] = constant(0, dtype);
  }
  return { initial, updates };
}

/** What the host does between windows, and how it is known that training has ended. */
export function settling(store: ParamStore): Required<Pick<Algorithm, "between" | "finished">> {
  return {
    between: {
      next: (step) => Math.max(1, Math.ceil(step / WINDOW)) * WINDOW,
      run: (program) => afterWindow(program, store.list()),
    },
    finished: (program) => program.read(SETTLED).data[0] === 1,
  };
}

function afterWindow(program: Program, params: readonly Param[]): void {
  if (program.read(COUNT).data[0] < WINDOW) return;
  const moved = Math.max(...params.map((param) => movement(program, param)));
  const before = program.read(MOVED).data[0];
  const rate = program.read(RATE).data[0];
  for (const { name } of params) {
    program.write(beforeOf(name), program.read(averageOf(name)).data.slice());
  }
  program.write(COUNT, 0);
  program.write(MOVED, moved);
  const isAtRest = moved < AT_REST || (moved < TRAVELLING && moved > NOISE * before);
  const windows = program.read(WINDOWS).data[0] + 1;
  const falls = rate > LAST_RATE && (isAtRest || windows >= MOST_WINDOWS);
  program.write(WINDOWS, falls ? 0 : windows);
  if (falls) program.write(RATE, rate / FALL);
  if (falls || rate > LAST_RATE || moved >= AT_REST) return;
  for (const { name } of params) program.write(name, program.read(beforeOf(name)).data.slice());
  program.write(SETTLED, 1);
}

/** The root mean square of how far the average of a parameter has moved, in units of its learning rate. */
function movement(program: Program, { name }: Param): number {
  const [now, then] = [averageOf, beforeOf].map((of) => program.read(of(name)).data);
  const scaleName = learningRateScaleOf(name);
  const scale = program.inputs.has(scaleName) ? program.read(scaleName).data : undefined;
  let squares = 0;
  for (let i = 0; i < now.length; i++) squares += ((now[i] - then[i]) / (scale?.[i] ?? 1)) ** 2;
  return Math.sqrt(squares / now.length);
}

/** How far the parameters moved from the last window to the one before, if training did not come to rest. */
export function unsettled(state: ProgramState): number | undefined {
  const settled = state[SETTLED];
  return settled === undefined || settled.data[0] === 1 ? undefined : state[MOVED].data[0];
}
