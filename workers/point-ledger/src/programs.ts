// Compiled programs by tenant and version: published versions never change, so one read an isolate is enough.
import { programPath } from "@regulars/contracts/directory";
import { program as programShape } from "@regulars/contracts/program";
import { compileProgram, type CompiledProgram } from "@regulars/domain/program";

// A few versions of each tenant an isolate serves; a compiled program is some tens of KB.
const PROGRAMS_KEPT_MAX = 500;
const compiled = new Map<string, CompiledProgram>();

/** The program if this isolate has it already. */
export function knownProgram(tenantId: string, version: number): CompiledProgram | undefined {
  return compiled.get(programPath(tenantId, version));
}

/** The program from KV; null when no such version was published. */
export async function loadProgram(
  directory: KVNamespace,
  tenantId: string,
  version: number,
): Promise<CompiledProgram | null> {
  const path = programPath(tenantId, version);
  const known = compiled.get(path);
  if (known !== undefined) return known;
  const document = await directory.get<unknown>(path, "json");
  if (document === null) return null;
  // Sections that came after it was published get the defaults that leave its meaning as it was.
  const program = compileProgram(version, programShape.parse(document));
  if (compiled.size >= PROGRAMS_KEPT_MAX) compiled.clear();
  compiled.set(path, program);
  return program;
}
