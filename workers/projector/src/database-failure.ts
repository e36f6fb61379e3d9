// Decides what a failed statement means: the data can never be stored, or PostgreSQL cannot store anything just now.

/** Values out of range, broken constraints, limits of the server, exceptions of our own functions. */
const OF_THE_DATA = /^(22|23|54|P0001)/;

/** The SQLSTATE when the data itself is at fault; null when the same data may be stored later. */
export function refusalOfData(error: unknown): string | null {
  const code = sqlStateOf(error);
  return code !== null && OF_THE_DATA.test(code) ? code : null;
}

// A library may wrap the driver's error; an error without a code never reached PostgreSQL.
function sqlStateOf(error: unknown): string | null {
  for (let current = error; current instanceof Error; current = current.cause) {
    if ("code" in current && typeof current.code === "string") return current.code;
  }
  return null;
}
