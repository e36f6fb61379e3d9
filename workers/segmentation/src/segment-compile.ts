// Writes the definition of a segment as SQL over a member's row: the same answer as `evaluateSegment` gives for one member.
import { CHANCE_BUCKETS, type SegmentLeaf, type SegmentNode } from "@regulars/contracts/segments";
import { type SQL, sql } from "drizzle-orm";
import type { Scene } from "./scene.ts";
import { compileCount, compileDay, compileOrders } from "./segment-compile-happenings.ts";
import { compileCustom, compileNumber, compileWord } from "./segment-compile-profile.ts";
import { Looks, type Reach } from "./segment-looks.ts";
import { fallingDays, isAmong, isWithin } from "./segment-sql.ts";

/** A segment whose definition is worked out; null: a definition that nothing refers to. */
export interface NamedDefinition {
  readonly segmentId: string | null;
  readonly definition: SegmentNode;
}

export interface CompiledSegments {
  /** Of each definition, whether a member fulfils it: true or false, never null. */
  readonly holds: readonly SQL[];
  /** Days until any of that may change by time alone; null: never. */
  readonly changesInDays: SQL;
  /** What these read, to be joined to `members as m`. */
  readonly joins: SQL;
}

export interface CompiledLeaf {
  readonly holds: SQL;
  readonly changesInDays?: SQL;
}

export interface Compiling {
  readonly scene: Scene;
  readonly looks: Looks;
  /** Segments that the same query decides before, with the condition that says who is in. */
  readonly decided: ReadonlyMap<string, SQL>;
}

type Of<Kind extends SegmentLeaf["kind"]> = Extract<SegmentLeaf, { readonly kind: Kind }>;

/**
 * Every value of a definition is a parameter. Conditions are two-valued, as the domain's `evaluateSegment` says, so `not` is the
 * exact complement. Segments that one names are those of the list that come before it, or else those whose members are stored now.
 */
export function compileSegments(named: readonly NamedDefinition[], scene: Scene, reach: Reach): CompiledSegments {
  const looks = new Looks(reach, scene);
  const decided = new Map<string, SQL>();
  const changes: SQL[] = [];
  const holds = named.map(({ segmentId, definition }) => {
    const condition = looks.decide(compileDefinition(definition, { scene, looks, decided }, changes));
    if (segmentId !== null) decided.set(segmentId, condition);
    return condition;
  });
  const changesInDays = changes.length === 0 ? sql`null::int` : sql`least(${sql.join(changes, sql`, `)})`;
  return { holds, changesInDays, joins: looks.joins() };
}

function compileDefinition(definition: SegmentNode, compiling: Compiling, changes: SQL[]): SQL {
  const compile = (node: SegmentNode): SQL => {
    switch (node.kind) {
      case "and":
        return sql`(${sql.join(node.nodes.map(compile), sql` and `)})`;
      case "or":
        return sql`(${sql.join(node.nodes.map(compile), sql` or `)})`;
      case "not":
        return sql`(not ${compile(node.node)})`;
      default: {
        const { holds, changesInDays } = compileLeaf(node, compiling);
        if (changesInDays !== undefined) changes.push(changesInDays);
        return holds;
      }
    }
  };
  return compile(definition);
}

function compileLeaf(leaf: SegmentLeaf, compiling: Compiling): CompiledLeaf {
  const { tenantId } = compiling.scene;
  switch (leaf.kind) {
    case "everyone":
      return { holds: sql`true` };
    case "word":
      return { holds: compileWord(leaf, compiling) };
    case "custom":
      return { holds: compileCustom(leaf) };
    case "number":
      return compileNumber(leaf, compiling.scene);
    case "identity":
      return {
        holds: sql`exists (select from identities as i
          where i.tenant_id = ${tenantId}::text and i.member_id = m.member_id and i.type = ${leaf.type}::text)`,
      };
    case "consent":
      return { holds: sql`(coalesce(m.consent -> ${leaf.to}::text = 'true'::jsonb, false) = ${leaf.given}::boolean)` };
    case "orders":
      return compileOrders(leaf, compiling);
    case "events":
    case "messages":
      return compileCount(leaf, compiling);
    case "orderAge":
    case "eventAge":
      return compileDay(leaf, compiling);
    case "predicted":
      return compilePredicted(leaf, compiling);
    case "chance": {
      const digest = sql`sha256(convert_to(${leaf.salt}::text || ':' || m.member_id, 'UTF8'))`;
      // 32 bits without a sign.
      const bucket = sql`(('x' || substr(encode(${digest}, 'hex'), 1, 8))::bit(32)::bigint % ${CHANCE_BUCKETS}::int)`;
      return { holds: sql`(${bucket} between ${leaf.from}::int and ${leaf.until}::int - 1)` };
    }
    default:
      return { holds: compileRow(leaf, compiling) };
  }
}

/** Conditions that look at one row of the member, found by its key. */
function compileRow(
  leaf: Of<"tag" | "tier" | "balance" | "scoreIs" | "score" | "flag" | "segment" | "list">,
  compiling: Compiling,
): SQL {
  const { looks } = compiling;
  const ofMember = (alias: SQL) => sql`${alias}.tenant_id = ${compiling.scene.tenantId}::text
    and ${alias}.member_id = m.member_id`;
  switch (leaf.kind) {
    case "tag": {
      const labels = looks.row("tags", sql`member_labels`, (x) => sql`${ofMember(x)} and ${x}.name = 'tags'`);
      const wanted = sql`array(select jsonb_array_elements_text(${JSON.stringify(leaf.in)}::jsonb))`;
      return sql`coalesce(jsonb_exists_any(${labels}.value, ${wanted}), false)`;
    }
    case "tier": {
      const tier = sql`${looks.row("tier", sql`member_tiers`, ofMember)}.tier`;
      const named = leaf.in.filter((id) => id !== null);
      const isNamed = sql`coalesce(${isAmong(tier, named)}, false)`;
      return leaf.in.includes(null) ? sql`(${tier} is null or ${isNamed})` : isNamed;
    }
    case "balance": {
      const isOf = (x: SQL) => sql`${ofMember(x)} and ${x}.currency = ${leaf.currency}::text`;
      const balance = looks.row(`balance ${leaf.currency}`, sql`balances`, isOf);
      return isWithin(sql`coalesce(${balance}.${sql.identifier(leaf.account)}, 0)`, leaf);
    }
    case "segment": {
      const isIn = compiling.decided.get(leaf.segmentId);
      if (isIn !== undefined) return isIn;
      const isOf = (x: SQL) => sql`${ofMember(x)} and ${x}.segment_id = ${leaf.segmentId}::text and ${x}.until is null`;
      return sql`(${looks.row(`segment ${leaf.segmentId}`, sql`segment_members`, isOf)}.member_id is not null)`;
    }
    case "list": {
      const isOf = (x: SQL) => sql`${ofMember(x)} and ${x}.list_id = ${leaf.listId}::text`;
      return sql`(${looks.row(`list ${leaf.listId}`, sql`member_lists`, isOf)}.member_id is not null)`;
    }
    case "scoreIs":
      return sql`coalesce(${isAmong(sql`${scoreOf(leaf.score, compiling)}::text`, leaf.in)}, false)`;
    case "score":
      return isWithin(scoreOf(leaf.score, compiling), leaf);
    case "flag":
      return sql`coalesce(${scoreOf(leaf.flag, compiling)}, false)`;
  }
}

/** A supply that is needed again within the range; of several, any. */
function compilePredicted(leaf: Of<"predicted">, compiling: Compiling): CompiledLeaf {
  const { scene, looks } = compiling;
  const { what } = leaf;
  if (what === "nextOrder") {
    const days = sql`(${scoreOf("nextOrderOn", compiling)} - ${scene.today}::date)`;
    return { holds: isWithin(days, leaf), changesInDays: fallingDays(days, leaf) };
  }
  const isNamed = what.refs === undefined ? sql`` : sql`and ${isAmong(sql`x.ref`, what.refs)}`;
  const range = JSON.stringify([leaf.atLeast, leaf.atMost]);
  const summary = (value: SQL, name: string) =>
    looks.summary(
      `supplies ${JSON.stringify(what)}`,
      (of) => sql`select x.member_id, x.due_on - ${scene.today}::date as days from repurchases as x
        where x.tenant_id = ${scene.tenantId}::text and x.kind = ${what.kind}::text ${isNamed} ${of(sql`x.member_id`)}`,
      value,
      name,
    );
  return {
    holds: sql`coalesce(${summary(sql`bool_or(${isWithin(sql`r.days`, leaf)})`, `any ${range}`)}, false)`,
    changesInDays: summary(sql`min(${fallingDays(sql`r.days`, leaf)})`, `change ${range}`),
  };
}

type Score = Of<"scoreIs">["score"] | Of<"score">["score"] | Of<"flag">["flag"] | "nextOrderOn";

/** A column of the member's scores: its name follows from the name of the score. */
function scoreOf(score: Score, { looks, scene }: Compiling): SQL {
  const scores = looks.row(
    "scores",
    sql`member_scores`,
    (x) => sql`${x}.tenant_id = ${scene.tenantId}::text and ${x}.member_id = m.member_id`,
  );
  return sql`${scores}.${sql.identifier(score.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))}`;
}
