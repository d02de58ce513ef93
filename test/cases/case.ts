/** Cases: inputs that people gave, what comes out, and what is right. `npm run cases` prints them. */
import { compile } from "../../src/runtime/index.ts";
import { axis, grad, input, SurmiseError, sum, type Tensor } from "../../src/tensor/index.ts";

type Numbers = number | readonly number[];

/** An input with its right answer. */
export interface Case {
  /** The section and a number, such as B1; further inputs of its kind have a letter behind it. */
  readonly id: string;
  /** The input, in words. */
  readonly input: string;
  /** What comes out: numbers, a text, or a refusal, which is a SurmiseError that is thrown. */
  readonly run: () => unknown;
  /** Numbers; or what must stand in the text, or in the message of the refusal. */
  readonly right: Numbers | RegExp;
  /** How far each number may be away; 0 unless given. */
  readonly within?: number;
  /** Whether it takes a minute or all processors: printed by `npm run cases`, and no test. */
  readonly heavy?: true;
}

/** What came out of a case. */
export interface CaseOutcome {
  /** In words. */
  readonly out: string;
  readonly ok: boolean;
}

/** Runs a case. Errors that are not SurmiseErrors are never right. */
export async function runCase({ run, right, within = 0 }: Case): Promise<CaseOutcome> {
  try {
    const out = await run();
    if (right instanceof RegExp)
      return { out: `${out}`, ok: typeof out === "string" && right.test(out) };
    return { out: `${out}`, ok: areNear(listed(out), listed(right), within) };
  } catch (error) {
    const { message } = error as Error;
    if (!(error instanceof SurmiseError)) return { out: `${error}`, ok: false };
    return { out: `refused: ${message}`, ok: right instanceof RegExp && right.test(message) };
  }
}

function listed(numbers: unknown): readonly unknown[] {
  return typeof numbers === "number" ? [numbers] : [...(numbers as Iterable<unknown>)];
}

function areNear(a: readonly unknown[], b: readonly unknown[], within: number): boolean {
  const near = (x: unknown, y: unknown) =>
    Object.is(x, y) || x === y || Math.abs(Number(x) - Number(y)) <= within;
  return a.length === b.length && a.every((x, i) => typeof x === "number" && near(x, b[i]));
}

/** The values of a tensor, row-major. */
export function numbersOf(y: Tensor): number[] {
  return [...compile({ outputs: { y } }, { steps: 1, backend: "wasm" }).run().y.data];
}

/** The value of `f` summed over all axes, and its derivatives, at values that are not known when it is compiled. */
export function differentiated(f: (x: Tensor) => Tensor, x: readonly number[]) {
  const k = axis("k", x.length);
  const at = input("x", [k]);
  const y = f(at);
  const value = sum(y, ...y.axes);
  const [gradient] = grad(value, [at]);
  const program = compile({ outputs: { value, gradient } }, { steps: 1, backend: "wasm" });
  const found = program.run({ inputs: { x } });
  return { value: found.value.data[0], gradient: [...found.gradient.data] };
}
