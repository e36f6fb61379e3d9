// What can be asked of a member's object by name: each room declares its acts (writes) and looks (reads) with their shapes.
import type { ActivityActs, ActivityLooks } from "./acts-activity.ts";
import type { ExplainLooks } from "./acts-explain.ts";
import type { LifeActs, LifeLooks } from "./acts-life.ts";
import type { RewardActs, RewardLooks } from "./acts-rewards.ts";
import type { SharingActs, SharingLooks } from "./acts-sharing.ts";
import type { TillActs, TillLooks } from "./acts-tills.ts";

export interface Acts extends ActivityActs, LifeActs, RewardActs, SharingActs, TillActs {}
export interface Looks extends ActivityLooks, ExplainLooks, LifeLooks, RewardLooks, SharingLooks, TillLooks {}

export type ActName = keyof Acts;
export type ActAsk<Name extends ActName> = Acts[Name]["ask"];
export type ActAnswer<Name extends ActName> = Acts[Name]["answer"];
export type LookName = keyof Looks;
export type LookAsk<Name extends LookName> = Looks[Name]["ask"];
export type LookAnswer<Name extends LookName> = Looks[Name]["answer"];
