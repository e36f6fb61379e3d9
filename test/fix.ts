// Lets the linter and the formatter repair what they can.
import { showCommand } from "./command.ts";

const linted = await showCommand("oxlint --fix --deny-warnings");
const formatted = await showCommand("oxfmt");
process.exitCode = linted && formatted ? 0 : 1;
