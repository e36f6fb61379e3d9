// Evaluates live orders by a tenant's shadow, off the hot path: what it finds is stored in the transaction of the events.
import type { MemberEvent } from "@regulars/contracts/events";
import { program as programShape } from "@regulars/contracts/program";
import { shadowPath, type ShadowRecord } from "@regulars/contracts/simulations";
import { compileProgram, type CompiledProgram } from "@regulars/domain/program";
import { explainSight, sightOf } from "@regulars/domain/shadow";

/** How long a place goes on with what it knows of a tenant's shadow; KV itself may lag by as much. */
const KNOWN_MILLISECONDS = 20_000;
const KV_CACHE_SECONDS = 30;
const TENANTS_KEPT_MAX = 1000;
/** Explained orders of one batch: PostgreSQL keeps twenty of a day. */
const EXAMPLES_MAX = 20;

export interface Shadow {
  readonly shadowId: string;
  readonly timeZone: string;
  readonly candidate: CompiledProgram;
}

/** What a shadow makes of one order, as `project_shadowed` reads it. */
export interface Sight {
  readonly memberId: string;
  readonly epoch: number;
  readonly sequence: number;
  readonly orderId: string;
  readonly day: string;
  readonly differs: boolean;
  readonly rules: readonly { rule: string; currency: string; now: number; candidate: number }[];
  readonly example: { readonly now: unknown; readonly candidate: unknown } | null;
}

// Of the isolate: a shadow is read again within seconds, so losing it costs one read.
const known = new Map<string, { readonly shadow: Shadow | null; readonly readAt: number }>();

/** The tenant's shadow; null without one. A directory that cannot be read holds up no event: the shadow misses some. */
export async function shadowOf(env: Env, tenantId: string): Promise<Shadow | null> {
  const entry = known.get(tenantId);
  if (entry !== undefined && Date.now() - entry.readAt < KNOWN_MILLISECONDS) return entry.shadow;
  try {
    const record = await env.DIRECTORY.get<ShadowRecord>(shadowPath(tenantId), {
      type: "json",
      cacheTtl: KV_CACHE_SECONDS,
    });
    const shadow = record === null ? null : readShadow(record, entry?.shadow ?? null);
    if (known.size >= TENANTS_KEPT_MAX) known.clear();
    known.set(tenantId, { shadow, readAt: Date.now() });
    return shadow;
  } catch (error) {
    console.warn(JSON.stringify({ message: "shadow not read", tenantId, error: String(error) }));
    return null;
  }
}

/** What the shadow makes of the orders among the events that were just paid. */
export function sightsOf({ candidate, timeZone }: Shadow, events: readonly MemberEvent[]): Sight[] {
  let explained = 0;
  return events.flatMap((event): Sight[] => {
    const { memberId, epoch, sequence, body } = event;
    if (body.kind !== "order.paid") return [];
    const { order } = body;
    try {
      const { day, rules, differs } = sightOf(candidate, order, timeZone);
      if (differs) explained += 1;
      const example = differs && explained <= EXAMPLES_MAX ? exampleOf(candidate, event, timeZone) : null;
      return [{ memberId, epoch, sequence, orderId: order.orderId, day, differs, rules, example }];
    } catch (error) {
      console.error(JSON.stringify({ message: "order not shadowed", memberId, sequence, error: String(error) }));
      return [];
    }
  });
}

function exampleOf(candidate: CompiledProgram, { body }: MemberEvent, timeZone: string): Sight["example"] {
  if (body.kind !== "order.paid") return null;
  const { order } = body;
  const rules = explainSight(candidate, order, timeZone);
  const earned = (given: readonly { rule: string; currency: string; points: number }[]) =>
    given.filter(({ points }) => points > 0).map(({ rule, currency, points }) => ({ rule, currency, points }));
  const reasons = order.earned.map(({ rule, currency, points, why }) => {
    const { amount, per, times } = why;
    return { rule, currency, points, reason: null, base: amount, per, times };
  });
  return {
    now: { earned: earned(order.earned), rules: reasons },
    candidate: { earned: earned(rules), rules },
  };
}

function readShadow({ shadowId, timeZone, program }: ShadowRecord, before: Shadow | null): Shadow {
  if (before?.shadowId === shadowId) return before;
  return { shadowId, timeZone, candidate: compileProgram(0, programShape.parse(program)) };
}
