/** Calls a day: days are quiet or busy, mostly as the day before (a hidden Markov model). */
import {
  axis,
  type Columns,
  categorical,
  constant,
  dirichlet,
  gather,
  lognormal,
  model,
  poisson,
  tensor,
} from "surmise";

const kinds = ["quiet", "busy"];
const [before, kind] = [axis("before", 2, kinds), axis("kind", 2, kinds)];
const habit = tensor([8, 2, 2, 8], [before, kind]);

export default model(({ chain, sample, observe, plate }, { axisOf, column }: Columns) => {
  const day = axisOf("day");
  const calls = column("calls", [day]);
  const move = plate(before, () => sample("move", dirichlet(habit, kind)));
  const rate = sample("rate", lognormal(tensor([1, 2], [kind]), 0.5).event(kind));
  // The day before the first was quiet. The mean of `busy` is the probability of a busy day.
  chain(day, constant(0, "int32"), (previous, { at }) => {
    const busy = sample("busy", categorical(gather(move, before, previous), kind));
    observe("calls", poisson(gather(rate, kind, busy)), at(calls));
    return busy;
  });
});
