import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { DownloadProgress } from "../../src/data/index.ts";
import { isHere, locateFiles } from "../../src/data/sets/locate.ts";
import { SurmiseError } from "../../src/tensor/index.ts";
import { sha256, temporaryFolders } from "./fixtures.ts";

const newFolder = temporaryFolders();
const content = Buffer.from("the content of the file, long enough to be cut");
const zipped = gzipSync(content);

/** A server whose answers the tests choose; `requests` lists what it was asked for. */
let answer: RequestListener;
const requests: string[] = [];
const server = createServer((request, response) => {
  requests.push(request.url!);
  answer(request, response);
});
await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

let folder: string;
let cache: string;
beforeEach(() => {
  folder = newFolder();
  cache = join(newFolder(), "not", "yet", "made");
  requests.length = 0;
  answer = (_, response) => response.end(zipped);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

function dataset(...addresses: string[]) {
  const file = { name: "f", bytes: content.length, sha256: sha256(content), addresses };
  const instead = 'Or use "digits", which needs no files.';
  return { name: "toy", files: [file], howToGet: "ask for it", instead };
}

function put(where: string, name: string, bytes: Uint8Array): string {
  mkdirSync(join(where, "toy"), { recursive: true });
  writeFileSync(join(where, "toy", name), bytes);
  return join(where, "toy", name);
}

const places = () => ({ dataFolder: folder, cacheFolder: cache });
const locate = async (...addresses: string[]) =>
  Buffer.from((await locateFiles(dataset(...addresses), places())).f);

describe("locateFiles", () => {
  test.each([
    ["f", content],
    ["f.gz", zipped],
  ])("reads %s from the data folder", async (name, bytes) => {
    expect(await isHere(dataset(), places())).toBe(false);
    put(folder, name, bytes);
    expect(await isHere(dataset(), places())).toBe(true);
    expect(await locate(`${origin}/f.gz`)).toEqual(content);
    expect(requests).toEqual([]);
  });

  test("takes the data folder from SURMISE_DATA", async () => {
    put(folder, "f", content);
    vi.stubEnv("SURMISE_DATA", folder);
    const { f } = await locateFiles(dataset(), { cacheFolder: cache });
    expect(Buffer.from(f)).toEqual(content);
  });

  test("prefers the data folder to the cache, and the cache to a download", async () => {
    put(cache, "f.gz", zipped);
    expect(await locate(`${origin}/f.gz`)).toEqual(content);
    expect(requests).toEqual([]);
    put(folder, "f", Buffer.from("wrong"));
    await expect(locate()).rejects.toThrow(join(folder, "toy", "f"));
  });

  test.each([
    ["f.gz", zipped],
    ["f", content],
  ])("downloads into the cache as %s, once", async (name, bytes) => {
    answer = (_, response) => response.end(bytes);
    expect(await locate(`${origin}/f`)).toEqual(content);
    expect(readdirSync(join(cache, "toy"))).toEqual([name, `${name}.sha256`]);
    expect(readFileSync(join(cache, "toy", name))).toEqual(bytes);
    expect(await locate(`${origin}/f`)).toEqual(content);
    expect(requests).toEqual(["/f"]);
  });

  test.each(["f.gz", "f.gz.sha256"])("a changed bit in a kept %s is told", async (name) => {
    await locate(`${origin}/f.gz`);
    const path = join(cache, "toy", name);
    const bytes = readFileSync(path);
    for (let flip = 0; flip < 50; flip++) {
      const bit = Math.floor((flip * (8 * bytes.length - 1)) / 49);
      const changed = Uint8Array.from(bytes);
      changed[bit >> 3] ^= 1 << (bit & 7);
      writeFileSync(path, changed);
      await expect(locate(), `bit ${bit}`).rejects.toThrow(
        /f\.gz: .*; delete or replace this file, then run again/,
      );
    }
    writeFileSync(path, bytes);
    expect(await locate()).toEqual(content);
  });

  test("reports the progress of a download", async () => {
    const seen: DownloadProgress[] = [];
    answer = (_, response) => response.setHeader("content-length", zipped.length).end(zipped);
    const onProgress = (progress: DownloadProgress) => seen.push(progress);
    await locateFiles(dataset(`${origin}/f`), { ...places(), onProgress });
    expect(seen.at(-1)).toEqual({ file: "f", received: zipped.length, total: zipped.length });
  });

  test("tries the next address if one fails or sends something else", async () => {
    answer = ({ url }, response) => {
      if (url === "/gone") response.writeHead(404).end();
      else response.end(url === "/good" ? zipped : "something else");
    };
    const addresses = ["gone", "other", "good"].map((path) => `${origin}/${path}`);
    expect(await locate(...addresses)).toEqual(content);
    expect(requests).toEqual(["/gone", "/other", "/good"]);
  });
});

describe("locateFiles refuses", () => {
  const advice = "delete or replace this file, then run again";

  test("a file with another checksum, naming it and both sums", async () => {
    const changed = Buffer.from(content);
    changed[5] ^= 1;
    const path = put(folder, "f", changed);
    const expected = `${path}: wrong checksum: expected SHA-256 ${sha256(content)}, found ${sha256(changed)}; ${advice}`;
    await expect(locate()).rejects.toThrow(expected);
    await expect(locate()).rejects.toThrow(SurmiseError);
  });

  test("a truncated file, with the bytes expected and found", async () => {
    const path = put(cache, "f", content.subarray(0, 10));
    await expect(locate()).rejects.toThrow(
      `${path}: expected ${content.length} bytes of (decompressed) content, found 10; ${advice}`,
    );
  });

  test("a truncated gzip file", async () => {
    const path = put(folder, "f.gz", zipped.subarray(0, 30));
    await expect(locate()).rejects.toThrow(
      `${path}: gzip file truncated or corrupt after 30 bytes: unexpected end of file; ${advice}`,
    );
  });

  test("a folder in the place of a file", async () => {
    mkdirSync(join(folder, "toy", "f"), { recursive: true });
    await expect(locate()).rejects.toThrow(SurmiseError);
    await expect(locate()).rejects.toThrow(advice);
  });

  test("a file that is nowhere, listing all that was tried and what to do", async () => {
    answer = ({ url }, response) => {
      if (url === "/gone") response.writeHead(404).end();
      else if (url === "/silent") response.flushHeaders();
      else response.end(zipped.subarray(0, 30));
    };
    // Nothing listens at port 2.
    const addresses = [
      ...["gone", "silent", "cut"].map((p) => `${origin}/${p}`),
      "http://127.0.0.1:2/",
    ];
    const error = await locateFiles(dataset(...addresses), { ...places(), stallSeconds: 1 }).then(
      () => new Error("found"),
      (thrown: Error) => thrown,
    );
    expect(error).toBeInstanceOf(SurmiseError);
    expect(error.message.split("\n")).toEqual([
      'data set "toy": cannot get f.',
      `  - no f or .gz in ${join(folder, "toy")}`,
      `  - no f or .gz in the cache, ${join(cache, "toy")}`,
      `  - ${origin}/gone: the server answers 404`,
      `  - ${origin}/silent: no answer for 1 s`,
      `  - ${origin}/cut: gzip file truncated or corrupt after 30 bytes: unexpected end of file`,
      expect.stringMatching(/^ {2}- http:\/\/127\.0\.0\.1:2\/: fetch failed \(.*ECONNREFUSED/),
      'What to do: ask for it; put the files into a folder "toy", and set SURMISE_DATA to the folder ' +
        'around it. Or use "digits", which needs no files.',
    ]);
    expect(existsSync(cache)).toBe(false);
  });

  test("a file without an address, and any if downloading is switched off", async () => {
    vi.stubEnv("SURMISE_DATA", undefined);
    const nowhere = locateFiles(dataset(), { cacheFolder: cache });
    await expect(nowhere).rejects.toThrow("  - SURMISE_DATA is not set\n");
    await expect(nowhere).rejects.toThrow("  - there is no address to download it from\n");
    const offline = locateFiles(dataset(`${origin}/f`), { ...places(), download: false });
    await expect(offline).rejects.toThrow("  - downloading is switched off\n");
    expect(requests).toEqual([]);
  });

  test("to lose a download that cannot be kept", async () => {
    const file = join(newFolder(), "file");
    writeFileSync(file, "");
    const keeping = locateFiles(dataset(`${origin}/f`), { dataFolder: folder, cacheFolder: file });
    await expect(keeping).rejects.toThrow(SurmiseError);
    await expect(keeping).rejects.toThrow(`cannot keep the download ${join(file, "toy", "f.gz")}`);
  });
});
