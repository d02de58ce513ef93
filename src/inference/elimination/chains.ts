/**
 * The elimination of the particles of a chain. The factors of a step are a matrix over its particles and
 * those of the step before; the mean over all combinations of the particles of all steps is the product of
 * these matrices (Heap, Leech and Aitchison, UAI 2023): a vector times matrices one after the
 * other, at a cost of T K^2, or matrices in pairs, T K^3 in log T rounds.
 */
import {
  type Axis,
  abs,
  axis,
  gatherClamped,
  gatherInsideWhere,
  index,
  logMeanExp,
  max,
  nodesOf,
  rename,
  scan,
  select,
  sizeOf,
  slice,
  stopGradient,
  type Tensor,
  type Turn,
  unionAxes,
} from "../../tensor/internal.ts";
import type { ChainLink } from "../proposal/traces.ts";
import { eliminationOrder } from "./order.ts";

/** All orders. */
export const CHAIN_ORDERS = ["sequential", "logDepth"] as const;

/** In which order the matrices of the steps are multiplied. */
export type ChainOrder = (typeof CHAIN_ORDERS)[number];

/** The particle axes of a state: of a step, of the step before, and of the first step on its own. */
export interface StateParticles extends ChainLink {
  /** The particle axis of the first step. */
  readonly first: Axis;
}

/** Log factors along `axis`, whose log-mean-exp over it is taken of their sum. */
export interface Contraction {
  /** The particle axis. */
  readonly axis: Axis;
  /** Float64, in nats. */
  readonly factors: readonly Tensor[];
}

/** All that is needed to go forwards along a chain, and back. */
export interface Chain {
  /** The axis of the chain. */
  readonly along: Axis;
  /** The particle axes of its latents. */
  readonly states: readonly StateParticles[];
  /** The steps after the first. */
  readonly later: Axis;
  /** How the particles of the step before are eliminated in a turn along `later`. Sequential only. */
  readonly turn: (turn: Turn) => readonly Contraction[];
}

interface EliminatedChain {
  /** Over the particles of the last step. */
  readonly last: Tensor;
  readonly chain: Chain;
  /** Exponentials to be taken. */
  readonly cost: number;
}

/**
 * The log of the mean over the particles of all steps but the last.
 *
 * @param start log weights of the particles of the first step, over the axes `first`.
 * @param factors of the other steps, over `along`, `own` and `previous`.
 */
export function eliminateChain(
  along: Axis,
  states: readonly StateParticles[],
  start: Tensor,
  factors: readonly Tensor[],
  order: ChainOrder,
): EliminatedChain {
  const later = axis(`${along.name} after the first`, along.size - 1);
  const alpha = renamed(start, states, "first", "previous");
  return ORDERS[order]({ along, states, later, alpha, factors });
}

interface ChainFactors extends Omit<Chain, "turn"> {
  readonly alpha: Tensor;
  readonly factors: readonly Tensor[];
}

const ORDERS: Readonly<Record<ChainOrder, (chained: ChainFactors) => EliminatedChain>> = {
  sequential({ along, states, later, alpha, factors }) {
    let cost = 0;
    const combine = (before: Tensor, turn: Turn) => {
      const found = withoutPrevious(states, [
        before,
        ...factors.map((x) => elementsAt(x, along, later, turn, states)),
      ]);
      cost = later.size * found.cost;
      return found;
    };
    const previous = states.map((state) => state.previous);
    const start = rescaled(alpha, previous);
    const none = start.scale.mul(0);
    const carries = { alpha: start.rest, sum: start.scale, lost: none };
    const { last, outputs } = scan(later, carries, ({ alpha: before, sum, lost }, turn) => {
      const { value } = combine(before, turn);
      const { rest, scale } = rescaled(renamed(value, states, "own", "previous"), previous);
      const next = compensatedSum(sum, lost, scale);
      return { carries: { alpha: rest, ...next }, outputs: { before } };
    });
    const turn = (at: Turn) => combine(at.at(outputs.before), at).steps;
    const chain = { along, states, later, turn };
    const total = last.alpha.add(stopGradient(last.sum.sub(last.lost)));
    return { last: renamed(total, states, "previous", "own"), chain, cost };
  },

  logDepth({ along, states, later, alpha, factors }) {
    const matrices = sumOf(factors.map((x) => (x.has(along) ? slice(x, along, 1, later) : x)));
    const middle = states.map(({ own }) => axis(`middle ${own.name}`, own.size));
    let cost = 0;
    const times = (a: Tensor, b: Tensor) => {
      const [left, right] = states.reduce(
        ([x, y], { own, previous }, i) => [
          rename(x, own, middle[i]),
          rename(y, previous, middle[i]),
        ],
        [a, b],
      );
      const joint = left.add(right);
      cost += sizeOf(joint.axes);
      return logMeanExp(joint, ...middle);
    };
    const product = productAlong(matrices, later, times);
    const { value } = withoutPrevious(states, [alpha, product]);
    const turn = () => {
      throw new Error("joint draws need the weights of each step: eliminate sequentially");
    };
    return { last: value, chain: { along, states, later, turn }, cost };
  },
};

/**
 * `x` less its largest element along `axes`, and that element, without derivatives, which cancel: so the weights of
 * the thousandth step of a chain keep the digits of the first.
 */
function rescaled(x: Tensor, axes: readonly Axis[]): { rest: Tensor; scale: Tensor } {
  const most = stopGradient(max(x, ...axes));
  const scale = select(abs(most).lt(Number.POSITIVE_INFINITY), most, 0);
  return { rest: x.sub(scale), scale };
}

/** `sum + x`, and what rounding has taken from all sums so far (Kahan, CACM 8, 1965). */
function compensatedSum(sum: Tensor, lost: Tensor, x: Tensor): { sum: Tensor; lost: Tensor } {
  const exact = x.sub(lost);
  const next = sum.add(exact);
  return { sum: next, lost: next.sub(sum).sub(exact) };
}

/** The product of the elements of `x` along `along` in their order, by neighbouring pairs. */
function productAlong(x: Tensor, along: Axis, times: (a: Tensor, b: Tensor) => Tensor): Tensor {
  if (along.size === 1) return gatherClamped(x, along, 0);
  const pair = axis(`pair of ${along.name}`, Math.floor(along.size / 2));
  const [left, right] = [0, 1].map((i) => gatherClamped(x, along, index(pair).mul(2).add(i)));
  const product = productAlong(times(left, right), pair, times);
  return along.size % 2 === 0 ? product : times(product, gatherClamped(x, along, along.size - 1));
}

/** The log of the mean over the particles of the step before, an axis after the other. */
function withoutPrevious(states: readonly StateParticles[], factors: readonly Tensor[]) {
  let left = factors;
  let cost = 0;
  const steps: Contraction[] = [];
  const order = eliminationOrder(
    states.map(({ previous }) => previous),
    factors.map(({ axes }) => axes),
  );
  for (const previous of order) {
    const joined = left.filter((x) => x.has(previous));
    cost += sizeOf(unionAxes(...joined.map(({ axes }) => axes)));
    steps.push({ axis: previous, factors: joined });
    left = [...left.filter((x) => !x.has(previous)), logMeanExp(sumOf(joined), previous)];
  }
  return { value: sumOf(left), steps, cost };
}

/**
 * The element of `x` that belongs to a turn along `later`. What varies along the particles of both steps,
 * and what is made of it, is computed in the turn, so that it is never stored for all steps.
 */
function elementsAt(
  x: Tensor,
  along: Axis,
  later: Axis,
  turn: Turn,
  states: readonly StateParticles[],
): Tensor {
  const position = turn.position.add(1);
  const large = new Set<Tensor>();
  for (const node of nodesOf([x])) {
    const ofBoth =
      states.some(({ own }) => node.has(own)) && states.some(({ previous }) => node.has(previous));
    if (ofBoth || node.inputs.some((input) => large.has(input))) large.add(node);
  }
  return gatherInsideWhere(
    x,
    along,
    position,
    (node) => large.has(node),
    (node) => turn.at(slice(node, along, 1, later)),
  );
}

type StateRole = "own" | "previous" | "first";

/** `x` with the particles of the states on other axes. */
export function renamed(
  x: Tensor,
  states: readonly StateParticles[],
  from: StateRole,
  to: StateRole,
): Tensor {
  return states.reduce(
    (y, state) => (y.has(state[from]) ? rename(y, state[from], state[to]) : y),
    x,
  );
}

function sumOf(xs: readonly Tensor[]): Tensor {
  return xs.reduce((a, b) => a.add(b));
}
