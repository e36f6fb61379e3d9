// member-api: the public HTTP API. It owns nothing but requests; the console tells it when something was published.
import { WorkerEntrypoint } from "cloudflare:workers";
import type { MemberApiRpc } from "@regulars/contracts/rpc";
import { app } from "./app.ts";
import { forget } from "./directory.ts";

export class MemberApi extends WorkerEntrypoint<Env> implements MemberApiRpc {
  async refresh(tenantId: string): Promise<void> {
    forget(tenantId);
  }
}

export default { fetch: app.fetch } satisfies ExportedHandler<Env>;
