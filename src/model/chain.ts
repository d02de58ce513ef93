/**
 * The two readings of a chain: step by step, inside a scan, to draw what is not known yet, and then all
 * steps at once, where the axis is like a plate whose elements know the states before them.
 */
import type { Distribution } from "../distributions/index.ts";
import {
  type Axis,
  axis,
  gather,
  index,
  nodesOf,
  rename,
  SurmiseError,
  scan,
  select,
  substitute,
  Tensor,
} from "../tensor/internal.ts";
import type { ParentLink, Steps } from "./sites.ts";
import type { Assignment } from "./statement.ts";
import { allSteps, type ChainStep, type State, stepAt } from "./step.ts";

type Parts = Readonly<Record<string, Tensor>>;
type Answer = (name: string, distribution: Distribution) => Tensor;
type Assignments = ReadonlyMap<string, Assignment>;

/** What the run of a model does for a chain. */
export interface Reader {
  /** Runs `body` without leaving a trace, its `sample` statements being answered. */
  rehearse<T>(answer: Answer, body: () => T): T;
  /** The value of a statement, of this step or of all steps. */
  interpret(name: string, distribution: Distribution, step: ChainStep): Assignment;
}

/** A chain as its user has written it. */
export interface Written<S extends State> {
  readonly axis: Axis;
  readonly initial: S;
  readonly body: (previous: S, step: ChainStep) => S;
}

/** What the body of a chain is run with, to be recorded. */
export interface Reading<S extends State> {
  /** By site, over the axis. */
  readonly values: Assignments;
  /** The states before all steps. */
  readonly previous: S;
  readonly all: ChainStep;
  steps(logProb: () => Tensor): Steps;
}

/**
 * Draws a chain and looks at it as a whole.
 *
 * @throws SurmiseError if a step hands on what it was given, or samples from a distribution that varies
 * along the axis.
 */
export function readChain<S extends State>(chain: Written<S>, reader: Reader): Reading<S> {
  const { axis: along, initial, body } = chain;
  const values = drawSteps(chain, reader);
  const all = allSteps(along);
  const answer: Answer = (name) => (values.get(name) as Assignment).value;
  const marked = mapState(initial, (x) => select(all.first, x, x));
  const states = partsOf(reader.rehearse(answer, () => body(marked, all)));
  const reached = new Set(nodesOf(Object.values(states)));
  const kept = Object.values(partsOf(marked)).find((x) => reached.has(x));
  if (kept !== undefined) refuseMemory(along);
  const links = linksOf(values);
  const before = mapState(initial, (x, name) => {
    if (along.size === 1) return x;
    const state = seenNext(states[name], links);
    return state.has(along) ? gather(state, along, index(along).sub(1)) : state;
  });
  const previous = mapState(initial, (x, name) => select(all.first, x, partsOf(before)[name]));
  const given = (others: S) => (logProb: () => Tensor) => () => {
    const pairs = Object.entries(partsOf(previous)).map(
      ([name, x]) => [x, partsOf(others)[name]] as const,
    );
    return substitute([logProb()], new Map(pairs))[0];
  };
  return {
    values,
    previous,
    all,
    steps: (logProb) => {
      return { axis: along, first: given(initial)(logProb), later: given(before)(logProb) };
    },
  };
}

/** The first step, then the others in a scan, from the state that the first has reached. */
function drawSteps<S extends State>(chain: Written<S>, reader: Reader): Assignments {
  const { axis: along, initial, body } = chain;
  const run = (previous: S, step: ChainStep) => {
    const met = new Map<string, Assignment>();
    const answer: Answer = (name, distribution) => {
      if (distribution.axes.includes(along)) refuseWhole(name, distribution, along);
      const assignment = reader.interpret(name, distribution, step);
      met.set(name, assignment);
      return step.at(assignment.value);
    };
    const state = reader.rehearse(answer, () => body(previous, step));
    checkState(along, initial, state);
    return { state, met };
  };
  const { state, met } = run(initial, stepAt(along, 0));
  const drawn = [...met].filter(([, { value }]) => !value.has(along));
  if (drawn.length === 0) return met;

  const first = index(along).eq(0);
  const lay = (name: string, value: Tensor) => [name, { ...met.get(name), value } as Assignment];
  if (along.size === 1) {
    const whole = drawn.map(([name, { value }]) => lay(name, select(first, value, value)));
    return new Map([...met, ...(whole as [string, Assignment][])]);
  }
  const later = axis(`later ${along.name}`, along.size - 1);
  const links = linksOf(met);
  const { outputs } = scan(later, partsOf(state), (carries, { position }) => {
    const previous = mapState(initial, (_, name) => seenNext(carries[name], links));
    const turn = run(previous, stepAt(along, position.add(1)));
    const values = drawn.map(([name]) => [name, (turn.met.get(name) as Assignment).value]);
    return { carries: partsOf(turn.state), outputs: Object.fromEntries(values) as Parts };
  });
  const whole = drawn.map(([name, { value }]) =>
    lay(name, select(first, value, gather(outputs[name], later, index(along).sub(1)))),
  );
  return new Map([...met, ...(whole as [string, Assignment][])]);
}

function linksOf(assignments: Assignments): readonly ParentLink[] {
  return [...assignments.values()].flatMap(({ link }) => link ?? []);
}

/** A state as the next step sees it: its particles on the axes of the step before. */
function seenNext(state: Tensor, links: readonly ParentLink[]): Tensor {
  return links.reduce((x, { own, previous }) => (x.has(own) ? rename(x, own, previous) : x), state);
}

/** The tensors of a state by name. */
function partsOf(state: State): Parts {
  return state instanceof Tensor ? { state } : state;
}

function mapState<S extends State>(state: S, f: (x: Tensor, name: string) => Tensor): S {
  if (state instanceof Tensor) return f(state, "state") as S;
  return Object.fromEntries(Object.entries(state).map(([name, x]) => [name, f(x, name)])) as S;
}

function checkState(along: Axis, initial: State, state: State): void {
  const [before, after] = [partsOf(initial), partsOf(state ?? {})];
  for (const [name, { dtype }] of Object.entries(before)) {
    const next: Tensor | undefined = after[name];
    if (next?.dtype === dtype) continue;
    const what = name === "state" ? "the state" : `'${name}' of the state`;
    throw new SurmiseError(
      `chain '${along.name}': ${what} is ${dtype} at first, and a step returns ` +
        `${next === undefined ? "none" : next.dtype}: return what the next step is to be given`,
    );
  }
}

function refuseWhole(name: string, distribution: Distribution, along: Axis): never {
  throw new SurmiseError(
    `sample '${name}': its ${distribution.name} varies along '${along.name}', the axis of the chain: ` +
      "take the elements of the step with at(...)",
  );
}

function refuseMemory(along: Axis): never {
  throw new SurmiseError(
    `chain '${along.name}': a step hands on the state that it was given, so that later steps depend on ` +
      "more than the one before: make what is handed on a latent of its own, such as " +
      'sample("sum", normal(previous.add(x), sd))',
  );
}
