/** One file over HTTP. */
import { SurmiseError } from "../../tensor/index.ts";

/** How far a download is. */
export interface DownloadProgress {
  /** The name of the file. */
  file: string;
  /** Bytes so far. */
  received: number;
  /** Bytes in all, if the server says so. */
  total: number | undefined;
}

/**
 * The bytes at `address`. `file` is what `onProgress` calls them.
 *
 * @throws SurmiseError starting with the address if the server cannot be reached, answers with an
 * error, or sends nothing for `stallSeconds`.
 */
export async function download(
  address: string,
  file: string,
  stallSeconds: number,
  onProgress: (progress: DownloadProgress) => void = () => {},
): Promise<Uint8Array> {
  const abort = new AbortController();
  const giveUp = () => abort.abort(new Error(`no answer for ${stallSeconds} s`));
  let stall = setTimeout(giveUp, 1000 * stallSeconds);
  try {
    const response = await fetch(address, { signal: abort.signal });
    if (!response.ok || !response.body) throw new Error(`the server answers ${response.status}`);
    const total = Number(response.headers.get("content-length")) || undefined;
    const parts: Uint8Array[] = [];
    let received = 0;
    for await (const part of response.body) {
      clearTimeout(stall);
      stall = setTimeout(giveUp, 1000 * stallSeconds);
      parts.push(part);
      received += part.length;
      onProgress({ file, received, total });
    }
    return Buffer.concat(parts);
  } catch (error) {
    throw new SurmiseError(`${address}: ${reason(error as Error)}`);
  } finally {
    clearTimeout(stall);
  }
}

/** fetch says only "fetch failed"; what failed is in the cause. */
function reason(error: Error): string {
  const { cause } = error;
  return cause instanceof Error ? `${error.message} (${cause.message})` : error.message;
}
