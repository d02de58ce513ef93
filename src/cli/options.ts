/** The settings of a run as options of a command. */
import { type Command, Option } from "commander";
import { METHODS } from "../inference/index.ts";
import {
  type ImageSettings,
  type ModelSettings,
  modelSettingNames,
  settingNames,
} from "../runs/index.ts";

/** Text that reads as a number becomes one; what it should be is the settings' business. */
const number = (text: string) => (text.trim() === "" || Number.isNaN(+text) ? text : +text);

type Setting = keyof ImageSettings | keyof ModelSettings;

const methods = Object.entries(METHODS).map(([name, { about }]) => `${name} (${about})`);

/** The model is an argument, not an option. Settings of model files, then those of images. */
const OPTIONS: Readonly<Record<Exclude<Setting, "model">, [flags: string, description: string]>> = {
  data: [
    "--data <name>",
    "for a model file a CSV, JSON or Parquet file; else mnist, digits, freyface, or an NPY or IDX file " +
      "(default: mnist)",
  ],
  method: ["--method <name>", `${methods.join(", ")} (default: vi)`],
  draws: ["--draws <n>", "draws from the posterior of a model file (default: 1000)"],
  latents: ["--latents <n>", "elements of a code (default: 20)"],
  hidden: ["--hidden <n>", "hidden units of each network (default: 500)"],
  steps: ["--steps <n>", "training steps (default: 5000 of a model file, else 10000)"],
  batch: ["--batch <n>", "images per step (default: 100)"],
  optimizer: ["--optimizer <name>", "adam, adagrad or sgd (default: adam)"],
  lr: [
    "--lr <rate>",
    "learning rate (default: 0.05 of a model file; adam 0.001, adagrad 0.02, sgd 0.0001)",
  ],
  seed: ["--seed <n>", "everything random follows from it (default: 0)"],
  samples: ["--samples <l>", "average the bound over l draws (default: 1)"],
  particles: [
    "--particles <k>",
    "draws that are weighted, or averaged by vi (default: 10, of images 1)",
  ],
  kl: ["--kl <terms>", "sampled or closed (default: closed, with particles sampled)"],
  decoder: [
    "--decoder <name>",
    "bernoulli or gaussian (default: freyface gaussian, else bernoulli)",
  ],
  init: ["--init <rule>", "xavier, or normal:SD (default: xavier)"],
  decay: ["--decay", "a standard normal prior on the decoder's weights"],
  trainImages: ["--train-images <n>", "train on the first n images only"],
  testImages: ["--test-images <n>", "test on the first n images only"],
  recordEvery: ["--record-every <n>", "steps between two records of the bound (default: 100)"],
  nllDraws: ["--nll-draws <k>", "draws of the final likelihood (default: 500)"],
  nllImages: ["--nll-images <n>", "test images of the final likelihood (default: 1000)"],
};

const TEXTS: readonly string[] = ["data", "method", "optimizer", "kl", "decoder", "init", "decay"];

/** Adds an option for each setting. None has a default here, so that one sees which were given. */
export function addSettings(command: Command): Command {
  for (const [name, [flags, description]] of Object.entries(OPTIONS)) {
    const option = new Option(flags, description);
    command.addOption(TEXTS.includes(name) ? option : option.argParser(number));
  }
  return command;
}

/** The settings among the options that were given; what they may be is the settings' business. */
export function givenSettings(options: Readonly<Record<string, unknown>>) {
  const known = [...settingNames, ...modelSettingNames];
  return Object.fromEntries(Object.entries(options).filter(([name]) => known.includes(name)));
}

/** A setting as it is called on the command line: `--train-images`. */
export function optionName(setting: string): string {
  if (setting === "model") return setting;
  return `--${setting.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
