/** Where and why the bound stopped being a finite number, told from one training step. */
import type { Program, Values } from "../../runtime/index.ts";
import type { Tensor } from "../../tensor/index.ts";
import type { Limit } from "../logWeight/limits.ts";
import type { Training } from "./training.ts";

/** What helps if nothing else is known. */
const HINT = "Try a smaller learning rate, or parameters that start closer to zero";

/** A training step whose results tell what is wrong with it. */
export class Suspect {
  /** With what each site adds to the bound, the gradients, and what must lie in a set, as outputs. */
  readonly training: Training;
  private readonly limits: readonly Limit[];
  private readonly parameters: readonly string[];

  constructor(training: Training) {
    this.limits = training.limits();
    this.parameters = Object.keys(training.gradients);
    const outputs: Record<string, Tensor> = { bound: training.outputs.bound };
    for (const [name, x] of Object.entries(training.sites)) outputs[`site ${name}`] = x;
    for (const [name, x] of Object.entries(training.gradients)) outputs[`gradient ${name}`] = x;
    this.limits.forEach(({ outside, example }, i) => {
      outputs[`outside ${i}`] = outside;
      outputs[`example ${i}`] = example;
    });
    this.training = { ...training, outputs: { ...outputs, bound: training.outputs.bound } };
  }

  /** Makes one step, the `step`-th: what was wrong with it, for people, if something was. */
  step(program: Program, step: number): string | undefined {
    const found = program.run();
    const bad = (prefix: string) =>
      Object.keys(found).filter((name) => name.startsWith(prefix) && !allFinite(found[name].data));
    const [sites, gradients] = [bad("site "), bad("gradient ")];
    const whole = bad("bound").length === 0;
    if (whole && sites.length === 0 && gradients.length === 0) {
      const names = this.parameters.filter((name) => !allFinite(program.read(name).data));
      if (names.length === 0) return undefined;
      const list = names.map((name) => `'${name}'`).join(", ");
      return `at step ${step} the optimiser makes ${list} infinite or not a number. ${HINT}`;
    }
    const at = `at step ${step} the bound is ${whole ? "finite" : found.bound.data[0]}`;
    const limit = this.brokenLimit(found);
    if (limit !== undefined) return `${at}: ${limit}`;
    if (sites.length > 0) {
      const parts = sites.map((name) => `${quoted(name)} contributes ${found[name].data[0]}`);
      return `${at}: ${parts.join(", ")}. ${HINT}`;
    }
    return whole
      ? `${at}, but not its derivative: ${gradients.map(quoted).join(", ")}. ${HINT}`
      : `${at}, though each site's part of it is finite. ${HINT}`;
  }

  /** What is said if all steps from one to another have been made again, and nothing was wrong. */
  nothing(from: number, to: number): string {
    return `between steps ${from} and ${to} the bound is no longer finite. ${HINT}`;
  }

  /** The first quantity that left its set, for others follow from it. */
  private brokenLimit(found: Readonly<Record<string, Values>>): string | undefined {
    const i = this.limits.findIndex((_, at) => found[`outside ${at}`].data[0] > 0);
    if (i < 0) return undefined;
    const { site, what, must, elements } = this.limits[i];
    const [count, example] = ["outside", "example"].map((x) => found[`${x} ${i}`].data[0]);
    const many = elements === 1 ? "" : `, in ${count} of ${elements} elements`;
    return (
      `site '${site}': ${what} is ${Number(example.toPrecision(4))}${many}; it must be ${must}. Make it of ` +
      "what is so, such as exp(...) or a halfNormal latent, or, if it went there by large steps, try a " +
      "smaller learning rate"
    );
  }
}

function allFinite(data: ArrayLike<number>): boolean {
  for (let i = 0; i < data.length; i++) {
    if (!Number.isFinite(data[i])) return false;
  }
  return true;
}

/** `site z` as `site 'z'`. */
function quoted(name: string): string {
  return name.replace(/ (.*)/, " '$1'");
}
