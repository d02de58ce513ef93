/** What other rooms use of runtime, beside what users see (`index.ts`). */

export { WORTH_COMPILING } from "./backend.ts";
export { isSealed, openSealedJson, seal, sealedJson, UNSEALED } from "./checksum.ts";
export { type Linkage, SPARE } from "./executable.ts";
export * from "./index.ts";
export { describeBytes, machineMemory } from "./memory.ts";
export { type OpenReplica, openReplica, type ProgramReplica } from "./replica.ts";
export { threadsFor } from "./threads/count.ts";
export { broadcast, placesIn } from "./values.ts";
export { instancesOf } from "./wasm/instances.ts";
