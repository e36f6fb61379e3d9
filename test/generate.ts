// Writes every generated file that is committed.
import { generateAll } from "./generated.ts";

await generateAll();
