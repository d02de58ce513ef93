/** A worker as the benchmark sees it: a process that answers messages. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { z } from "zod";
import { SurmiseError } from "../../src/tensor/index.ts";
import { threadVariables, type WorkerCommand, workerArguments } from "./commands.ts";
import { type Block, block, type Hello, hello, type Request } from "./protocol.ts";
import type { Workload } from "./workloads/index.ts";

/** How much of what a worker wrote to standard error is kept for a message. */
const KEPT = 4000;

/** A running worker. Its methods throw a SurmiseError that says how it ended, where it did. */
export class WorkerProcess {
  readonly peer: string;
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly lines: AsyncIterator<string>;
  private readonly ended: Promise<string>;
  private errors = "";

  constructor(worker: WorkerCommand, workload: Workload, threads: number) {
    const { peer, command, env } = worker;
    this.peer = peer;
    this.child = spawn(command, [...worker.arguments, ...workerArguments(workload, threads)], {
      stdio: "pipe",
      env: { ...process.env, ...threadVariables(threads), ...env },
    });
    this.child.stderr.setEncoding("utf8").on("data", (text) => {
      this.errors = (this.errors + text).slice(-KEPT);
    });
    this.child.stdin.on("error", () => {});
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
    this.ended = once(this.child, "close").then(
      ([code, signal]) => `ended with ${signal ?? `code ${code}`}`,
      (error) => `could not be started: ${error.message}`,
    );
  }

  /** What it says first: that it is ready, or what is missing. */
  hello(): Promise<Hello> {
    return this.receive(hello);
  }

  /** Lets it work for at least so long. */
  run(seconds: number): Promise<Block> {
    this.send({ run: { seconds } });
    return this.receive(block);
  }

  /** The next message, which must be of the given form; lines that are no objects are passed over. */
  async receive<T>(form: z.ZodType<T>): Promise<T> {
    for (;;) {
      const { done, value } = await this.lines.next();
      if (done) throw await this.failure();
      if (!value.startsWith("{")) continue;
      const { success, data } = form.safeParse(parse(value));
      if (!success) throw new SurmiseError(`${this.peer} does not keep to the protocol: ${value}`);
      return data;
    }
  }

  /** Ends it, whatever it is doing. */
  stop(): void {
    this.child.kill();
  }

  private send(message: Request): void {
    this.child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  private async failure(): Promise<SurmiseError> {
    const ended = await this.ended;
    const lines = this.errors.trim().split("\n");
    const reason = lines.find((line) => /^[\w.]*Error\b/.test(line)) ?? lines[lines.length - 1];
    return new SurmiseError(`${this.peer} ${ended}${reason ? `: ${reason.trim()}` : ""}`);
  }
}

/** Undefined where `text` is not JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
