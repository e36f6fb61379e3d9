// Acts and looks between members, pools and networks.
import type { SharingActs, SharingLooks } from "@regulars/contracts/acts-sharing";
import type { ActHandlers, LookHandlers } from "./desk.ts";
import { householdActs, householdLooks } from "./households.ts";
import { mergeActs } from "./merging.ts";
import { referralActs } from "./referrals.ts";
import { transferActs, transferLooks } from "./transfers.ts";
import { walletActs } from "./wallets.ts";

export const sharingActs: ActHandlers<SharingActs> = {
  ...transferActs,
  ...walletActs,
  ...referralActs,
  ...householdActs,
  ...mergeActs,
};

export const sharingLooks: LookHandlers<SharingLooks> = { ...transferLooks, ...householdLooks };
