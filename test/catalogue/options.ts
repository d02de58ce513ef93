/** Options as they should not be. */
import { type Kind, SETTINGS } from "../../src/problems/index.ts";

/** A command line, with `MODEL`, `TABLE` and `OUT` for paths that work, and what the refusal must name. */
export interface MalformedWords {
  readonly words: readonly string[];
  readonly says: RegExp;
}

/** What no number of any option is. */
const NO_NUMBERS = [
  "-1",
  "1.5e",
  "NaN",
  "Infinity",
  "-Infinity",
  "0x10",
  "abc",
  "1,5",
  "1_000",
  "--",
  "1e400",
  "½",
];
/** What no count is besides. */
const NO_COUNTS = ["1.5", "1e-3", "9007199254740993", "1e20"];

/** What words are none of any choice. */
const NO_WORDS = ["none", "", "__proto__", "constructor"];
/** Of numbers that are no counts. */
const NO_SUCH: Readonly<Record<string, readonly string[]>> = {
  lr: ["0"],
  clip: ["0"],
  targetAccept: ["0"],
  beta: [],
};

const { decay: _, data: __, init: ___, ...numbersAndWords } = SETTINGS;
const optionOf = (flags: string) => flags.split(" ")[0];

const generated = Object.entries(numbersAndWords).flatMap(
  ([name, { flags, ...of }]): MalformedWords[] => {
    const isFlag = !flags.includes("<");
    if (isFlag) return [];
    const kind: Kind = "table" in of ? "table" : "images";
    const start = kind === "table" ? ["fit", "MODEL"] : ["fit", "vae", "--data", "digits"];
    const option = optionOf(flags);
    const isWord = /name|terms/.test(flags);
    const bad = isWord ? NO_WORDS : [...NO_NUMBERS, ...(NO_SUCH[name] ?? NO_COUNTS)];
    return bad.map((value) => ({
      words: [...start, `${option}=${value}`, "--out", "OUT"],
      says: new RegExp(`${option} is `),
    }));
  },
);

const words = (line: string, says: RegExp): MalformedWords => ({ words: line.split(" "), says });

/** Each is refused, naming what `says` says. */
export const OPTIONS: readonly MalformedWords[] = [
  ...generated,
  words("fti", /unknown command 'fti'/),
  words("fit none.ts", /no file '.*none\.ts'/),
  words("fit .ts", /no file/),
  words("fit gan", /unknown model "gan"/),
  words("fit __proto__", /unknown model/),
  words("fit constructor", /unknown model/),
  words("fit vae mnist", /too many arguments/),
  words("fit --colour 3", /unknown option '--colour'/),
  words("fit --lr", /argument missing/),
  words("fit MODEL --data none.csv --out OUT", /no file '.*none\.csv'/),
  words("fit MODEL --data= --out OUT", /--data is "": it must be a path/),
  words("fit MODEL --data FOLDER --out OUT", /no PNG pictures in the folder/),
  words("fit MODEL --data MODEL --out OUT", /end in \.csv/),
  words("fit MODEL --latents 3 --out OUT", /unknown setting --latents/),
  words("fit vae --draws 3 --out OUT", /unknown setting --draws/),
  words("fit vae --data letters --out OUT", /unknown data set/),
  words("fit vae --data __proto__ --out OUT", /unknown data set/),
  words("fit vae --data none.npy --out OUT", /none\.npy/),
  words("fit vae --data digits --init normal:0 --out OUT", /--init is/),
  words("fit vae --data digits --init normal:-1 --out OUT", /--init is/),
  words("fit vae --data digits --init uniform --out OUT", /--init is/),
  words("fit vae --data digits --float64 --out OUT", /unknown setting/),
  words("fit MODEL --float32 --float64 --out OUT", /float32.*float64|float64.*float32/),
  words("fit MODEL --resume OUT --out OTHER", /a run has one folder/),
  words("fit --resume OUT", /there is no run in/),
  words("fit --resume /nonexistent", /there is no run in/),
  words("fit --resume MODEL", /there is no run in/),
  words("fit MODEL --out MODEL", /cannot write|holds/),
  words("fit MODEL --out /proc/1/x", /cannot write/),
  words("fit MODEL --out /dev/null/x", /cannot write/),
  words("fit MODEL --checkpoint-every -1 --out OUT", /--checkpoint-every is -1/),
  words("fit MODEL --checkpoint-every NaN --out OUT", /--checkpoint-every is NaN/),
  words("fit MODEL --checkpoint-every= --out OUT", /--checkpoint-every is/),
  words("fit MODEL --checkpoint-every 0x1 --out OUT", /--checkpoint-every is/),
  words("fit MODEL --steps 5 --steps x --out OUT", /--steps is x/),
  words("fit MODEL --draws 1000000000000000 --out OUT", /draws/),
  words("fit MODEL --particles 1000000000000 --out OUT", /particles|memory|GiB|elements/),
  words("fit MODEL --steps 3000000000 --out OUT", /steps/),
  words("fit vae --data digits --latents 2147483648 --out OUT", /latent|memory|GiB|size|elements/),
  words("reproduce none", /none/),
  words("reproduce", /paper/),
  words("reproduce mprws none", /no experiment 'none'/),
  words("reproduce mprws --budget none", /none/),
  words("doctor now", /too many arguments/),
  words("--seconds 0", /--seconds is 0/),
  words("--seconds x", /--seconds is x/),
];
