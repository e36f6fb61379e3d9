// Events beside orders and timed games, worked out by hand: what they give, their limits, and how they are taken back.
import { describe, expect, test } from "vitest";
import type { ActivityRecord } from "@regulars/contracts/events-more";
import type { ProgramInput } from "@regulars/contracts/program";
import { decideActivity, decideReversal } from "./activities.ts";
import { memberFacts } from "./facts.ts";
import { decideRound } from "./games.ts";
import { makeLine, makeOrder, MemoryLedger, TIME_ZONE } from "./memory-ledger.ts";
import { statementText } from "./statement-text.ts";

// Noon in Taipei.
const day = (text: string) => Date.parse(`${text}T04:00:00Z`);
const NOW = day("2026-07-01");
const fixed = (id: string, on: string, points: number) =>
  ({ id, on, currency: "points", type: "fixed", points }) as const;

const program: ProgramInput = {
  currencies: [{ id: "points", expiry: { type: "rolling", days: 365 } }, { id: "stamps" }],
  earning: [
    fixed("welcome", "enrolled", 100),
    { ...fixed("review", "review", 20), caps: [{ period: "month", times: 2 }], when: "event.data.words >= 10" },
    { ...fixed("check-in", "check_in", 5), caps: [{ period: "day", times: 1 }], stores: ["s1"] },
    { ...fixed("profile", "profile_completed", 1), perField: { birthday: 30, email: 20 } },
    { ...fixed("survey", "survey", 1), perField: { taste: 3, price: 4 } },
    { id: "score", on: "game_score", currency: "points", type: "perAmount", per: 100 },
    { id: "stamp", on: "tasting", currency: "stamps", type: "fixed", points: 2 },
  ],
  tender: { currency: "points", valuePerPoint: 100 },
  rewards: [{ id: "cake", name: { "zh-TW": "蛋糕" }, benefit: { type: "gift", sku: "cake" } }],
  stampCards: [{ id: "card", currency: "stamps", size: 3, reward: "cake" }],
  tiers: {
    window: { type: "rolling", days: 365 },
    levels: [{ id: "basic" }, { id: "critic", any: [{ activities: { type: "review", times: 2 } }] }],
  },
  play: {
    challenges: [
      {
        id: "critic",
        counts: "event",
        event: "review",
        times: 3,
        period: "month",
        prize: { points: { currency: "points", points: 50 }, badge: "critic" },
      },
    ],
    streaks: [{ id: "daily", counts: "event", event: "check_in", every: "day", length: 3, prize: { badge: "loyal" } }],
    games: [{ id: "catch", minSeconds: 5, maxSeconds: 60, maxScore: 1000, maxScorePerSecond: 20, roundsPerDay: 2 }],
  },
};

describe("an event", () => {
  test("gives what the rules on its type say, as often as their caps allow", () => {
    const ledger = make();
    for (const on of ["2026-07-01", "2026-07-02", "2026-07-03"]) record(ledger, "review", on, { words: 12 }, day(on));
    expect(statementText(ledger)).toEqual([
      "earn: available +20 = 20/0/0",
      "earn: available +20 = 40/0/0",
      "earn: available +50 = 90/0/0",
    ]);
    record(ledger, "review", "next", { words: 12 }, day("2026-08-01"));
    expect(balance(ledger)).toBe(110);
  });

  test("gives nothing when a condition on its data fails, and is recorded all the same", () => {
    const ledger = make();
    expect(record(ledger, "review", "short", { words: 9 })).toMatchObject({ earned: [], played: ["critic"] });
    expect(record(ledger, "review", "none", {})).toMatchObject({ earned: [] });
    expect(ledger.state.activity.get("2026-07-01")?.events).toEqual({ review: 2 });
  });

  test("of a store counts where a rule is for stores", () => {
    const ledger = make();
    expect(record(ledger, "check_in", "a", {}, NOW, "s2").earned).toEqual([]);
    expect(record(ledger, "check_in", "b", {}, NOW, "s1").earned).toMatchObject([{ rule: "check-in", points: 5 }]);
    expect(record(ledger, "check_in", "c", {}, NOW, "s1").earned).toEqual([]);
    const [lot] = ledger.state.lots.values();
    expect(lot?.lot).toMatchObject({ storeId: "s1", ownerId: "o1", rule: "check-in" });
  });

  test("without a store gives points of no store", () => {
    const ledger = make();
    record(ledger, "review", "a", { words: 12 });
    const [lot] = ledger.state.lots.values();
    expect(lot?.lot).toMatchObject({ storeId: null, ownerId: null });
  });

  test("gives points for each field once a member, whatever the key", () => {
    const ledger = make();
    record(ledger, "survey", "a", { taste: "sweet", other: 1 });
    record(ledger, "survey", "b", { taste: "salty", price: 5 });
    record(ledger, "survey", "c", { taste: "", price: 6 });
    expect(statementText(ledger)).toEqual(["earn: available +3 = 3/0/0", "earn: available +4 = 7/0/0"]);
  });

  test("completes challenges and streaks, and raises the tier", () => {
    const ledger = make();
    record(ledger, "review", "a", {});
    const second = record(ledger, "review", "b", {});
    expect(second.tier).toEqual({ before: null, after: "critic" });
    const third = record(ledger, "review", "c", {});
    expect(third.grants).toMatchObject([{ kind: "challenge", ref: "critic" }]);
    for (const on of ["2026-07-01", "2026-07-02", "2026-07-03"]) record(ledger, "check_in", on, {}, day(on), "s1");
    expect(ledger.state.facts.get("badges")).toMatchObject({
      critic: { critic: { times: 1 } },
      loyal: { daily: { times: 1 } },
    });
  });

  test("fills stamp cards", () => {
    const ledger = make();
    record(ledger, "tasting", "a", {});
    const { grants } = record(ledger, "tasting", "b", {});
    expect(grants).toMatchObject([{ kind: "card", ref: "card", undone: false }]);
    expect([...ledger.state.vouchers.values()]).toMatchObject([{ rewardId: "cake", state: "issued" }]);
  });
});

describe("an event that is taken back", () => {
  test("gives up its points, its place in caps and challenges, and the tier that it raised", () => {
    const ledger = make();
    const first = record(ledger, "review", "a", { words: 12 });
    record(ledger, "review", "b", { words: 12 });
    record(ledger, "review", "c", { words: 12 });
    expect(balance(ledger)).toBe(90);
    reverse(ledger, first);
    expect(statementText(ledger).slice(3)).toEqual([
      "reverse: available -20 = 70/0/0",
      "reverse: available -50 = 20/0/0",
    ]);
    expect(ledger.state.facts.get("badges")).toBeUndefined();
    expect(ledger.state.tier?.tier).toBe("critic");
    // The cap of two a month has room again.
    record(ledger, "review", "d", { words: 12 });
    expect(balance(ledger)).toBe(90);
  });

  test("leaves a debt for points that were spent, or not, as the program says", () => {
    for (const [debt, left] of [
      ["allow", -20],
      ["clampToBalance", 0],
    ] as const) {
      const ledger = make({ refund: { debt } });
      const review = record(ledger, "review", "a", { words: 12 });
      const redeem = [{ currency: "points", points: 20 }];
      const order = makeOrder(NOW, { redeem, lines: [makeLine({ quantity: 1, unitPrice: 2000 })] });
      ledger.call({ do: "order", version: 1, order }, NOW);
      reverse(ledger, review);
      expect(balance(ledger)).toBe(left);
    }
  });

  test("opens the card again that its stamps had filled", () => {
    const ledger = make();
    record(ledger, "tasting", "a", {});
    const second = record(ledger, "tasting", "b", {});
    reverse(ledger, second);
    expect([ledger.state.vouchers.size, ledger.state.currencies.get("stamps")?.available]).toEqual([0, 2]);
  });

  test("may give points for its fields again", () => {
    const ledger = make();
    reverse(ledger, record(ledger, "survey", "a", { taste: "sweet" }));
    record(ledger, "survey", "b", { taste: "sweet" });
    expect(balance(ledger)).toBe(3);
  });
});

describe("a round of a timed game", () => {
  const finish = (ledger: MemoryLedger, nonce: string, seconds: number, score: number, startedAt = NOW) => {
    const ask = { gameId: "catch", nonce, startedAt, score, storeId: null, regionId: null, ownerId: null };
    const now = startedAt + seconds * 1000;
    const outcome = ledger.decide(
      (state, compiled, at) => decideRound(state, compiled, ask, momentOf(ledger, at)),
      now,
    );
    return "refused" in outcome ? outcome.refused : null;
  };

  test("counts when its time and its score can be true", () => {
    const ledger = make();
    expect(finish(ledger, "a", 4.999, 10)).toBe("game_too_fast");
    expect(finish(ledger, "a", 60.001, 10)).toBe("game_too_slow");
    expect(finish(ledger, "b", 5, 101, NOW + 120_000)).toBe("game_score_implausible");
    expect(finish(ledger, "c", 60, 1001, NOW + 120_000)).toBe("game_score_implausible");
    expect(finish(ledger, "d", 60, 1000, NOW + 240_000)).toBe(null);
    expect(finish(ledger, "e", 5, 100, NOW + 360_000)).toBe(null);
    expect(statementText(ledger)).toEqual(["earn: available +10 = 10/0/0", "earn: available +1 = 11/0/0"]);
  });

  test("counts so many times a local day", () => {
    const ledger = make();
    const evening = Date.parse("2026-07-01T15:00:00Z");
    expect([1, 2, 3].map((round) => finish(ledger, `${round}`, 10, 100, evening + round * 100_000))).toEqual([
      null,
      null,
      "game_rounds_used",
    ]);
    // Midnight in Taipei is 16:00 in London.
    expect(finish(ledger, "4", 10, 100, Date.parse("2026-07-01T16:00:00Z"))).toBe(null);
  });
});

function make(more: Partial<ProgramInput> = {}): MemoryLedger {
  return new MemoryLedger([{ ...program, ...more }], NOW);
}

function record(
  ledger: MemoryLedger,
  type: string,
  key: string,
  data: ActivityRecord["data"],
  now = NOW,
  storeId: string | null = null,
): ActivityRecord {
  const place = { storeId, regionId: storeId && "r1", ownerId: storeId && "o1" };
  const outcome = ledger.decide(
    (state, compiled, at) => decideActivity(state, compiled, { type, key, data, ...place }, momentOf(ledger, at)),
    now,
  );
  if ("refused" in outcome || outcome.event.body.kind !== "activity.recorded") throw new Error("not recorded");
  return outcome.event.body.record;
}

function reverse(ledger: MemoryLedger, known: ActivityRecord): void {
  ledger.decide((state, compiled, at) => decideReversal(state, compiled, known, momentOf(ledger, at)), ledger.state.at);
}

function momentOf({ state }: MemoryLedger, now: number) {
  return { now, timeZone: TIME_ZONE, facts: memberFacts(state, undefined, now, TIME_ZONE), expiredOf: () => 0 };
}

const balance = ({ state }: MemoryLedger) => state.currencies.get("points")?.available ?? 0;
