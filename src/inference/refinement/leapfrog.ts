import { axis, cast, scan, type Tensor } from "../../tensor/index.ts";

/** A place on a trajectory: tensors in the order of the coordinates. */
export interface Phase {
  /** Where it is. */
  readonly position: readonly Tensor[];
  /** Its momentum, as the position. */
  readonly momentum: readonly Tensor[];
  /** The derivative of the log density at `position`. */
  readonly slope: readonly Tensor[];
}

/**
 * `steps` leapfrog steps, at least one, of Hamiltonian dynamics with unit mass (Neal 2011, section 2.3), as an expression.
 *
 * @param slopeAt the derivative of the log density
 */
export function leapfrog(
  start: Phase,
  stepSize: Tensor | number,
  steps: number,
  slopeAt: (position: readonly Tensor[]) => readonly Tensor[],
): Phase {
  const sizeOf = ({ dtype }: Tensor) =>
    typeof stepSize === "number" ? stepSize : cast(stepSize, dtype);
  const kick = (momentum: readonly Tensor[], slope: readonly Tensor[], part: number) =>
    momentum.map((m, i) => m.add(slope[i].mul(part).mul(sizeOf(m))));
  const turn = ({ position, momentum }: Omit<Phase, "slope">, part: number): Phase => {
    const there = position.map((x, i) => x.add(momentum[i].mul(sizeOf(x))));
    const slope = slopeAt(there);
    return { position: there, momentum: kick(momentum, slope, part), slope };
  };
  let phase: Phase = { ...start, momentum: kick(start.momentum, start.slope, 0.5) };
  if (steps <= MOST_WRITTEN_OUT) {
    for (let step = 1; step < steps; step++) phase = turn(phase, 1);
  } else {
    phase = inTurns(phase, steps - 1, (at) => turn(at, 1));
  }
  return turn(phase, 0.5);
}

/** Longer trajectories are loops: a program has their step once. */
const MOST_WRITTEN_OUT = 8;

/** `turn` so many times; the slope is that of the start. */
function inTurns(start: Phase, turns: number, turn: (at: Omit<Phase, "slope">) => Phase): Phase {
  const names = (what: string) => start.position.map((_, i) => `${what} ${i}`);
  const [positions, momenta] = [names("position"), names("momentum")];
  const carriesOf = ({ position, momentum }: Omit<Phase, "slope">) =>
    Object.fromEntries([
      ...positions.map((name, i) => [name, position[i]] as const),
      ...momenta.map((name, i) => [name, momentum[i]] as const),
    ]);
  const phaseOf = (carries: Readonly<Record<string, Tensor>>) => ({
    position: positions.map((name) => carries[name]),
    momentum: momenta.map((name) => carries[name]),
  });
  const { last } = scan(axis("leapfrog", turns), carriesOf(start), (carries) => ({
    carries: carriesOf(turn(phaseOf(carries))),
  }));
  return { ...phaseOf(last), slope: start.slope };
}
