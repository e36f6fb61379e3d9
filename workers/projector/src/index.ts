// The Worker that copies member events into Postgres.
import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";

export class StoreBoard extends DurableObject<Env> {}
export class Projector extends WorkerEntrypoint<Env> {}

export default { fetch: () => new Response("ok") } satisfies ExportedHandler<Env>;
