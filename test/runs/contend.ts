/** Many who want one lock. */
import { withLock } from "../../src/runs/lock.ts";

/**
 * So many calls ask for the lock of a folder at once, and whoever has it keeps it until all have an answer, however slow the
 * machine is.
 *
 * @returns how many had it, and how many at the most at one time
 */
export async function contend(folder: string, count: number) {
  let [answered, inside, had, most] = [0, 0, 0, 0];
  let release = () => {};
  const all = new Promise<void>((resolve) => {
    release = resolve;
  });
  const answer = () => {
    if (++answered === count) release();
  };
  const work = async () => {
    had++;
    most = Math.max(most, ++inside);
    answer();
    await all;
    inside--;
  };
  await Promise.all(Array.from({ length: count }, () => withLock(folder, work).catch(answer)));
  return { had, most };
}
