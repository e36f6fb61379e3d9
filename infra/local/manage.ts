// Calls the management API of the local system as its operator's tools do: with the key in local.json.
import { dataFolderPath, readLocal } from "./data-folder.ts";

/** POSTs to `path` as the tenant's manager or the installation's operator; throws with the problem when it is refused. */
export async function askManagement<Answer>(
  path: string,
  body: object,
  as: "manageKey" | "operatorKey" = "manageKey",
): Promise<Answer> {
  const folder = dataFolderPath();
  const local = readLocal(folder);
  const key = local?.[as];
  if (local === null || key === undefined || key === null)
    throw new Error(`No system runs on ${folder}. Start it by: npm start`);
  const response = await fetch(`${local.url}${path}`, {
    method: "POST",
    headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`POST ${path} answered ${response.status}: ${text}`);
  // The management API answers with the shape that its contract names for this path.
  return JSON.parse(text) as Answer;
}
