import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { surmise as main } from "../../src/cli/program.ts";
import { runFiles } from "../../src/runs/index.ts";
import { idx, npy, npyHeader } from "../data/fixtures.ts";
import { temporaryFolders } from "../runs/folders.ts";
import { surmise as alone, tinyFit } from "./command.ts";
import { session } from "./session.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const newFolder = temporaryFolders();
const { run: surmise, end } = session();
afterAll(end);
const newPath = () => join(newFolder(), "run");

/** Runs `surmise ARGS` in this process, which is quicker and enough for what is refused. */
async function inProcess(args: readonly string[], data: string) {
  vi.stubEnv("SURMISE_DATA", data);
  const captured = (stream: NodeJS.WriteStream) => {
    const write = vi.spyOn(stream, "write").mockReturnValue(true);
    return () => write.mock.calls.map(([text]) => String(text)).join("");
  };
  const [stdout, stderr] = [captured(process.stdout), captured(process.stderr)];
  const code = await main(args);
  return { code, stdout: stdout(), stderr: stderr() };
}

/** What must not depend on interruptions. */
const bits = (folder: string) => {
  const { weights, metrics } = runFiles(folder);
  return { weights: readFileSync(weights), metrics: readFileSync(metrics, "utf8") };
};

describe("surmise fit", () => {
  test("--json prints one line of JSON and nothing else; --resume prints it again", async () => {
    const folder = newPath();
    const { code, stdout, stderr } = await surmise(tinyFit(folder, "--json"));
    expect(code).toBe(0);
    expect(stderr).toContain("training");
    expect(stdout.split("\n").length).toBe(2);
    const document = JSON.parse(stdout);
    expect(document).toEqual({
      metrics: {
        train: { elbo: expect.any(Number) },
        test: { elbo: expect.any(Number), nll: expect.any(Number) },
      },
      speed: { samplesPerSecond: expect.any(Number) },
      files: runFiles(folder),
    });
    for (const file of Object.values<string>(document.files)) expect(existsSync(file)).toBe(true);
    const again = await surmise(["fit", "--resume", folder, "--json"]);
    expect(again).toEqual({ code: 0, stdout, stderr: "" });

    const judged = await surmise(["evaluate", folder, "--images", "7", "--draws", "6", "--json"]);
    expect([judged.code, judged.stdout.split("\n").length]).toEqual([0, 2]);
    const { nll, nllError, images, draws, units } = JSON.parse(judged.stdout);
    expect([images, draws]).toEqual([7, 6]);
    expect(nll).toBeGreaterThan(0);
    expect(nllError).toBeGreaterThan(0);
    expect(units.z.active).toBeLessThanOrEqual(units.z.variance.length);
    const table = await surmise(["evaluate", folder, "--images", "7", "--draws", "6"]);
    expect(table.stdout).toContain(
      `NLL (nats, 6 draws)  ${nll.toFixed(2)} ± ${nllError.toFixed(2)}`,
    );
    const exported = await surmise(["export", folder]);
    expect(exported).toEqual({ code: 0, stdout: `${join(folder, "decoder.onnx")}\n`, stderr: "" });
    expect(existsSync(join(folder, "decoder.onnx"))).toBe(true);
    const none = await surmise(["evaluate", newFolder()]);
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining("has no run.json")]);
  });

  test("without --json shows the table, digits and files; the seed decides about the bits", async () => {
    const [one, same, other] = [newPath(), newPath(), newPath()];
    const [shown] = await Promise.all([
      surmise(tinyFit(one)),
      surmise(tinyFit(same, "--seed", "0", "--json", "--checkpoint-every", "0")),
    ]);
    await surmise(tinyFit(other, "--seed", "1"));
    expect(shown.code).toBe(0);
    expect(shown.stdout).toMatch(/^vae on digits, 2 latents, into .*run\n/);
    expect(shown.stdout).toMatch(/bound \(ELBO\) +-\d+\.\d\d +-\d+\.\d\d\n/);
    expect(shown.stdout).toMatch(/negative log-likelihood, 10 draws +\d+\.\d\d\n/);
    expect(shown.stdout).toMatch(/images per second, training +\d+\n/);
    expect(shown.stdout).toMatch(/[░▒▓█]/);
    expect(shown.stdout).toContain(`report  ${runFiles(one).report}\n`);
    expect(bits(same)).toEqual(bits(one));
    expect(bits(other).weights).not.toEqual(bits(one).weights);
  });

  test("takes images from a file, and numbers its folders where --out is not given", async () => {
    const cwd = newFolder();
    const data = join(cwd, "mine.npy");
    writeFileSync(data, npy(npyHeader("|u1", "(40, 3, 4)"), new Uint8Array(480).fill(77)));
    const args = `fit vae --data ${data} --steps 2 --batch 5 --hidden 3 --latents 1 --nll-draws 2`;
    const before = process.cwd();
    process.chdir(cwd);
    const { code, stdout } = await alone([...args.split(" "), "--json"]).finally(() => {
      process.chdir(before);
    });
    expect(code).toBe(0);
    expect(JSON.parse(stdout).files.run).toMatch(/^surmise-runs.vae-.*mine\.npy-1.run\.json$/);
  });
});

describe("bad input ends with 2 and one message", () => {
  const folder = newFolder();
  const file = (name: string, content: string | Uint8Array) => {
    const path = join(folder, name);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, content);
    return path;
  };
  const out = join(folder, "out");
  const short = file("short-images-ubyte", idx([20, 2, 2], Array(70).fill(1)));
  const corrupt = file("corrupt-images-ubyte", "no IDX file at all");
  const nan = file("nan.npy", npy(npyHeader("<f4", "(10, 1, 1)"), new Float32Array(10).fill(NaN)));
  const plain = file("plain", "");
  const cut = file("cut/mnist/train-images-idx3-ubyte", new Uint8Array(100));
  const wrong = file("wrong/mnist/train-images-idx3-ubyte", new Uint8Array(47040016));
  const whole = "it must be a whole number of at least 1";

  const cases: [string, string[], string | RegExp, string?][] = [
    [
      "an unknown command",
      ["fti"],
      /^unknown command 'fti': the known ones are tour, check, fit, /,
    ],
    [
      "an unknown model",
      ["fit", "gan"],
      'unknown model "gan": give a TypeScript file, such as gan.ts, or one of these: vae',
    ],
    [
      "an unknown option",
      ["fit", "vae", "--colour", "3"],
      /^unknown option '--colour': the known ones are --data, .*--latents, .*--resume, .*--json/,
    ],
    ["an option without its value", ["fit", "--lr"], "option '--lr <rate>' argument missing"],
    [
      "too many arguments",
      ["fit", "vae", "mnist"],
      "too many arguments for 'fit'. Expected 1 argument but got 2.",
    ],
    [
      "an unknown data set",
      ["fit", "vae", "--data", "letters"],
      'unknown data set "letters": the known ones are digits, mnist, mnist-static, freyface, omniglot',
    ],
    [
      "a truncated IDX file",
      ["fit", "vae", "--data", short, "--out", out],
      `${short}: IDX header says 20 x 2 x 2 bytes, so the file has 96 bytes; found 86: it is truncated`,
    ],
    [
      "a corrupt IDX file",
      ["fit", "vae", "--data", corrupt, "--out", out],
      `${corrupt}: not an IDX file: the first two bytes are 6e 6f, expected 00 00`,
    ],
    [
      "a truncated file of a known data set",
      ["fit", "vae", "--data", "mnist", "--out", out],
      `${cut}: expected 47040016 bytes of (decompressed) content, found 100; delete or replace this ` +
        "file, then run again",
      join(folder, "cut"),
    ],
    [
      "a wrong checksum",
      ["fit", "vae", "--data", "mnist", "--out", out],
      new RegExp(
        `^${wrong}: wrong checksum: expected SHA-256 ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db, found [0-9a-f]{64}; delete or replace this file, then run again$`,
      ),
      join(folder, "wrong"),
    ],
    [
      "values that are no numbers",
      ["fit", "vae", "--data", nan, "--out", out],
      `${nan}: value at [0, 0, 0] is NaN, one of 10 that are no finite numbers: remove or replace ` +
        "them before loading",
    ],
    [
      "a batch larger than the data",
      tinyFit(out, "--batch", "201"),
      "batch is 201, but digits train has only 200 images",
    ],
    ["a size of zero", tinyFit(out, "--latents", "0"), `--latents is 0: ${whole}`],
    ["a negative size", tinyFit(out, "--batch", "-5"), `--batch is -5: ${whole}`],
    ["NaN as a size", tinyFit(out, "--hidden", "NaN"), `--hidden is NaN: ${whole}`],
    [
      "a strange time",
      tinyFit(out, "--checkpoint-every", "often"),
      "--checkpoint-every is often: it must be a number of seconds",
    ],
    ["no time for the tour", ["--seconds", "0"], "--seconds is 0: it must be greater than 0"],
    [
      "a folder that cannot be written",
      tinyFit(join(plain, "run")),
      /^cannot write '.*plain.run' \(ENOTDIR: .*\): choose a folder that can be written$/,
    ],
    [
      "a folder for the tour that cannot be written",
      ["--out", join(plain, "report")],
      /^cannot write '.*plain.report' \(ENOTDIR: .*\): choose a folder that can be written$/,
    ],
    [
      "a folder without a run",
      ["fit", "--resume", folder],
      `there is no run in '${folder}': it has no run.json`,
    ],
    [
      "two folders",
      ["fit", "--resume", "a", "--out", "b"],
      "--resume a and --out b: a run has one folder, give one",
    ],
  ];

  test.each(cases)("%s", async (_, args, message, data = folder) => {
    const { code, stdout, stderr } = await inProcess(args, data);
    const [line, ...rest] = stderr.split("\n");
    expect(rest).toEqual([""]);
    if (typeof message === "string") expect(line).toBe(`surmise: ${message}`);
    else expect(line.replace(/^surmise: /, "")).toMatch(message);
    expect(stdout).toBe("");
    expect(code).toBe(2);
    expect(existsSync(out)).toBe(false);
  });

  test("a run of another configuration, and a second run in one folder", async () => {
    const run = newPath();
    await surmise(tinyFit(run));
    const resumed = await surmise(["fit", "vae", "--resume", run, "--latents", "5", "--lr", "2"]);
    expect(resumed).toEqual({
      code: 2,
      stdout: "",
      stderr:
        `surmise: '${run}' holds a run of another configuration: --latents is 2 there and 5 here; ` +
        "--lr is 0.001 there and 2 here\n",
    });
    const second = await surmise(tinyFit(run));
    expect(second.code).toBe(2);
    expect(second.stderr).toBe(
      `surmise: '${run}' holds a run already: resume it, or choose another folder for a new one\n`,
    );
  });

  test("a bound that is NaN: the site, and where the last good state is kept", async () => {
    const run = newPath();
    const { code, stdout, stderr } = await surmise(
      tinyFit(run, "--optimizer", "sgd", "--lr", "1e10", "--json"),
    );
    const said = stderr.trim().split("\n").at(-1);
    expect(said).toMatch(
      /^surmise: at step 2 the bound is NaN: site 'z': the sd of its normal is 0 at image \d, latent \d \(outside in \d+ of 20 elements\); it must be greater than 0 and finite\. Make it of what is so, .* smaller learning rate\. /,
    );
    expect(said).toContain(
      `The last good state, of step 0, is kept in ${runFiles(run).checkpoint}`,
    );
    expect(stdout).toBe("");
    expect(code).toBe(2);
  });
});
