// Tells drizzle-kit where the tables are and where migrations go.
import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "postgresql",
  schema: [
    "alerts",
    "clearing",
    "insights",
    "ledger",
    "loyalty",
    "members",
    "networks",
    "orders",
    "segments",
    "simulations",
    "tenants",
    "trade",
  ].map((room) => `./src/${room}.ts`),
  out: "../../migrations/postgres",
});
