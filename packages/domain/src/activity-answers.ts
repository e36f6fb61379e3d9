// Answers to events beside orders, made from what was stored of them alone.
import type { ActivityAnswer, ReversalAnswer } from "@regulars/contracts/acts-activity";
import type { EventBody, MemberEvent, StoredBalance } from "@regulars/contracts/events";
import type { VoucherRecord } from "@regulars/contracts/events-effects";
import type { ActivityRecord } from "@regulars/contracts/events-more";
import type { ReasonedEarn } from "@regulars/contracts/rpc";
import { publicBalance } from "./view.ts";

type Recorded = Extract<EventBody, { kind: "activity.recorded" | "activity.reversed" }>;

/** The answer to a recorded event, or to a look at it with the balances of now. */
export function activityAnswer(event: MemberEvent, balances?: readonly StoredBalance[]): ActivityAnswer {
  const body = recordedIn(event);
  const { record } = body;
  return {
    activity: publicActivity(record),
    earned: record.earned.map((one) => earnedOf(one, body)),
    issued: issuedIn(body),
    completed: record.grants
      .filter(({ kind, undone }) => (kind === "challenge" || kind === "streak") && !undone)
      .map(({ ref }) => ref),
    tier: record.reversedAt === null && record.tier ? record.tier.after : null,
    balances: (balances ?? body.balances).map(publicBalance),
    sequence: event.sequence,
  };
}

/** The answer to a reversal: what left the member or became debt, by rule. */
export function reversalAnswer(event: MemberEvent): ReversalAnswer {
  const body = recordedIn(event);
  const sums = new Map<string, { currency: string; points: number; rule: string }>();
  for (const { kind, entries, rule = "" } of body.transactions) {
    if (kind !== "reverse") continue;
    for (const { account, currency, points } of entries) {
      if (account !== "issued") continue;
      const sum = sums.get(`${rule}/${currency}`) ?? { currency, points: 0, rule };
      sums.set(`${rule}/${currency}`, { ...sum, points: sum.points + points });
    }
  }
  return {
    activity: publicActivity(body.record),
    reversed: [...sums.values()],
    balances: body.balances.map(publicBalance),
    sequence: event.sequence,
  };
}

function recordedIn({ body, sequence }: MemberEvent): Recorded {
  if (body.kind !== "activity.recorded" && body.kind !== "activity.reversed") {
    throw new Error(`event ${sequence} is not about an activity`);
  }
  return body;
}

function publicActivity(record: ActivityRecord): ActivityAnswer["activity"] {
  const { type, key, data, storeId, at, reversedAt, programVersion } = record;
  return { type, key, data, storeId, at, reversedAt, programVersion };
}

function earnedOf(one: ActivityRecord["earned"][number], { lots }: Recorded): ReasonedEarn {
  const { currency, points, rule, why, lot } = one;
  const opened = lots.find(({ id }) => id === lot);
  const life = opened && {
    availableAt: new Date(opened.availableAt).toISOString(),
    expiresAt: opened.expiresAt === null ? null : new Date(opened.expiresAt).toISOString(),
  };
  return { currency, points: points - one.reversed, rule, why, lot, ...life };
}

// Vouchers that came to the member with this very event.
function issuedIn({ record, vouchers = [] }: Recorded): ActivityAnswer["issued"] {
  const granted = new Set(record.grants.filter(({ undone }) => !undone).map(({ voucherId }) => voucherId));
  return vouchers
    .filter(({ id, state }: VoucherRecord) => state === "issued" && granted.has(id))
    .map(({ id, rewardId, origin }) => ({ id, rewardId, kind: origin.kind }));
}
