// Runs the statements of reports that look at all members or all orders of a range; those that look up a few of many use `withTenant`.
import { type Database, withTenant } from "@regulars/schema/connection";

/**
 * PostgreSQL's own settings are for statements that look at a few rows. Reports sort and group millions in memory, and never loop: a
 * few rows, it thinks, may be hundreds of thousands. A page elsewhere costs them little more than the next: at that, an index is read
 * where it holds all that is asked for, and the table where it does not (measured at ten million orders).
 */
const PLANNING = { work_mem: "64MB", random_page_cost: "1.5", enable_nestloop: "off" };

/** As `withTenant`. */
export const readWidely = <Statements extends Parameters<typeof withTenant>[2]>(
  database: Database,
  tenantId: string,
  statements: Statements,
) => withTenant(database, tenantId, statements, { planning: PLANNING });
