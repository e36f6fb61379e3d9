// The management API of Regulars: tenants, stores, keys and programs.
import { app } from "./app.ts";
import { republishAll } from "./republish.ts";

export { ExportRun } from "./export-run.ts";
export { SimulationRun } from "./simulation-run.ts";

export default {
  fetch: app.fetch,
  async scheduled(_controller, env) {
    await republishAll(env);
  },
} satisfies ExportedHandler<Env>;
