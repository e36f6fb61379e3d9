// The columns of every dataset that can be exported, with their types and where they come from.
import type { ExportDataset } from "@regulars/contracts/exports";
import { sql, type SQL } from "drizzle-orm";

export type ColumnKind = "text" | "integer" | "double" | "boolean" | "instant" | "day";

export interface Column {
  readonly name: string;
  readonly kind: ColumnKind;
  /** A value of the row `x`, or of what `export-sources.ts` joins to it. */
  readonly value: SQL;
  /** Tells who the member is. */
  readonly personal: boolean;
}

/** Columns of a dataset; those that tell who a member is only when they are asked for. */
export function columnsOf(dataset: ExportDataset, personal: boolean): readonly Column[] {
  return COLUMNS[dataset].filter((column) => personal || !column.personal);
}

/** A column of `x` that is called as in the database, or the value that is given. */
function of(kind: ColumnKind, name: string, value: SQL = sql`x.${sql.identifier(name)}`): Column {
  return { name, kind, value, personal: false };
}
const text = (name: string, value?: SQL) => of("text", name, value);
const integer = (name: string, value?: SQL) => of("integer", name, value);
const double = (name: string, value?: SQL) => of("double", name, value);
const boolean = (name: string, value?: SQL) => of("boolean", name, value);
const instant = (name: string, value?: SQL) => of("instant", name, value);
const day = (name: string, value?: SQL) => of("day", name, value);

const ofProfile = (name: string): Column => ({ ...text(name, sql`x.profile ->> ${name}`), personal: true });
const ofIdentity = (name: string): Column => ({
  ...text(
    name,
    sql`(select string_agg(i.value, ' ' order by i.value) from identities as i
      where i.tenant_id = x.tenant_id and i.member_id = x.member_id and i.type = ${name})`,
  ),
  personal: true,
});

/** What the scores of a member and their history both have. */
const SCORES = [
  integer("recency"),
  integer("frequency"),
  integer("monetary"),
  integer("engagement"),
  text("rfm_segment"),
  text("rfm_group"),
  text("stage"),
  text("label"),
  text("band"),
  text("profit_group"),
  boolean("has_potential"),
  boolean("churn_risk"),
];
const scoresOf = (row: SQL) => SCORES.map((one) => ({ ...one, value: sql`${row}.${sql.identifier(one.name)}` }));

const COLUMNS: Readonly<Record<ExportDataset, readonly Column[]>> = {
  members: [
    text("member_id"),
    ...["name", "company", "gender", "birthday"].map(ofProfile),
    ...["phone", "email", "line", "card"].map(ofIdentity),
    text("home_store_id"),
    text("source"),
    instant("enrolled_at"),
    text("consent", sql`x.consent::text`),
    text("tier", sql`t.tier`),
    instant("tier_since", sql`t.since`),
    instant("tier_until", sql`t.until`),
    text(
      "tags",
      sql`(select l.value::text from member_labels as l
        where l.tenant_id = x.tenant_id and l.member_id = x.member_id and l.name = 'tags')`,
    ),
    integer("orders", sql`f.orders`),
    integer("spend", sql`f.spend`),
    day("first_order_on", sql`f.first_day`),
    day("last_order_on", sql`f.last_day`),
    ...scoresOf(sql`s`),
    day("labels_since", sql`s.since`),
    double("cycle_days", sql`s.cycle_days`),
    day("next_order_on", sql`s.next_order_on`),
    day("churn_from", sql`s.churn_from`),
    double("alive", sql`s.alive`),
    double("expected_orders", sql`s.expected_orders`),
    double("expected_spend", sql`s.expected_spend`),
    double("lifetime_value", sql`s.lifetime_value`),
    day("scored_on", sql`s.scored_on`),
  ],
  orders: [
    text("order_id"),
    text("member_id"),
    text("store_id"),
    text("region_id"),
    text("owner_id"),
    text("channel"),
    text("partner"),
    instant("placed_at"),
    day("placed_on", sql`(x.placed_at at time zone z.zone)::date`),
    text("state"),
    text("currency"),
    integer("gross"),
    integer("net"),
    integer("payable"),
    integer("refunded"),
    integer("vouchered"),
    boolean("late"),
    integer("program_version"),
  ],
  order_lines: [
    text("order_id"),
    text("line_id"),
    text("member_id"),
    text("store_id", sql`o.store_id`),
    instant("placed_at", sql`o.placed_at`),
    day("placed_on", sql`(o.placed_at at time zone z.zone)::date`),
    text("state", sql`o.state`),
    text("sku"),
    text("category"),
    integer("quantity"),
    integer("returned"),
    integer("unit_price"),
    integer("discount"),
    text("currency", sql`o.currency`),
  ],
  refunds: [text("order_id"), text("member_id"), text("refund_id"), instant("at"), integer("amount")],
  balances: [text("member_id"), text("currency"), integer("available"), integer("pending"), integer("held")],
  segment_members: [text("segment_id"), text("member_id"), instant("since"), integer("version")],
  score_history: [
    text("member_id"),
    day("since"),
    day("until"),
    ...scoresOf(sql`x`),
    double("alive"),
    double("lifetime_value"),
  ],
  repurchases: [
    text("member_id"),
    text("kind"),
    text("ref"),
    day("last_day"),
    integer("quantity"),
    integer("gaps"),
    double("cycle_days"),
    day("due_on"),
    day("window_from"),
    day("window_until"),
    day("churn_from"),
  ],
  scorecards: [
    day("day"),
    integer("days"),
    text("store_id"),
    ...["orders", "buyers", "revenue", "enrolled"].map((name) => integer(name)),
    ...["enrolment_rate", "repeat_rate", "redemption_rate", "average_order", "rating"].map((name) => double(name)),
    integer("ratings"),
    double("score"),
    integer("rank"),
    integer("ranked"),
    double("score_before"),
  ],
  affinity_rules: [
    text("segment_id"),
    integer("place"),
    text("antecedent", sql`array_to_json(x.antecedent)::text`),
    text("consequent"),
    integer("baskets"),
    integer("count"),
    double("confidence"),
    double("lift"),
    double("leverage"),
    double("conviction"),
    day("built_on"),
  ],
};
