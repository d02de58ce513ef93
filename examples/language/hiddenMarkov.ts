/** A hidden Markov model: states along a chain, summed out by the forward algorithm. */
import { axis, categorical, constant, dirichlet, gather, model, tensor } from "surmise";

const [day, word] = [axis("day", 9), axis("word", 3, ["walk", "shop", "clean"])];
const [before, weather] = [axis("before", 2), axis("weather", 2, ["sun", "rain"])];
const seen = tensor([0, 0, 1, 2, 2, 2, 1, 0, 0], [day]);

export default model(({ sample, observe, plate, chain }) => {
  const move = plate(before, () => sample("move", dirichlet(2, weather)));
  const says = plate(weather, () => sample("says", dirichlet(1, word)));
  chain(day, constant(0, "int32"), (previous, { at }) => {
    const z = sample("z", categorical(gather(move, before, previous), weather));
    observe("word", categorical(gather(says, weather, z), word), at(seen));
    return z;
  });
});
