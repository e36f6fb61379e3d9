// Keeps the guide to segments true: its definitions are ones that would be saved, and it leaves out no kind of condition.
import { readFileSync } from "node:fs";
import { segmentDefinition, segmentRequest } from "@regulars/contracts/segments";
import { expect, test } from "vitest";

const guide = readFileSync(new URL("../docs/segments.md", import.meta.url), "utf8");
const examples = [...guide.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text = ""]) => JSON.parse(text) as object);

test("every example is a definition, or a request, as it stands", () => {
  expect(examples.length).toBeGreaterThan(8);
  for (const example of examples) {
    const read = "kind" in example ? segmentDefinition.safeParse(example) : segmentRequest.safeParse(example);
    expect(read.error?.issues, JSON.stringify(example)).toBe(undefined);
  }
});

test("every kind of condition is explained, and all but the one without a question are shown", () => {
  const kinds =
    "everyone word custom number identity consent tag tier balance orders orderAge events eventAge scoreIs score flag predicted messages segment chance list";
  for (const kind of kinds.split(" ")) {
    expect(guide, kind).toContain(`\`${kind}\``);
    if (kind !== "everyone") expect(JSON.stringify(examples), kind).toContain(`"kind":"${kind}"`);
  }
});
