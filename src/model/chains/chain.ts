/**
 * A chain: its step is called once, with placeholders (`tape.ts`), and what it states is read with other tensors in
 * their place. Step by step, inside a scan, to draw what is not known yet; and then all steps at once, where the
 * axis is like a plate whose elements know the states before them.
 */
import type { Distribution } from "../../distributions/index.ts";
import {
  type Axis,
  axis,
  cast,
  gatherClamped,
  index,
  nodesOf,
  rename,
  SurmiseError,
  scan,
  select,
  substitute,
  type Tensor,
  unionAxes,
  withoutAxes,
} from "../../tensor/internal.ts";
import type { ParentLink, Steps } from "../sites.ts";
import type { Assignment, Statement } from "../statement.ts";
import {
  allSteps,
  type ChainStep,
  mapState,
  type Parts,
  partsOf,
  type State,
  stepAt,
} from "./step.ts";
import { type Sampled, type StepStatement, type Tape, tapeOf } from "./tape.ts";

type Assignments = ReadonlyMap<string, Assignment>;

/** What the run of a model does for a chain. */
export interface Reader<S> {
  /** Calls the step and notes its statements. */
  call(previous: S, step: ChainStep): { statements: readonly StepStatement[]; state: S };
  /** The value of a statement, of this step or of all steps. */
  interpret(statement: Statement): Assignment;
  /** Axes of particles and of plates that a state has without being asked. */
  readonly outer: readonly Axis[];
}

/** A chain, read at all steps at once. */
export interface Reading<S extends State> {
  /** What the step stated, in order. */
  readonly statements: readonly StepStatement[];
  /** By site, over the axis. */
  readonly values: Assignments;
  /** What an expression of a step is at all steps. */
  readonly of: (x: Tensor) => Tensor;
  /** The states of all steps. */
  readonly states: S;
  /** The densities of the first step and of the later ones, of what `logProb` makes. */
  steps(logProb: () => Tensor): Steps;
  /** What must not be met outside the step. */
  readonly placeholders: readonly Tensor[];
}

/** Axes of states may grow from call to call of a step no more often than this. */
const MOST_GROWTH = 8;

/**
 * Draws a chain and looks at it as a whole. The step is called once, and once more where the state that it returns
 * has axes of its own, such as event axes, that the initial state lacks.
 *
 * @throws SurmiseError if a step hands on what it was given where each has particles of its own, or samples from a
 * distribution that varies along the axis.
 */
export function readChain<S extends State>(along: Axis, initial: S, reader: Reader<S>): Reading<S> {
  const tapes = tapesOf(along, initial, reader);
  const values = drawSteps(along, initial, tapes, reader);
  const { statements, state, previous: placeholder } = tapes.later;
  const links = linksOf(values);
  if (links.length > 0) {
    const known = ofDataAlone(tapes.later);
    const others = (parts: Parts) =>
      Object.fromEntries(Object.entries(parts).filter(([name]) => !known.has(name)));
    if (handsOn(others(partsOf(state)), others(placeholder))) refuseMemory(along);
  }
  const order = handedOn(partsOf(state), placeholder);

  const all = allSteps(along);
  const read = tapes.later.readAt(all);
  for (const { name, value } of samplesOf(tapes.later)) {
    read.set(value, (values.get(name) as Assignment).value);
  }
  const [reached, earlier, seen]: Record<string, Tensor>[] = [{}, {}, {}];
  const reach = (name: string, atAll: Tensor) => {
    const next = seenNext(atAll, links);
    const start = partsOf(initial)[name];
    reached[name] = atAll;
    earlier[name] =
      along.size === 1
        ? start
        : next.has(along)
          ? gatherClamped(next, along, index(along).sub(1))
          : next;
    seen[name] = select(all.first, start, earlier[name]);
    read.set(placeholder[name], seen[name]);
  };
  for (const name of order) reach(name, read.of(partsOf(state)[name]));
  const running = Object.keys(placeholder).filter((name) => !order.includes(name));
  const run = runningParts(along, initial, tapes.later, running, seen, values);
  for (const name of running) reach(name, run[name]);
  const states = mapState(state as S, (_, name) => reached[name]);
  const before = mapState(initial, (_, name) => earlier[name]);
  const previous = mapState(initial, (_, name) => seen[name]);
  const givenStates = (others: S) => (logProb: () => Tensor) => () => {
    const pairs = Object.entries(partsOf(previous)).map(
      ([name, x]) => [x, partsOf(others)[name]] as const,
    );
    return substitute([logProb()], new Map(pairs))[0];
  };
  // What densities sum over, all states have.
  const first = mapState(initial, (x, name) => over(placeholder[name].axes, x));
  return {
    statements,
    values,
    of: (x) => read.of(x),
    states: mapState(states, (x) => over([along], x)),
    steps: (logProb) => {
      return {
        axis: along,
        first: givenStates(first)(logProb),
        later: givenStates(before)(logProb),
      };
    },
    placeholders: [...tapes.first.placeholders, ...tapes.later.placeholders],
  };
}

/**
 * The parts of a state in an order in which each hands on only parts before it, such as the value two steps ago the
 * one of the step before; parts that hand on themselves (`runningParts`), also by way of others, are left out.
 */
function handedOn(state: Parts, placeholder: Parts): readonly string[] {
  const needs = new Map(
    Object.keys(placeholder).map((name) => {
      const used = new Set(nodesOf([state[name]]));
      return [name, Object.keys(placeholder).filter((other) => used.has(placeholder[other]))];
    }),
  );
  const order: string[] = [];
  for (let count = -1; count < order.length; ) {
    count = order.length;
    for (const [name, others] of needs) {
      if (!order.includes(name) && others.every((other) => order.includes(other))) order.push(name);
    }
  }
  return order;
}

/**
 * Parts of the state that each step makes of themselves, such as a running sum, an error of the step before or a
 * variance that decays: step by step, in a scan, from the values that are known of all steps.
 */
function runningParts(
  along: Axis,
  initial: State,
  tape: Tape,
  running: readonly string[],
  seen: Parts,
  values: Assignments,
): Parts {
  if (running.length === 0) return {};
  const next = (before: Parts, step: ChainStep): Parts => {
    const read = tape.readAt(step);
    for (const { name, value } of samplesOf(tape)) {
      read.set(value, step.at((values.get(name) as Assignment).value));
    }
    for (const [name, x] of Object.entries(seen)) read.set(tape.previous[name], step.at(x));
    for (const name of running) read.set(tape.previous[name], before[name]);
    const state = partsOf(tape.state);
    return Object.fromEntries(running.map((name) => [name, read.of(state[name])]));
  };
  const start = Object.fromEntries(
    running.map((name) => [name, over(tape.previous[name].axes, partsOf(initial)[name])]),
  );
  const first = next(start, stepAt(along, 0));
  if (along.size === 1) return mapState(first, (x) => over([along], x));
  const later = axis(`later ${along.name}`, along.size - 1);
  const { outputs } = scan(later, first, (carries, { position }) => {
    const state = next(carries, stepAt(along, position.add(1)));
    return { carries: state, outputs: state };
  });
  const isFirst = index(along).eq(0);
  return mapState(first, (x, name) =>
    select(isFirst, x, gatherClamped(outputs[name], later, index(along).sub(1))),
  );
}

/** The parts of the state that each step makes of data and of one another alone, whatever it samples. */
function ofDataAlone(tape: Tape): ReadonlySet<string> {
  const uses = new Map(
    Object.entries(partsOf(tape.state)).map(([name, x]) => [name, new Set(nodesOf([x]))]),
  );
  const sampled = samplesOf(tape).map(({ value }) => value);
  const known = new Set(Object.keys(tape.previous));
  for (let count = known.size + 1; known.size < count; ) {
    count = known.size;
    const unknown = Object.entries(tape.previous).flatMap(([name, x]) =>
      known.has(name) ? [] : x,
    );
    for (const name of known) {
      if ([...sampled, ...unknown].some((x) => uses.get(name)?.has(x))) known.delete(name);
    }
  }
  return known;
}

/** Whether a step hands on anything that it was given. */
function handsOn(state: Parts, placeholder: Parts): boolean {
  const given = new Set(Object.values(placeholder));
  return nodesOf(Object.values(state)).some((x) => given.has(x));
}

interface Tapes {
  /** With a state before that has the axes of the initial state. */
  readonly first: Tape;
  /** With one that has those of later states besides. */
  readonly later: Tape;
}

function tapesOf<S extends State>(along: Axis, initial: S, reader: Reader<S>): Tapes {
  let axes = Object.fromEntries(
    Object.entries(partsOf(initial)).map(([name, x]) => [name, x.axes] as const),
  );
  let first: Tape | undefined;
  for (let attempt = 0; attempt < MOST_GROWTH; attempt++) {
    const later = tapeOf(along, initial, axes, reader.call);
    first ??= later;
    checkState(along, initial, later.state);
    const state = partsOf(later.state);
    const grown = Object.fromEntries(
      Object.entries(axes).map(([name, own]) => [
        name,
        unionAxes(own, withoutAxes(state[name].axes, reader.outer)),
      ]),
    );
    if (Object.keys(axes).every((name) => grown[name].length === axes[name].length)) {
      return { first, later };
    }
    axes = grown;
  }
  throw new SurmiseError(
    `chain '${along.name}': the state gets new axes in every step; sum over them in the step`,
  );
}

/** The first step, then the others in a scan, from the state that the first has reached. */
function drawSteps<S extends State>(
  along: Axis,
  initial: S,
  tapes: Tapes,
  reader: Reader<S>,
): Assignments {
  const run = (tape: Tape, previous: Parts, step: ChainStep) => {
    const read = tape.readAt(step);
    for (const [name, x] of Object.entries(tape.previous)) read.set(x, previous[name]);
    const met = new Map<string, Assignment>();
    for (const sampled of samplesOf(tape)) {
      const { name, plates, value, init } = sampled;
      const distribution = sampled.distribution.map((x) => read.of(x));
      if (distribution.axes.includes(along)) refuseWhole(name, distribution, along);
      const begin = init && { init: read.of(init) };
      const assignment = reader.interpret({ name, distribution, plates, step, ...begin });
      met.set(name, assignment);
      read.set(value, step.at(assignment.value));
    }
    const state = mapState(tape.state, (x) => read.of(x));
    checkState(along, initial, state);
    return { state, met };
  };
  const { state, met } = run(tapes.first, partsOf(initial), stepAt(along, 0));
  const drawn = [...met].filter(([, { value, allSteps }]) => !allSteps && !value.has(along));
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
    const previous = partsOf(mapState(initial, (_, name) => seenNext(carries[name], links)));
    const turn = run(tapes.later, previous, stepAt(along, position.add(1)));
    const values = drawn.map(([name]) => [name, (turn.met.get(name) as Assignment).value]);
    return { carries: partsOf(turn.state), outputs: Object.fromEntries(values) as Parts };
  });
  const whole = drawn.map(([name, { value }]) =>
    lay(name, select(first, value, gatherClamped(outputs[name], later, index(along).sub(1)))),
  );
  return new Map([...met, ...(whole as [string, Assignment][])]);
}

function samplesOf({ statements }: Tape): readonly Sampled[] {
  return statements.filter((x) => x.kind === "sample");
}

/** `x` over these axes too. */
function over(axes: readonly Axis[], x: Tensor): Tensor {
  return withoutAxes(axes, x.axes).reduce((y, a) => y.add(cast(index(a).mul(0), y.dtype)), x);
}

function linksOf(assignments: Assignments): readonly ParentLink[] {
  return [...assignments.values()].flatMap(({ link }) => link ?? []);
}

/** A state as the next step sees it: its particles on the axes of the step before. */
function seenNext(state: Tensor, links: readonly ParentLink[]): Tensor {
  return links.reduce((x, { own, previous }) => (x.has(own) ? rename(x, own, previous) : x), state);
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
      "more than the one before, but each step has particles or discrete values of its own: make what is handed on " +
      'a latent of its own, such as sample("sum", normal(previous.add(x), sd)); or, of ' +
      "particles, choose a method without them, such as laplace, vi or nuts",
  );
}
