// Tests on a real PostgreSQL that every due is in exactly one period, and that what was locked never changes.
import type { MemberEvent } from "@regulars/contracts/events";
import type { Due } from "@regulars/contracts/events-effects";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { makeMemberId, makePaid, TENANT } from "./make-events.ts";
import { asTenant, empty, project, startDatabase, type TestDatabase } from "./postgres-database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await startDatabase();
});
beforeEach(async () => {
  await empty(database);
  await database.owner.query("truncate clearing_periods, clearing_lines, clearing_nets");
});
afterAll(() => database.stop());

const monthStart = (month: number) => Date.UTC(2026, month - 1, 1);
const dayOf = (month: number, day: number) => Date.UTC(2026, month - 1, day);

function makeOwed(
  options: { memberId?: string; epoch?: number; sequence: number; at: number },
  amounts: readonly number[],
): MemberEvent {
  const event = makePaid({ ...options, orderId: `o-${options.sequence}` });
  const dues = amounts.map((amountMilli): Due => {
    const place = { storeId: "s-ben", issuerStoreId: "s-anna", currency: "points", money: "TWD", lot: "lot_1_0" };
    return { debtor: "anna", creditor: "ben", points: 1, amountMilli, reason: "redeemed", ...place };
  });
  return { ...event, body: { ...event.body, dues } as MemberEvent["body"] };
}

const query = <Row extends object>(text: string, values: readonly unknown[] = []) =>
  asTenant(database, TENANT, async (client) => (await client.query<Row>(text, [...values])).rows);

async function lock(month: number): Promise<void> {
  const [starts, ends] = [monthStart(month), monthStart(month + 1)].map((time) => new Date(time));
  await query("select lock_period($1, $2, $3, $3)", [`2026-0${month}`, starts, ends]);
}

const linesOf = async (month: number) =>
  (
    await query<{ times: number; amount: string }>(
      "select times, amount_milli as amount from clearing_lines where period = $1 order by at, sequence, times",
      [`2026-0${month}`],
    )
  ).map(({ times, amount }) => times * Number(amount));

const netOf = async (month: number) =>
  (
    await query<Record<"opening_milli" | "change_milli" | "settled" | "closing_milli", string>>(
      "select * from clearing_nets where period = $1",
      [`2026-0${month}`],
    )
  ).map((row) => [row.opening_milli, row.change_milli, row.settled, row.closing_milli].map(Number));

test("a due that arrives after its month was locked is settled with the next one, with what was carried", async () => {
  await project(database, [makeOwed({ sequence: 1, at: dayOf(1, 5) }, [1200, 600])]);
  await lock(1);
  await project(database, [
    makeOwed({ sequence: 2, at: dayOf(1, 31) }, [-500]),
    makeOwed({ sequence: 3, at: dayOf(2, 1) }, [3000]),
    makeOwed({ sequence: 4, at: dayOf(3, 1) }, [9000]),
  ]);
  await lock(2);
  expect([await linesOf(1), await linesOf(2)]).toEqual([
    [1200, 600],
    [-500, 3000],
  ]);
  expect([await netOf(1), await netOf(2)]).toEqual([[[0, 1800, 1, 800]], [[800, 2500, 3, 300]]]);
});

test("when a member's history is put back to an earlier moment, the next period takes back what was settled for the rest", async () => {
  await project(database, [
    makeOwed({ sequence: 1, at: dayOf(1, 5) }, [1000]),
    makeOwed({ sequence: 2, at: dayOf(1, 9) }, [2000, 50]),
  ]);
  await lock(1);
  await project(database, [
    makeOwed({ epoch: 2, sequence: 1, at: dayOf(1, 5) }, [1000]),
    makeOwed({ epoch: 2, sequence: 2, at: dayOf(1, 9) }, [2000, 70]),
  ]);
  await lock(2);
  await lock(3);
  expect([await linesOf(1), await linesOf(2), await linesOf(3)]).toEqual([[1000, 2000, 50], [-50, 70], []]);
  expect(await netOf(3)).toEqual([[70, 0, 0, 70]]);
});

test("a locked period is locked once, and the application cannot change what is in it", async () => {
  await project(database, [makeOwed({ sequence: 1, at: dayOf(1, 5) }, [1000])]);
  await lock(1);
  await expect(lock(1)).rejects.toMatchObject({ code: "23505" });
  for (const table of ["clearing_periods", "clearing_lines", "clearing_nets"]) {
    await expect(query(`delete from ${table}`)).rejects.toMatchObject({ code: "42501" });
    await expect(query(`update ${table} set period = '2026-09'`)).rejects.toMatchObject({ code: "42501" });
  }
  const others = await asTenant(database, "another-tenant", (client) => client.query("select * from clearing_lines"));
  expect(others.rows).toEqual([]);
});

test("whenever dues arrive and months are locked, every due is settled exactly once", async () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ member: fc.integer({ min: 1, max: 3 }), day: fc.integer({ min: 0, max: 89 }), amount: fc.integer() }),
      fc.constant("lock" as const),
    ),
    { minLength: 5, maxLength: 25 },
  );
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      await empty(database);
      await database.owner.query("truncate clearing_periods, clearing_lines, clearing_nets");
      let month = 1;
      for (const [place, step] of all.entries()) {
        if (step === "lock") {
          if (month === 4) continue;
          await lock(month);
          month += 1;
        } else {
          const at = monthStart(1) + step.day * 86_400_000;
          const options = { memberId: makeMemberId(step.member), sequence: place + 1, at };
          await project(database, [makeOwed(options, [step.amount === 0 ? 1 : step.amount])]);
        }
      }
      for (; month <= 4; month += 1) await lock(month);
      const locked = await query(
        "select member_id, sequence, position, sum(times)::int as times from clearing_lines group by 1, 2, 3 order by 1, 2, 3",
      );
      const owed = await query("select member_id, sequence, position, 1 as times from dues order by 1, 2, 3");
      expect(locked).toEqual(owed);
      const [sums] = await query<{ lines: string; settled: string }>(
        `select (select coalesce(sum(amount_milli), 0) from dues) as lines,
           (select coalesce(sum(settled), 0) * 1000 + coalesce(sum(closing_milli) filter (where period = '2026-04'), 0)
            from clearing_nets) as settled`,
      );
      expect(sums?.settled).toBe(sums?.lines);
    }),
    { numRuns: 25 },
  );
});

test("a lot tells whose it is, what it cost, and when and how it came, in whatever order events arrive", async () => {
  const paid = makePaid({ sequence: 1, orderId: "o-1", at: dayOf(1, 5) });
  const [lot] = "lots" in paid.body ? paid.body.lots : [];
  const opens = {
    ...paid,
    body: { ...paid.body, lots: [{ ...lot, ownerId: "anna", unitCostMilli: 900 }] },
  } as MemberEvent;
  // A refund that opens the lot again tells the same facts at another time.
  const again = makePaid({ sequence: 2, orderId: "o-2", at: dayOf(2, 5) });
  const reopens = {
    ...again,
    body: { ...again.body, lots: "lots" in opens.body ? opens.body.lots : [], transactions: [] },
  } as MemberEvent;
  for (const order of [
    [opens, reopens],
    [reopens, opens],
  ]) {
    await empty(database);
    for (const event of order) await project(database, [event]);
    expect(await query("select owner_id, unit_cost_milli, issued_at, issued_by from lots")).toEqual([
      { owner_id: "anna", unit_cost_milli: "900", issued_at: new Date(dayOf(1, 5)), issued_by: "order.paid" },
    ]);
  }
});
