import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";

/** The rows of a Parquet file, as another library reads them. */
export async function readParquet(path: string) {
  return parquetReadObjects({ file: await asyncBufferFromFile(path) });
}
