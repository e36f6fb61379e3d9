// Households: rights are kept in two objects that agree in the end, and a pool pays orders as its members may.
import { env } from "cloudflare:workers";
import type { ProgramInput } from "@regulars/contracts/program";
import type { HouseholdRole } from "@regulars/contracts/sharing";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { kindsOf, later, live, openDuties, pairsOfFates, pointsIn, stopClock, wake } from "./kill.ts";
import { makeContext, makeOrder, plainProgram, publishTenant, refusalOf, valueOf, writing } from "./make-member.ts";
import { ledgerOf } from "./objects.ts";

const tenantId = "ten_households";
const LATER = Date.now() + 400 * 86_400_000;

const program = {
  ...plainProgram,
  sharing: { household: { membersMax: 3, currencies: ["points"] } },
} satisfies ProgramInput;

beforeAll(() => publishTenant(tenantId, program));
beforeEach(() => {
  stopClock(LATER);
  vi.spyOn(console, "warn").mockImplementation(() => {});
});
afterEach(() => vi.restoreAllMocks());

const LIVES = pairsOfFates({ followUps: true });
const redeem = [{ currency: "points", points: 60, wallet: "household" as const }];
const order = makeOrder({ placedAt: LATER, redeem });

test.each(LIVES)("a pool pays an order once, when the spender's object dies %s and then %s", async (...fates) => {
  const { pool, owner, spender } = await makeHousehold();
  const everybody = [pool.ledger, owner.ledger, spender.ledger];
  await give(owner, 100);
  expect(await pointsIn(everybody)).toBe(300);
  await live(spender.ledger, fates[0], (object) => object.putOrder(writing(spender.at, "o/A/paid"), order));
  later();
  await live(spender.ledger, fates[1], (object) => object.putOrder(writing(spender.at, "o/A/paid"), order));
  valueOf(await spender.ledger().putOrder(writing(spender.at, "o/A/paid"), order));
  await settle(spender);
  expect(await available(pool)).toBe(40);
  valueOf(
    await spender.ledger().refundOrder(writing(spender.at, "o/A/r"), { orderId: "A", refundId: "r", lines: null }),
  );
  await settle(spender);
  expect([await available(pool), await available(spender), await available(owner)]).toEqual([100, 100, 100]);
});

test("an earner gives to the pool and cannot pay from it; one who has left can do neither", async () => {
  const { pool, owner, spender, household } = await makeHousehold();
  const earner = await makePerson();
  await grantRight(pool, household, earner, "earner");
  await give(earner, 50);
  expect(await available(pool)).toBe(50);
  const put = (person: Person, orderId: string, points = 10) =>
    person.ledger().putOrder(writing(person.at, `o/${orderId}/paid`), {
      ...order,
      orderId,
      redeem: [{ currency: "points", points, wallet: "household" }],
    });
  expect(refusalOf(await put(earner, "A"))).toBe("insufficient_points");
  expect(refusalOf(await put(spender, "B"))).toBeNull();
  await grantRight(pool, household, spender, null);
  expect(refusalOf(await put(spender, "C"))).toBe("insufficient_points");
  expect(refusalOf(await give(spender, 5))).toBe("household_not_found");
  expect(refusalOf(await put(owner, "D", 41))).toBe("insufficient_points");
  expect(refusalOf(await put(owner, "E", 40))).toBeNull();
  await settle(owner);
  expect(await available(pool)).toBe(0);
});

test.each(LIVES)(
  "one who belongs elsewhere stays there, and the pool agrees, when the pool dies %s, %s",
  async (...fates) => {
    const first = await makeHousehold();
    const second = await makeHousehold();
    const ask = { householdId: second.household, memberId: first.spender.memberId, role: "spender" as const };
    await live(second.pool.ledger, fates[0], (object) =>
      object.act(writing(second.pool.at, "k/join"), "household.let", ask),
    );
    later();
    await live(second.pool.ledger, fates[1]);
    await wake(second.pool.ledger);
    expect(await openDuties(second.pool.ledger)).toBe(0);
    const listed: unknown = valueOf(await second.pool.ledger().look(second.pool.at, "household.get", null));
    expect(JSON.stringify(listed)).not.toContain(first.spender.memberId);
    const { household } = valueOf(await first.spender.ledger().look(first.spender.at, "household.of", null)) as {
      household: unknown;
    };
    expect(household).toMatchObject({ id: first.household, role: "spender" });
  },
);

test("a household has as many members as the program allows, and an owner from the first", async () => {
  const { pool, household } = await makeHousehold();
  await grantRight(pool, household, await makePerson(), "earner");
  const ask = { householdId: household, memberId: (await makePerson()).memberId, role: "earner" as const };
  expect(await pool.ledger().act(writing(pool.at, "k/4"), "household.let", ask)).toMatchObject({
    refusal: { code: "household_full", facts: { membersMax: 3 } },
  });
  const nobody = poolOf("unfounded");
  expect(refusalOf(await nobody.ledger().act(writing(nobody.at, "k/1"), "household.let", ask))).toBe(
    "household_not_found",
  );
  expect(await kindsOf(nobody.ledger)).toEqual([]);
});

let people = 0;

async function makePerson() {
  people += 1;
  const person = accountOf(`mbr_household_${people}`);
  const { ledger, at } = person;
  const enrolment = { identities: [], profile: {}, homeStoreId: "s1", source: null, consent: {} };
  valueOf(await ledger().enrol(writing(at, "k/enrol"), enrolment));
  valueOf(
    await ledger().adjust(writing(at, "k/gift"), { currency: "points", points: 100, reason: "test", storeId: null }),
  );
  return person;
}

async function makeHousehold() {
  const [owner, spender] = [await makePerson(), await makePerson()];
  const household = `h${people}`;
  const pool = poolOf(household);
  await grantRight(pool, household, owner, "owner");
  await grantRight(pool, household, spender, "spender");
  const gift = { currency: "points", points: 100, reason: "test", storeId: null };
  valueOf(await owner.ledger().adjust(writing(owner.at, "k/more"), gift));
  return { household, pool, owner, spender };
}

type Person = ReturnType<typeof accountOf>;

function accountOf(memberId: string) {
  const at = { ...makeContext(memberId, LATER), tenantId };
  return { memberId, at, ledger: () => ledgerOf(env, tenantId, memberId) };
}

const poolOf = (household: string) => accountOf(`mbr_pool_${household}`);

let rights = 0;

async function grantRight(pool: Person, householdId: string, { memberId }: Person, role: HouseholdRole | null) {
  const ask = { householdId, memberId, role };
  valueOf(await pool.ledger().act(writing(pool.at, `k/right-${(rights += 1)}`), "household.let", ask));
  await settle(pool);
}

async function give(person: Person, points: number) {
  const ask = { purpose: "pool" as const, to: "", cause: null, currency: "points", points, vouchers: [], note: null };
  const reply = await person.ledger().act(writing(person.at, `k/give-${points}`), "transfer.send", ask);
  await settle(person);
  return reply;
}

async function settle({ ledger }: Person) {
  for (let round = 0; round < 3; round += 1) await wake(ledger);
  expect(await openDuties(ledger)).toBe(0);
}

async function available({ ledger, at }: Person) {
  return valueOf(await ledger().balances({ ...at, now: Date.now() })).balances[0]?.available;
}
