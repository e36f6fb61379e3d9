// Writes where in a request something is, as a caller would: `lines[0].unitPrice`.

/** An unknown key is the caller's text; so much of it is named and no more. */
const KEY_LENGTH_MAX = 80;
/** Nesting has no limit of its own; a path longer than this helps nobody. */
const PATH_LENGTH_MAX = 200;
const PLAIN_KEY = /^[A-Za-z_$][\w$-]*$/;

export function fieldPath(path: readonly PropertyKey[]): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else text += step(String(part), text === "");
    if (text.length > PATH_LENGTH_MAX) return `${text.slice(0, PATH_LENGTH_MAX)}…`;
  }
  return text;
}

function step(key: string, isFirst: boolean): string {
  const shown = key.length > KEY_LENGTH_MAX ? `${key.slice(0, KEY_LENGTH_MAX)}…` : key;
  if (!PLAIN_KEY.test(shown)) return `[${JSON.stringify(shown)}]`;
  return isFirst ? shown : `.${shown}`;
}
