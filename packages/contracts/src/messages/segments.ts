// Every phrase that says why a member is in a segment or not; each has a text in every language.

/** What a condition looks at, what it asks, what was found, and the sentence made of the three. */
export type SegmentKey =
  | `reason.${"holds" | "fails" | "subject" | "separator"}`
  | `subject.${"everyone" | "custom" | "consent" | "tag" | "tier" | "segment" | "list" | "chance" | "events"}`
  | `subject.word.${"gender" | "locale" | "company" | "name" | "homeStoreId" | "regionId" | "source"}`
  | `subject.number.${"age" | "enrolledDays" | "birthdayInDays" | "birthMonth"}`
  | `subject.identity.${"phone" | "email" | "line" | "card"}`
  | `subject.balance.${"available" | "pending" | "held"}`
  | `subject.orders.${"orders" | "days" | "spend" | "average" | "quantity"}`
  | `subject.${"orderAge" | "eventAge"}.${"first" | "last"}`
  | `subject.scoreIs.${"rfmSegment" | "rfmGroup" | "stage" | "label" | "band" | "profitGroup"}`
  | `subject.score.${"recency" | "frequency" | "monetary" | "engagement" | "alive"}`
  | `subject.score.${"expectedOrders" | "expectedSpend" | "lifetimeValue" | "cycleDays"}`
  | `subject.flag.${"churnRisk" | "hasPotential"}`
  | `subject.predicted.${"nextOrder" | "sku" | "category"}`
  | `subject.messages.${"sent" | "opened" | "clicked"}`
  | `of.${"lastDays" | "days" | "stores" | "regions" | "channels" | "skus" | "categories" | "campaigns" | "refs"}`
  | `asked.${"in" | "contains" | "known" | "unknown" | "atLeast" | "atMost" | "between" | "bucket"}`
  | `found.${"none" | "noTier" | "yes" | "no"}`
  | `found.${"consent" | "identity" | "segment" | "list"}.${"yes" | "no"}`
  | `gender.${"female" | "male" | "other" | "undisclosed"}`;
