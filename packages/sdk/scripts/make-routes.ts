// Writes src/routes.gen.ts: method, address and key of every operation of `/v1`, from the contract's own table.
import { writeFileSync } from "node:fs";
import { memberOperations } from "@regulars/contracts/operations-member";
import type { Operation } from "@regulars/contracts/operations";

const KEYED = { key: "always", "own-id": "given", none: "no" } as const;

const rows = (memberOperations as readonly Operation[]).map(
  ({ id, method, path, idempotency }) => `  ${id}: ["${method}", "${path}", "${KEYED[idempotency]}"],`,
);
const text = [
  "// Every operation of `/v1`: its method, its address, and whether it needs an Idempotency-Key. Made by scripts/make-routes.ts.",
  "export const ROUTES = {",
  ...rows,
  "} as const;",
  "",
].join("\n");
writeFileSync(new URL("../src/routes.gen.ts", import.meta.url), text);
