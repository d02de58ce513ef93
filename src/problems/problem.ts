/** A kind of problem: how settings become a run. */
import type { LoadOptions } from "../data/index.ts";
import type { Problem, StepRecord } from "../runs/index.ts";

/** What is done for whatever is fitted from the command line. */
export interface ProblemKind<Config extends object, Result, Line extends StepRecord = StepRecord> {
  /** A word that run.json keeps. */
  readonly kind: string;
  /**
   * The settings with what depends on the model itself, such as the method that suits it; as given unless there is
   * something of that kind.
   *
   * @throws SurmiseError naming each setting that is wrong, called as `nameOf` says, or if the model cannot be run.
   */
  complete?(given: object, nameOf?: (setting: string) => string): Promise<object>;
  /**
   * The settings with nothing left open.
   *
   * @throws SurmiseError naming each setting that is wrong, called as `nameOf` says.
   */
  configure(given: unknown, nameOf?: (setting: string) => string): Config;
  /** A word for a new folder of such a run. */
  folderName(config: Config): string;
  /** Loads what the settings name; nothing is compiled yet. */
  load(config: Config, options?: LoadOptions): Promise<Problem<Result, Line>>;
  /** What is in the folder of a finished run, by what it holds. */
  files(folder: string, config: Config): Readonly<Record<string, string>>;
}
