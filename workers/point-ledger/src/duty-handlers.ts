// Every kind of duty and how it is told.
import type { DutyHandler } from "./duties.ts";

export const dutyHandlers: Readonly<Record<string, DutyHandler>> = {};
