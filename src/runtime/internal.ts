/** What other rooms use of runtime, beside what users see (`index.ts`). */

export { WORTH_COMPILING } from "./backend.ts";
export { isSealed, openSealedJson, seal, sealedJson, UNSEALED } from "./checksum.ts";
export type { Linkage } from "./executable.ts";
export * from "./index.ts";
export { describeBytes, machineMemory } from "./memory.ts";
export { type OpenReplica, openReplica, type ProgramReplica } from "./replica.ts";
export { threadsFor } from "./threads/count.ts";
export { broadcast, placesIn } from "./values.ts";
export { SPARE } from "./wasm/executable.ts";
export { instancesOf } from "./wasm/instances.ts";
