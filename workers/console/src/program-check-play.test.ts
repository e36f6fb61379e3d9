// What is wrong with challenges, streaks and games is said before a program is published.
import { program, type ProgramInput } from "@regulars/contracts/program";
import { expect, test } from "vitest";
import { checkPlay } from "./program-check-play.ts";

const prize = { points: { currency: "points", points: 5 } };
const challenge = { id: "visits", times: 3, period: "month", prize } as const;
const streak = { id: "weekly", every: "week", length: 4, prize } as const;
const game = { id: "catch", minSeconds: 5, maxSeconds: 60, maxScore: 100, maxScorePerSecond: 2 } as const;
const name = { "zh-TW": "蛋糕" };
const benefit = { type: "gift", sku: "cake" } as const;

const found = (play: ProgramInput["play"], more: Partial<ProgramInput> = {}) => {
  const currencies = [{ id: "points" }, { id: "coin", network: "arcade" }];
  const rewards = [
    { id: "cake", name, benefit },
    { id: "tasting", name, benefit, stock: 10 },
  ];
  return checkPlay(program.parse({ currencies, rewards, play, ...more })).map(({ code, field }) => `${code} ${field}`);
};

test("challenges, streaks and games that can be won are sound", () => {
  const reviews = {
    ...challenge,
    id: "reviews",
    counts: "event",
    event: "review",
    when: "event.data.stars == 5",
  } as const;
  expect(found({ challenges: [challenge, reviews], streaks: [streak], games: [game] })).toEqual([]);
});

test("an id is given once among challenges and streaks, and not to a rule too", () => {
  const earning = [{ id: "weekly", currency: "points" }];
  const play = { challenges: [challenge, challenge], streaks: [{ ...streak, id: "visits" }, streak] };
  expect(found(play, { earning })).toEqual([
    "duplicate_item play.challenges[1].id",
    "duplicate_item play.streaks[0].id",
    "duplicate_item play.streaks[1].id",
  ]);
});

test("what counts events says which, and nothing else does", () => {
  const challenges = [
    { ...challenge, counts: "event" } as const,
    { ...challenge, id: "b", event: "review" },
    { ...challenge, id: "c", counts: "event", event: "order" } as const,
  ];
  expect(found({ challenges })).toEqual([
    "missing_field play.challenges[0].event",
    "invalid_program play.challenges[1].event",
    "invalid_program play.challenges[2].event",
  ]);
});

test("a prize is something that the program can always give", () => {
  const of = (id: string, won: object) => ({ ...challenge, id, prize: won });
  const challenges = [
    of("nothing", {}),
    of("gold", { points: { currency: "gold", points: 1 } }),
    of("coins", { points: { currency: "coin", points: 1 } }),
    of("pie", { reward: "pie" }),
    of("scarce", { reward: "tasting" }),
  ];
  expect(found({ challenges })).toEqual([
    "invalid_program play.challenges[0].prize",
    "currency_unknown play.challenges[1].prize.points.currency",
    "invalid_program play.challenges[2].prize.points.currency",
    "reward_unknown play.challenges[3].prize.reward",
    "invalid_program play.challenges[4].prize.reward",
  ]);
});

test("conditions make sense, streaks can be seen, and games can be won in time", () => {
  const impossible = { ...game, id: "slow", minSeconds: 61, maxScorePerSecond: 0.01 };
  const challenges = [{ ...challenge, when: "order.nett > 1" }];
  const streaks = [{ ...streak, length: 141 }, { ...streak, id: "long", every: "month", length: 33 } as const];
  expect(found({ challenges, streaks, games: [impossible, game, game] })).toEqual([
    "invalid_condition play.challenges[0].when",
    "number_out_of_range play.streaks[0].length",
    "number_out_of_range play.streaks[1].length",
    "duplicate_item play.games[2].id",
    "invalid_program play.games[0].minSeconds",
    "invalid_program play.games[0].maxScorePerSecond",
  ]);
});

test("what Regulars records within other writes has no shared budget", () => {
  const rule = { currency: "points", type: "fixed", budget: { points: 100 } } as const;
  const earning = ["enrolled", "profile_completed", "review"].map((on) => ({ ...rule, id: on, on }));
  expect(found({}, { earning })).toEqual(["invalid_program earning[0].budget", "invalid_program earning[1].budget"]);
});
