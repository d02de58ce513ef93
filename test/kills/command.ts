/** `npm run kills -- 100`: kills so many fits at any moment, and says what became of each; exit code 1 if one is wrong. */
import { kills } from "./kills.ts";

const count = Number(process.argv[2] ?? 100);
let [done, wrong] = [0, 0];
for await (const { when, fault } of kills(count)) {
  done++;
  if (fault !== undefined) wrong++;
  console.log(`${done}/${count}  killed ${when}: ${fault ?? "ended as if it had not been"}`);
}
console.log(`${done} kills, ${done - wrong} equal ends`);
process.exitCode = wrong === 0 ? 0 : 1;
