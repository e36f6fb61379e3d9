// Runs the statements of reports that look at all members or all orders of a range.
import { type Database, withTenant } from "@regulars/schema/connection";

/**
 * PostgreSQL's own settings are for statements that look at a few rows. Reports sort and group millions in memory, on disks on which
 * it does not matter where the next page lies, and never in loops: a few rows, it thinks, may be hundreds of thousands.
 */
const PLANNING = { work_mem: "64MB", random_page_cost: "1.1", enable_nestloop: "off" };

/** As `withTenant`. */
export const readWidely = <Statements extends Parameters<typeof withTenant>[2]>(
  database: Database,
  tenantId: string,
  statements: Statements,
) => withTenant(database, tenantId, statements, { planning: PLANNING });
