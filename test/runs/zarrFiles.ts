/** Reads arrays of a Zarr store in a folder. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { get, open, root } from "zarrita";

/** An array of the store in `folder`, such as `posterior/theta`; values row-major. */
export async function readZarr(folder: string, path: string) {
  const store = {
    async get(key: string): Promise<Uint8Array | undefined> {
      const file = join(folder, key);
      return existsSync(file) ? new Uint8Array(readFileSync(file)) : undefined;
    },
  };
  const found = await open.v2(root(store).resolve(path), { kind: "array" });
  const { data, shape } = await get(found);
  const dimensions = found.attrs._ARRAY_DIMENSIONS;
  return { dimensions, shape, data: Array.from(data as Iterable<number | bigint | string>) };
}
