// A program document: the tenant's rules as data; published versions never change. Each section has a file of its own.
import { z } from "zod";
import { CODE_CAMPAIGNS_MAX, CURRENCIES_MAX, HOLD_SECONDS_MAX, RULES_MAX } from "./limits.ts";
import { clearing } from "./program-clearing.ts";
import { earningRule } from "./program-earning.ts";
import { currencyRule, tender } from "./program-life.ts";
import { play } from "./program-play.ts";
import { codeCampaign, rewards, stampCard } from "./program-rewards.ts";
import { sharing } from "./program-sharing.ts";
import { tiers } from "./program-tiers.ts";
import { instant, slug, text } from "./values.ts";

export { currencyRule, expiry, tender, type CurrencyRule, type Tender } from "./program-life.ts";
export { earningRule, type EarningRule } from "./program-earning.ts";

const tenders = z.union([tender.transform((one) => [one]), z.array(tender).max(CURRENCIES_MAX)]);

/** The document that `PUT /manage/v1/program` takes. */
export const program = z.strictObject({
  name: text().optional(),
  /** From when on orders placed are decided by this version; see PUBLISH_LEAD_SECONDS for the default. */
  effectiveFrom: instant.optional(),
  currencies: z.array(currencyRule).max(CURRENCIES_MAX),
  earning: z.array(earningRule).max(RULES_MAX).default([]),
  tender: tenders.default([]),
  refund: z.strictObject({ debt: z.enum(["allow", "clampToBalance"]).default("allow") }).default({ debt: "allow" }),
  /** How long an authorized order keeps its points aside. */
  holdTimeoutSeconds: z.int().min(1).max(HOLD_SECONDS_MAX).default(900),
  tiers: tiers.optional(),
  rewards: rewards.default([]),
  codes: z.array(codeCampaign).max(CODE_CAMPAIGNS_MAX).default([]),
  stampCards: z.array(stampCard).max(20).default([]),
  play: play.default({ challenges: [], streaks: [], games: [] }),
  /** The reward that a member gets on the birthday, unless the tier says another. */
  birthdayReward: slug.optional(),
  sharing: sharing.default({ transfers: [], partners: [] }),
  clearing: clearing.optional(),
});

export type Program = z.output<typeof program>;
export type ProgramInput = z.input<typeof program>;
