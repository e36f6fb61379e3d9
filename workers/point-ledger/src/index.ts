// point-ledger: owns members, points, orders and claims. Its objects and its stateless entrypoint; no public HTTP.
import { WorkerEntrypoint } from "cloudflare:workers";
import type { RelayedEvent } from "@regulars/contracts/events";
import type { ChangeCommand, EnrolCommand, PointLedgerRpc, WriteContext } from "@regulars/contracts/rpc";
import type { CodesRpc } from "@regulars/contracts/rpc-codes";
import { shardName } from "@regulars/domain/naming";
import { givenOf } from "./budget-standing.ts";
import * as codes from "./code-calls.ts";
import { change, enrol } from "./enrolment.ts";
import { indexOf } from "./objects.ts";
import { referralCode } from "./referral-code.ts";
import { relay } from "./relay.ts";

export { BudgetRoot } from "./budget-root.ts";
export { BudgetShard } from "./budget-shard.ts";
export { CodeBook } from "./code-book.ts";
export { CodeRegister } from "./code-register.ts";
export { GuessLimiter } from "./guess-limiter.ts";
export { IdentityIndex } from "./identity-index.ts";
export { MemberLedger } from "./member-ledger.ts";

export class PointLedger extends WorkerEntrypoint<Env> implements PointLedgerRpc, CodesRpc {
  enrol(context: WriteContext, member: EnrolCommand, locationHint?: DurableObjectLocationHint) {
    return enrol(this.env, context, member, locationHint);
  }

  change(context: WriteContext, wanted: ChangeCommand) {
    return change(this.env, context, wanted);
  }

  find(tenantId: string, hash: string) {
    return indexOf(this.env, tenantId, shardName(tenantId, hash)).find(hash);
  }

  referralCode(tenantId: string, memberId: string) {
    return referralCode(this.env, tenantId, memberId);
  }

  makeCodes(tenantId: string, wish: { key: string; campaign: string; count: number }) {
    return codes.makeCodes(this.env, tenantId, wish);
  }

  codeBatch(tenantId: string, id: number) {
    return codes.codeBatch(this.env, tenantId, id);
  }

  codeBatches(tenantId: string, page: { before: number; limit: number }) {
    return codes.codeBatches(this.env, tenantId, page);
  }

  codeUsage(tenantId: string, id: number) {
    return codes.codeUsage(this.env, tenantId, id);
  }

  budgetGiven(tenantId: string, name: string) {
    return givenOf(this.env, { tenantId, name });
  }

  voidCodes(tenantId: string, id: number, numbers: readonly number[]) {
    return codes.voidCodes(this.env, tenantId, id, numbers);
  }

  relay(events: readonly RelayedEvent[]) {
    return relay(this.env, events);
  }
}

export default {
  fetch: () => new Response("point-ledger has no public surface", { status: 404 }),
} satisfies ExportedHandler<Env>;
