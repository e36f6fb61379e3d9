// Measures what a run costs when some members have bought, from a thousandth of all to a tenth.
import { rotated } from "../statistics.ts";
import { addOrders } from "./new-orders.ts";
import type { Bench } from "./segmentation.ts";
import { nextMoment, workUntilDone } from "./work.ts";

export interface Increment {
  /** Of all members. */
  readonly share: number;
  readonly members: number;
  readonly milliseconds: number;
}

const SHARES = [0.001, 0.003, 0.01, 0.03, 0.1];

/** Each share once a round, in a rotating order. */
export async function measureIncrements({ database, worker, rounds, say }: Bench): Promise<Increment[]> {
  const increments: Increment[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const share of rotated(SHARES, round)) {
      const order = { share, round: `${round}-${share}`, placedAt: nextMoment() };
      const members = await addOrders(database.owner, order);
      const { milliseconds, membersScored } = await workUntilDone(worker);
      if (membersScored < members) throw new Error(`Only ${membersScored} of ${members} members were scored.`);
      say(`${100 * share} % (${members} members) in ${Math.round(milliseconds)} ms`);
      increments.push({ share, members, milliseconds });
    }
  }
  return increments;
}
