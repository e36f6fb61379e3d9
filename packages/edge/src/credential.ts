// Reads the credential of a request and compares secrets without telling by time where they differ.
import { createHash, timingSafeEqual } from "node:crypto";

/** The credential of `Authorization: Bearer …`, or null. */
export function readBearer(headers: Headers): string | null {
  const header = headers.get("Authorization");
  if (header === null || header.slice(0, 7).toLowerCase() !== "bearer ") return null;
  const credential = header.slice(7).trim();
  return credential === "" ? null : credential;
}

/** SHA-256 of a secret, hex: what is stored instead of it. */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** Whether a secret is the one whose hash is stored. */
export function secretMatches(secret: string, secretHash: string): boolean {
  const given = createHash("sha256").update(secret).digest();
  const stored = Buffer.from(secretHash, "hex");
  return given.byteLength === stored.byteLength && timingSafeEqual(given, stored);
}
