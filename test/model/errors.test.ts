import { describe, expect, test } from "vitest";
import {
  bernoulli,
  categorical,
  type Distribution,
  masked,
  normal,
  poisson,
} from "../../src/distributions/index.ts";
import {
  condition,
  draw,
  type Initialiser,
  type Interpretation,
  replay,
  type Sites,
  trace,
} from "../../src/model/index.ts";
import {
  axis,
  constant,
  index,
  key,
  SurmiseError,
  type Tensor,
  tensor,
} from "../../src/tensor/index.ts";

const user = axis("user", 300);
const film = axis("film", 5);
const genre = axis("genre", 18);
const zeros: Initialiser = (_key, _axes, dtype) => constant(0, dtype);
const over = (...axes: (typeof user)[]) =>
  tensor(new Float32Array(axes.reduce((n, a) => n * a.size, 1)), axes);

const run = (body: (sites: Sites) => void, by: Interpretation = draw(key(1))) =>
  trace(body, undefined, by);

const refused: [string, () => unknown][] = [
  [
    "observe 'rating': value has axes {user: 300, genre: 18}, distribution has {user: 300, film: 5}; " +
      "'genre' is an event axis of 'z': sum over it first?",
    () =>
      run(({ sample, observe, plate }) => {
        plate(user, () => {
          sample("z", normal(0, 1).event(genre));
          plate(film, () => {
            observe("rating", bernoulli({ logits: over(user, film) }), over(user, genre));
          });
        });
      }),
  ],
  [
    "observe 'y': value has axes {film: 5}, distribution has {user: 300}; 'film' is neither a plate around it " +
      "nor an event axis: put it inside plate(film, ...) or write .event(film)",
    () =>
      run(({ observe, plate }) => {
        plate(user, () => observe("y", normal(0, 1), over(film)));
      }),
  ],
  [
    "observe 'y': value has axes {user: 300}, distribution has {user: 300, genre: 18}; 'genre' is " +
      "an event axis that the value lacks",
    () =>
      run(({ observe, plate }) => {
        plate(user, () => observe("y", normal(0, 1).event(genre), over(user)));
      }),
  ],
  [
    "observe 'y' has no value: give the observed tensor, such as column(\"...\"), or use sample for what is " +
      "not known",
    () => run(({ observe }) => observe("y", normal(0, 1), undefined as unknown as Tensor)),
  ],
  [
    "observe 'y': the value of row 2 is -3, but a draw of its poisson is a whole number of at least 0: " +
      "mend the data, or choose another distribution",
    () =>
      run(({ observe, plate }) => {
        const row = axis("row", 3);
        plate(row, () => observe("y", poisson(2), tensor([1, -3, 2.5], [row])));
      }),
  ],
  [
    "observe 'y': the value of town 'Lund' is 28, but a draw of its bernoulli is 0 or 1: mend the data, " +
      "or choose another distribution",
    () =>
      run(({ observe, plate }) => {
        const town = axis("town", 2, ["Umeå", "Lund"]);
        plate(town, () => observe("y", bernoulli({ logits: 0 }), tensor([1, 28], [town])));
      }),
  ],
  [
    "observe 'y': the value of row 2 is 0.5, but a draw of its categorical is a position along 'kind': mend the data, " +
      "or choose another distribution",
    () =>
      run(({ observe, plate }) => {
        const [row, kind] = [axis("row", 2), axis("kind", 3)];
        plate(row, () => {
          observe(
            "y",
            categorical({ logits: tensor([0, 0, 0], [kind]) }, kind),
            tensor([1, 0.5], [row]),
          );
        });
      }),
  ],
  [
    "observe 'y': the value of int32 {k: 3}: values up to 20000000 beside float32, which holds whole numbers up to " +
      "16777216: subtract an offset first, or use cast(x, 'float32') to round them",
    () =>
      run(({ observe, plate }) => {
        const k = axis("k", 3);
        plate(k, () => observe("y", normal(0, 1), index(k).mul(10_000_000)));
      }),
  ],
  [
    "sample 'z': the value is float64; draws of this normal are float32: use cast(value, 'float32')",
    () =>
      run(
        ({ sample }) => sample("z", normal(0, 1)),
        condition({ z: constant(1, "float64") }, draw(key(1))),
      ),
  ],
  [
    "sample 'z': its normal has axes {genre: 18}; 'genre' is neither a plate around it nor an event " +
      "axis: put it inside plate(genre, ...) or write .event(genre)",
    () => run(({ sample }) => sample("z", normal(over(genre), 1))),
  ],
  [
    "observe 'y': its normal has axes {genre: 18}; 'genre' is neither a plate around it nor an event " +
      "axis: 'genre' is an event axis of 'z': sum over it first?",
    () =>
      run(({ sample, observe }) => {
        const z = sample("z", normal(0, 1).event(genre));
        observe("y", normal(z, 1), constant(0));
      }),
  ],
  [
    "observe 'y': its normal has axes {genre: 18}; 'genre' is neither a plate around it nor an event " +
      "axis: put it inside plate(genre, ...) or write .event(genre); if each user has one genre, take it by " +
      'gather(x, genre, indexOf("genre"))',
    () =>
      run(({ sample, observe, plate }) => {
        const z = plate(genre, () => sample("z", normal(0, 1)));
        plate(user, () => observe("y", normal(z, 1), over(user)));
      }),
  ],
  [
    "sample 'z': 'user' is both a plate around it and an event axis of its normal: inside the plate " +
      "each element has a draw of its own, so leave it out of event(...)",
    () =>
      run(({ sample, plate }) => {
        plate(user, () => sample("z", normal(0, 1).event(user)));
      }),
  ],
  [
    "two sites are named 'z': every sample, observe, param and deterministic of a model needs a " +
      "name of its own",
    () =>
      run(({ sample, deterministic }) => {
        deterministic("z", sample("z", normal(0, 1)));
      }),
  ],
  [
    "sample: the name of a site must be a text that has no '#' and no control characters, not 'z#1': " +
      'write sample("name", ...)',
    () => run(({ sample }) => sample("z#1", normal(0, 1))),
  ],
  [
    "sample: the name of a site must be a text that holds no half of a surrogate pair, not 'z\ud83c': " +
      'write sample("name", ...)',
    () => run(({ sample }) => sample("z\ud83c", normal(0, 1))),
  ],
  [
    "plate 'user' has size 50 here and is another axis of size 300 elsewhere in the model: make the " +
      "axis once and use that object in both places, or rename one of them",
    () =>
      run(({ plate }) => {
        plate(user, () => {});
        plate(axis("user", 50), () => {});
      }),
  ],
  [
    "plate 'user' has total 300 here and 900 elsewhere in the model",
    () =>
      run(({ plate }) => {
        plate(user, () => {}, { total: 900 });
        plate(user, () => {});
      }),
  ],
  [
    "plate 'user', of size 300: total must be a whole number of at least 300, not 299",
    () => run(({ plate }) => plate(user, () => {}, { total: 299 })),
  ],
  [
    "plate 'user' stands inside itself",
    () => run(({ plate }) => plate(user, () => plate(user, () => {}))),
  ],
  [
    "param 'w' has axes {film: 5} here and {genre: 18} elsewhere: one name is one parameter, so " +
      "rename one of them or use the same axis objects",
    () =>
      run(({ param }) => {
        param("w", [genre], { init: zeros });
        param("w", [film], { init: zeros });
      }),
  ],
  [
    "param 'w' is float64 here and float32 elsewhere: one name is one parameter",
    () =>
      run(({ param }) => {
        param("w", [genre], { init: zeros });
        param("w", [genre], { init: zeros, dtype: "float64" });
      }),
  ],
  [
    "param 'w' has axes {genre: 18}, its prior has {film: 5}: a prior may only vary over axes of " +
      "its param",
    () =>
      run(({ param }) => {
        param("w", [genre], { init: zeros, prior: normal(over(film), 1) });
      }),
  ],
  [
    "param 'w' is float64, but draws of its prior, a normal, are float32",
    () =>
      run(({ param }) => {
        param("w", [], { init: zeros, prior: normal(0, 1), dtype: "float64" });
      }),
  ],
  [
    "sample 'z' has axes {day: 3} here and {day: 3} in the trace that is replayed, such as a guide's: both need the same " +
      "plates and event axes; 'day' is another axis object in each: make it once, outside of the model, which runs several " +
      "times",
    () => {
      const body = ({ sample, plate }: Sites) => {
        plate(axis("day", 3), () => sample("z", normal(0, 1)));
      };
      run(body, replay(run(body), draw(key(1))));
    },
  ],
  [
    "sample 'z' has axes {user: 300} here and {user: 300, genre: 18} in the trace that is replayed, " +
      "such as a guide's: both need the same plates and event axes",
    () => {
      const guide = run(({ sample, plate }) => {
        plate(user, () => sample("z", normal(0, 1).event(genre)));
      });
      run(
        ({ sample, plate }) => plate(user, () => sample("z", normal(0, 1))),
        replay(guide, draw(key(1))),
      );
    },
  ],
  [
    "sample 'z' is a categorical (index film: 5 int32) here and a normal (real float32) in the trace " +
      "that is replayed, such as a guide's: both need draws of the same kind",
    () => {
      const guide = run(({ sample }) => sample("z", normal(0, 1)));
      run(
        ({ sample }) => sample("z", categorical(tensor([1, 1, 1, 1, 1], [film]))),
        replay(guide, draw(key(1))),
      );
    },
  ],
];

describe("a model is refused, in these words:", () => {
  test.each(refused)("%s", (message, make) => {
    expect(make).toThrow(new SurmiseError(message));
  });

  test("but not for values that are masked, or shades of grey", () => {
    const row = axis("row", 3);
    const present = tensor(Uint8Array.of(1, 0, 1), [row]);
    const of = (distribution: Distribution, values: number[]) => () =>
      run(({ observe, plate }) => {
        plate(row, () => observe("y", distribution, tensor(values, [row])));
      });
    expect(of(masked(poisson(2), present), [1, -1, 2])).not.toThrow();
    expect(of(bernoulli({ logits: 0 }), [0, 0.3, 1])).not.toThrow();
  });
});
