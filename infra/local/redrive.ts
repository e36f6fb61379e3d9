// Sends the messages that could not be projected to the queue again, as many as the first argument says (100).
import { askManagement } from "./manage.ts";

/** What one call sends at most. */
const LIMIT = 100;

const wanted = process.argv[2] === undefined ? LIMIT : Number(process.argv[2]);
if (!Number.isSafeInteger(wanted) || wanted < 1) throw new Error("The argument is a number of messages: 1 or more.");
let redriven = 0;
while (redriven < wanted) {
  const limit = Math.min(LIMIT, wanted - redriven);
  const answer = await askManagement<{ redriven: number }>("/manage/v1/dead-letters/redrive", { limit }, "operatorKey");
  redriven += answer.redriven;
  if (process.stderr.isTTY) process.stderr.write(`\r${redriven} messages sent again `);
  if (answer.redriven < limit) break;
}
if (process.stderr.isTTY) process.stderr.write("\n");
console.log(`${redriven} messages sent again`);
