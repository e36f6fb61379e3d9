// What a program's sharing may name: its own currencies, each once, and only networks that the tenant is part of.
import { program, type ProgramInput } from "@regulars/contracts/program";
import { expect, test } from "vitest";
import { checkNetworks, checkSharing } from "./program-check-sharing.ts";

const currencies = [{ id: "points" }, { id: "coins", network: "food" }];
const makeProgram = (sharing: ProgramInput["sharing"]) => program.parse({ currencies, sharing });
const prize = (currency: string) => ({ currency, points: 10 });

test("sharing names currencies of the program's own, and never coins of a network", () => {
  const sharing = {
    transfers: [{ currency: "points" }, { currency: "stamps" }, { currency: "coins" }, { currency: "points" }],
    household: { currencies: ["coins"] },
    referral: { referrer: prize("points"), referee: prize("gems") },
  };
  expect(checkSharing(makeProgram(sharing))).toEqual([
    { code: "currency_unknown", field: "sharing.transfers[1].currency", facts: { currency: "stamps" } },
    { code: "invalid_value", field: "sharing.transfers[2].currency" },
    { code: "duplicate_item", field: "sharing.transfers[3].currency" },
    { code: "invalid_value", field: "sharing.household.currencies[0]" },
    { code: "currency_unknown", field: "sharing.referral.referee.currency", facts: { currency: "gems" } },
  ]);
});

test("a partner's code is one partner's alone, in whatever letters", () => {
  const partners = [
    { id: "mei", code: "MEI10" },
    { id: "mei", code: "AN5" },
    { id: "lin", code: "mei10", member: { memberId: "mbr_1", currency: "gems", per: 100, points: 1 } },
  ];
  expect(checkSharing(makeProgram({ partners }))).toEqual([
    { code: "currency_unknown", field: "sharing.partners[2].member.currency", facts: { currency: "gems" } },
    { code: "duplicate_item", field: "sharing.partners[1].id" },
    { code: "duplicate_item", field: "sharing.partners[2].code" },
  ]);
});

test("a coin of a network needs the tenant to be part of it", () => {
  const document = makeProgram({ causes: [{ id: "trees" }] });
  expect(checkSharing(document)).toEqual([]);
  expect(checkNetworks(document, ["food"])).toEqual([]);
  expect(checkNetworks(document, [])).toEqual([
    { code: "network_unknown", field: "currencies[1].network", facts: { network: "food" } },
  ]);
});
