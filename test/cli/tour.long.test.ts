import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolders } from "../runs/folders.ts";
import { begin, surmise } from "./command.ts";

const newFolder = temporaryFolders();

describe("the tour", () => {
  test("shows images first, numbers, generated digits, and writes a report", async () => {
    const folder = newFolder();
    const { process: child, ended } = begin([
      "--data",
      "digits",
      "--seconds",
      "5",
      "--out",
      folder,
    ]);
    const seen: string[] = [];
    child.stdout?.on("data", (text) => {
      if (/[▒▓█]/.test(String(text))) seen.push("images");
    });
    child.stderr?.on("data", () => seen.push("progress"));
    const { code, stdout, stderr } = await ended;
    expect(code).toBe(0);
    expect(seen[0]).toBe("images");
    expect(stdout).toMatch(
      /^surmise fits models to data\. Here: 20000 images of digits, such as these\.\n/,
    );
    expect(stdout).toMatch(/\(stopped after \d s, at step \d+, to keep the tour short\)/);
    expect(stdout).toMatch(/bound \(ELBO\) +-\d+\.\d\d +-\d+\.\d\d\n/);
    expect(stdout).toMatch(/negative log-likelihood, 500 draws +\d+\.\d\d\n/);
    expect(stdout).toContain("Digits it draws from random numbers:");
    expect(stdout).toMatch(/report {2}.*report\.html\nnext {4}surmise fit vae --data digits .*\n$/);
    expect(stderr).toMatch(/20 latents +\d+\/2500 .*bound -\d+/);

    const html = readFileSync(join(folder, "report.html"), "utf8");
    const titles = [...html.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, title]) => title);
    expect(titles).toEqual([
      "Result",
      "Training",
      "Reconstructions",
      "Samples",
      "The plane of two latents",
    ]);
    expect(html).toMatch(/A second model, with 2 latents: after \d+ steps its bound is -\d+\.\d/);
  });

  test("takes drawn digits where MNIST cannot be had, and stops at Ctrl-C", async () => {
    const folder = newFolder();
    const { process: child, ended } = begin(["--out", folder], {
      NODE_OPTIONS: `--import=${join(import.meta.dirname, "offline.mjs")}`,
    });
    child.stdout?.on("data", (text) => {
      if (String(text).includes("to judge it by")) child.kill("SIGINT");
    });
    const { code, stdout, stderr } = await ended;
    expect(stdout).toContain(
      "(MNIST cannot be downloaded; these digits are drawn by surmise instead)",
    );
    expect(stderr).toMatch(/stopped\n$/);
    expect(code).toBe(130);
    expect(existsSync(join(folder, "report.html"))).toBe(false);
  });
});

test("--help lists the commands, fit --help its options, --version the version", async () => {
  const [help, fit, version] = await Promise.all(
    [["--help"], ["fit", "--help"], ["--version"]].map((args) => surmise(args)),
  );
  expect([help.code, fit.code, version.code]).toEqual([0, 0, 0]);
  expect(help.stdout).toMatch(/Commands:\n {2}tour .*\n[\s\S]* {2}fit .*\n/);
  expect(fit.stdout).toContain("--particles <k>");
  expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});
