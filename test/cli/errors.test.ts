import { Command, CommanderError } from "commander";
import { afterEach, describe, expect, test, vi } from "vitest";
import { explainError } from "../../src/cli/errors.ts";
import { SurmiseError } from "../../src/tensor/index.ts";

afterEach(() => vi.unstubAllEnvs());

describe("explainError", () => {
  const program = new Command("surmise");

  test("what the user can mend: the message, 2", () => {
    expect(explainError(new SurmiseError("site 'x' is odd"), program)).toEqual({
      text: "surmise: site 'x' is odd\n",
      code: 2,
    });
  });

  test("our own mistakes: how to report them, 1, and the stack only if asked for", () => {
    const error = new TypeError("x is undefined");
    vi.stubEnv("SURMISE_DEBUG", "");
    expect(explainError(error, program)).toEqual({
      text:
        "surmise: x is undefined\nThis is a fault of surmise. Please report it with the command and " +
        "what it prints when run with SURMISE_DEBUG=1.\n",
      code: 1,
    });
    vi.stubEnv("SURMISE_DEBUG", "1");
    expect(explainError(error, program).text).toBe(`surmise: x is undefined\n${error.stack}\n`);
    expect(explainError("thrown text", program)).toEqual({
      text: 'surmise: "thrown text"\n',
      code: 1,
    });
  });

  test("an option that a command without commands lacks: what it has", () => {
    const plain = new Command("bench").option("--seconds <s>", "length of a block");
    const error = new CommanderError(
      1,
      "commander.unknownOption",
      "error: unknown option '--quick'",
    );
    expect(explainError(error, plain, ["--quick"])).toEqual({
      text: "surmise: unknown option '--quick': the known ones are --seconds\n",
      code: 2,
    });
  });

  test("help and version are no errors", () => {
    const shown = new CommanderError(0, "commander.helpDisplayed", "(outputHelp)");
    expect(explainError(shown, program)).toEqual({ text: "", code: 0 });
  });
});
