/** Models as people write them by mistake: async, generators, statements at the wrong time, strange names. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Distribution, normal } from "../../src/distributions/index.ts";
import { draw, type Sites, trace } from "../../src/model/index.ts";
import { type Axis, axis, constant, key, type Tensor, tensor } from "../../src/tensor/index.ts";

const row = axis("row", 3);
// Models whose types are wrong, as those of JavaScript files may be.
type Careless = (sites: Sites) => unknown;
const run = (body: Careless) => trace(body, undefined, draw(key(1)));
const any = (x: unknown) => x as never;

describe("a model is no promise", () => {
  const unhandled: unknown[] = [];
  const listen = (reason: unknown) => unhandled.push(reason);
  beforeEach(() => void process.on("unhandledRejection", listen));
  afterEach(() => void process.off("unhandledRejection", listen));

  const bodies: Record<string, [string, Careless]> = {
    "async model": ["the model returns a promise", async ({ sample }) => sample("z", normal(0, 1))],
    "async model that fails later": [
      "the model returns a promise",
      async ({ sample, observe }) => {
        const z = sample("z", normal(0, 1));
        await null;
        observe("y", normal(z, 1), constant(2));
      },
    ],
    "model that returns what is like a promise": [
      "the model returns a promise",
      // biome-ignore lint/suspicious/noThenProperty: this is what is refused
      () => ({ then: (_: unknown, fail: (x: Error) => void) => fail(new Error("late")) }),
    ],
    "async body of a plate": [
      "the body of plate 'row' returns a promise",
      ({ sample, plate }) => {
        plate(row, async () => sample("z", normal(0, 1)));
      },
    ],
    "async step of a chain": [
      "a step of chain 'row' returns a promise",
      ({ sample, chain }) => {
        chain(
          row,
          constant(0),
          any(async (z: Tensor) => sample("z", normal(z, 1))),
        );
      },
    ],
    generator: [
      "the model returns a generator",
      function* ({ sample }) {
        yield sample("z", normal(0, 1));
      },
    ],
    "async generator": [
      "the model returns a generator",
      async function* ({ sample }) {
        yield sample("z", normal(0, 1));
      },
    ],
    "generator in a plate": [
      "the body of plate 'row' returns a generator",
      ({ sample, plate }) => {
        plate(row, function* () {
          yield sample("z", normal(0, 1));
        });
      },
    ],
  };
  test.each(Object.entries(bodies))("%s", async (_, [message, body]) => {
    expect(() => run(body)).toThrow(message);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(unhandled).toEqual([]);
  });

  test("a promise in the place of a tensor", async () => {
    const late = () => any(Promise.reject(new Error("late")));
    expect(() => run(({ deterministic }) => deterministic("d", late()))).toThrow(
      "deterministic 'd': the value must be a tensor, not a promise (await it before the model runs)",
    );
    expect(() => run(({ observe }) => observe("y", normal(0, 1), late()))).toThrow("not a promise");
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(unhandled).toEqual([]);
  });

  test("lists, records and functions are results like others", () => {
    for (const result of [[1, 2], { next: 1 }, () => 3, undefined, null]) {
      expect(run(() => result).result).toBe(result);
    }
  });
});

describe("statements after their model", () => {
  const calls: Record<string, (sites: Sites) => unknown> = {
    "sample 'z'": ({ sample }) => sample("z", normal(0, 1)),
    "observe 'z'": ({ observe }) => observe("z", normal(0, 1), constant(1)),
    "param 'z'": ({ param }) => param("z", [], { init: () => constant(0) }),
    "deterministic 'z'": ({ deterministic }) => deterministic("z", constant(0)),
    plate: ({ plate }) => plate(row, () => 1),
    chain: ({ chain }) => chain(row, constant(0), (x) => x),
  };
  test.each(Object.entries(calls))("%s is refused", (which, call) => {
    let kept: Sites | undefined;
    run((sites) => {
      kept = sites;
    });
    const message = `${which} is called after its model has returned`;
    expect(() => call(kept as Sites)).toThrow(message);
    expect(() => run(() => call(kept as Sites))).toThrow(message);
  });

  test("a plate that failed is closed again", () => {
    const { sites } = run(({ plate, sample }) => {
      try {
        plate(row, () => {
          throw new Error("no");
        });
      } catch {}
      sample("z", normal(0, 1));
    });
    expect(sites.get("z")).toMatchObject({ plates: [] });
  });
});

describe("what statements are given", () => {
  const d = normal(0, 1);
  const bad = [undefined, null, 3, "", "  ", "a#b", "a\nb", "__proto__", "constructor", "toString"];
  test.each(bad)("the name %j is refused", (name) => {
    const refused = /the name of a site must be a text that/;
    expect(() => run(({ sample }) => sample(any(name), d))).toThrow(refused);
    expect(() => run(({ observe }) => observe(any(name), d, constant(1)))).toThrow(refused);
    expect(() => run(({ deterministic }) => deterministic(any(name), constant(1)))).toThrow(
      refused,
    );
    const init = () => constant(0);
    expect(() => run(({ param }) => param(any(name), [], { init }))).toThrow(refused);
  });

  const wrong: [string, Careless][] = [
    [
      "sample 'z': a distribution must be given, such as normal(0, 1), not the function normal",
      ({ sample }) => sample("z", any(normal)),
    ],
    [
      "sample 'z': a distribution must be given, such as normal(0, 1), not undefined",
      ({ sample }) => sample("z", any(undefined)),
    ],
    [
      "observe 'z': a distribution must be given, such as normal(0, 1), not the number 2",
      ({ observe }) => observe("z", any(2), constant(1)),
    ],
    [
      "observe 'z': the value must be a tensor, not an array",
      ({ observe }) => observe("z", d, any([1, 2])),
    ],
    [
      "deterministic 'z': the value must be a tensor, not undefined",
      ({ deterministic }) => deterministic("z", any(undefined)),
    ],
    [
      'plate: an axis must be given, such as axis("row", 10), not the number 3',
      ({ plate }) => plate(any(3), () => 1),
    ],
    [
      "plate 'row': its body must be a function, not undefined",
      ({ plate }) => plate(row, any(undefined)),
    ],
    ["chain: an axis must be given", ({ chain }) => chain(any("row"), constant(0), (x) => x)],
    ["chain 'row': its step must be a function", ({ chain }) => chain(row, constant(0), any(1))],
    [
      "param 'z': its axes must be a list, such as [row], not undefined",
      ({ param }) => param("z", any(undefined), any({})),
    ],
    [
      "param 'z': init, how it begins, must be a function, not undefined",
      ({ param }) => param("z", [], any(undefined)),
    ],
    ["plate 'row' stands inside itself", ({ plate }) => plate(row, () => plate(row, () => 1))],
    ["two sites are named 'z'", ({ sample }) => [sample("z", d), sample("z", d)]],
    ["two sites are named 'z'", ({ sample, deterministic }) => deterministic("z", sample("z", d))],
    [
      "observe 'z': value has axes {row: 3}, distribution has {}",
      ({ observe }) => observe("z", d, tensor([1, 2, 3], [row])),
    ],
  ];
  test.each(wrong)("%s", (message, body) => {
    expect(() => run(body)).toThrow(message);
  });

  test("a model that reads data, run without", () => {
    const body = ({ observe }: Sites, { y }: { y: Tensor; of: Axis; d: Distribution }) =>
      observe("y", d, y);
    expect(() => trace(body, any(undefined), draw(key(1)))).toThrow(
      /^the model has got no data \(data: undefined\), and fails: .*If it needs data, give it some$/,
    );
    expect(() => trace(any(undefined), undefined, draw(key(1)))).toThrow(
      "the model must be a function",
    );
  });
});
