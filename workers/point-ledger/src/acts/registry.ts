// Every act and look of a member's object by its name.
import type { Acts, Looks } from "@regulars/contracts/acts";
import type { ActHandlers, LookHandlers } from "./desk.ts";

export const acts: Partial<ActHandlers<Acts>> = {};

export const looks: Partial<LookHandlers<Looks>> = {};
