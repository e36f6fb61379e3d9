// The Worker that copies member events into PostgreSQL, and proves and heals the copy.
import { WorkerEntrypoint } from "cloudflare:workers";
import type { ProjectorRpc, ReconcilePage } from "@regulars/contracts/rpc";
import { rebuildBoard } from "./board-feed.ts";
import { keepDeadLetters, redriveDeadLetters } from "./dead-letters.ts";
import { gather, type FollowUp } from "./follow-up.ts";
import { projectMessages } from "./project.ts";
import { reconcilePage, type PageWish } from "./reconcile.ts";

export { StoreBoard } from "./store-board.ts";

/** What other Workers may ask, and what this one asks of itself. */
export class Projector extends WorkerEntrypoint<Env> implements ProjectorRpc {
  reconcile(tenantId: string, page: PageWish): Promise<ReconcilePage> {
    return reconcilePage(this.env, tenantId, page);
  }

  redrive(limit: number): Promise<number> {
    return redriveDeadLetters(this.env, limit);
  }

  async followUp(followUp: FollowUp): Promise<void> {
    gather(this.env, this.ctx, followUp);
  }

  rebuildBoard(tenantId: string, storeId: string): Promise<void> {
    return rebuildBoard(this.env, tenantId, storeId);
  }
}

export default {
  async queue(batch, env) {
    if (batch.queue === "member-events-dead") await keepDeadLetters(batch, env);
    else await projectMessages(batch, env);
  },
} satisfies ExportedHandler<Env>;
