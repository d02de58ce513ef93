import { resolve } from "node:path";
import { defineConfig } from "vitest/config";

/** `npm test` takes what is fast; `npm run test:long` the files called `.long.test.ts`. */
const long = process.env.npm_lifecycle_event === "test:long";

export default defineConfig({
  resolve: {
    alias: [
      { find: /^surmise$/, replacement: resolve(import.meta.dirname, "src/index.ts") },
      { find: /^surmise\/(\w+)$/, replacement: resolve(import.meta.dirname, "src/$1/index.ts") },
    ],
  },
  test: {
    include: [long ? "test/**/*.long.test.ts" : "test/**/*.test.ts"],
    exclude: long ? [] : ["test/**/*.long.test.ts"],
    maxWorkers: "100%",
    // Files of one worker share their modules and what has become machine code of them: half of the seconds.
    isolate: false,
    // So long that only what hangs meets it, also where the machine is busy with something else.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
