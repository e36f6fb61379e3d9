// Every word of the insights that a person reads: stages, groups, axes and titles; each has a text in every language.
export type InsightKey =
  | `stage.${"new" | "active" | "mature" | "at_risk" | "sleeping" | "lost" | "won_back"}`
  | `label.${"N" | "A" | "S" | "L" | "D"}`
  | `rfmSegment.${RfmSegmentName}`
  | `rfmGroup.${RfmGroupName}`
  | `band.${"high" | "middle" | "low"}`
  | `profitGroup.${"high" | "middle" | "low" | "none"}`
  | `score.${"recency" | "frequency" | "monetary" | "engagement" | "alive" | "lifetimeValue"}`
  | `title.${"rfmGrid" | "retention" | "valueCurve" | "valueDeciles" | "lifecycle" | "league"}`
  | `axis.${"recency" | "frequency" | "membersShare" | "valueShare" | "decile" | "month" | "monthsAfter" | "fewer" | "more" | "worst" | "best"}`
  | `column.${"rank" | "store" | "score" | "revenue" | "orders" | "averageOrder" | "repeat" | "redeemed" | "rating" | "size"}`
  | `note.${"asOf" | "members" | "cell" | "even" | "pareto" | "total" | "weighted" | "trend" | "best" | "nothing"}`;

/** The segments of R's package rfm, as scores name them. */
type RfmSegmentName =
  | "Champions"
  | "Loyal Customers"
  | "Potential Loyalist"
  | "New Customers"
  | "Promising"
  | "Need Attention"
  | "About To Sleep"
  | "At Risk"
  | "Can't Lose Them"
  | "Lost"
  | "Others";

/** Shopify's groups, as scores name them. */
type RfmGroupName =
  | "CHAMPIONS"
  | "LOYAL"
  | "PREVIOUSLY_LOYAL"
  | "ACTIVE"
  | "NEEDS_ATTENTION"
  | "AT_RISK"
  | "NEW"
  | "PROMISING"
  | "ALMOST_LOST"
  | "DORMANT"
  | "PROSPECTS";
