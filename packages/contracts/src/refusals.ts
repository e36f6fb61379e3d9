// The closed union of everything that Regulars refuses: stable code, HTTP status, and whether trying again can help.

interface RefusalKind {
  readonly status: number;
  readonly retry: "never" | "changed" | "later";
}

const never = (status: number): RefusalKind => ({ status, retry: "never" });
const changed = (status: number): RefusalKind => ({ status, retry: "changed" });
const later = (status: number): RefusalKind => ({ status, retry: "later" });

/**
 * Every refusal. `never`: the same request stays refused. `changed`: a new request (another key, or another
 * body under the order's id) may pass once something else has changed: more points, another state. `later`: the same
 * request with the same key may pass in a moment.
 */
export const REFUSALS = {
  malformed_json: never(400),
  unknown_field: never(400),
  missing_field: never(400),
  wrong_type: never(400),
  not_an_integer: never(400),
  number_out_of_range: never(400),
  invalid_text: never(400),
  invalid_value: never(400),
  invalid_date: never(400),
  invalid_phone: never(400),
  invalid_email: never(400),
  invalid_member_id: never(400),
  invalid_cursor: never(400),
  invalid_condition: never(400),
  invalid_program: never(400),
  too_many_items: never(400),
  duplicate_item: never(400),
  idempotency_key_missing: never(400),
  idempotency_key_invalid: never(400),
  invalid_test_time: never(400),
  key_missing: never(401),
  key_invalid: never(401),
  scope_missing: never(403),
  store_not_allowed: never(403),
  test_time_not_allowed: never(403),
  route_not_found: never(404),
  member_not_found: changed(404),
  order_not_found: changed(404),
  hold_not_found: changed(404),
  program_not_found: changed(404),
  tenant_not_found: changed(404),
  store_not_found: changed(404),
  owner_not_found: changed(404),
  key_not_found: changed(404),
  simulation_not_found: changed(404),
  shadow_not_found: changed(404),
  export_not_found: changed(404),
  segment_not_found: changed(404),
  list_not_found: changed(404),
  method_not_allowed: never(405),
  order_state_conflict: never(409),
  order_taken: never(409),
  identity_taken: changed(409),
  period_not_over: changed(409),
  period_not_next: changed(409),
  segment_in_use: changed(409),
  segments_limit: changed(409),
  insufficient_points: changed(409),
  hold_already_captured: never(409),
  hold_already_voided: never(409),
  hold_lapsed: never(409),
  hold_belongs_to_order: never(409),
  voucher_not_found: changed(404),
  voucher_not_applicable: changed(422),
  voucher_already_used: changed(409),
  voucher_expired: never(409),
  voucher_not_returnable: never(409),
  voucher_not_transferable: never(409),
  vouchers_held_limit: changed(409),
  code_not_usable: changed(422),
  code_batch_not_found: changed(404),
  budget_not_found: changed(404),
  reward_not_found: changed(404),
  reward_not_available: changed(409),
  reward_limit_reached: changed(409),
  reward_out_of_stock: changed(409),
  reward_unknown: never(422),
  entitlement_not_found: changed(404),
  entitlement_used_up: changed(409),
  transfer_not_allowed: never(422),
  transfer_to_self: never(422),
  transfer_limit_reached: changed(409),
  transfer_not_found: changed(404),
  referral_code_unknown: changed(422),
  network_unknown: changed(422),
  household_not_found: changed(404),
  member_merged: changed(410),
  export_expired: never(410),
  merge_not_allowed: changed(409),
  household_full: changed(409),
  household_taken: changed(409),
  resource_exists: never(409),
  simulation_running: changed(409),
  exports_running: changed(409),
  export_not_ready: changed(409),
  member_erased: never(410),
  body_too_large: never(413),
  media_type_unsupported: never(415),
  idempotency_key_reused: never(422),
  store_unknown: never(422),
  currency_unknown: never(422),
  money_currency_mismatch: never(422),
  redeem_not_allowed: never(422),
  redeem_step: never(422),
  redeem_below_minimum: never(422),
  redeem_exceeds_share: never(422),
  placed_at_in_future: never(422),
  line_unknown: never(422),
  refund_exceeds_order: never(422),
  nothing_to_refund: never(422),
  capture_exceeds_hold: never(422),
  tier_unknown: never(422),
  nothing_to_extend: changed(422),
  nothing_to_reinstate: changed(422),
  simulation_too_large: never(422),
  program_missing: changed(422),
  segment_unknown: changed(422),
  segment_cycle: changed(422),
  allowance_not_found: changed(404),
  event_not_found: changed(404),
  game_not_found: changed(404),
  allowance_closed: never(409),
  allowance_exceeded: never(409),
  game_rounds_used: changed(409),
  hold_is_allowance: never(409),
  allowance_needs_paid: never(422),
  allowance_over: never(422),
  allowance_store_mismatch: never(422),
  event_type_reserved: never(422),
  game_score_implausible: never(422),
  game_token_invalid: never(422),
  game_too_fast: never(422),
  game_too_slow: never(422),
  rate_limited: later(429),
  internal_error: later(500),
  overloaded: later(503),
  segment_too_slow: later(503),
  unavailable: later(503),
} as const satisfies Record<string, RefusalKind>;

export type RefusalCode = keyof typeof REFUSALS;

/** A refusal as a value: `field` is the JSON path or header at fault, `facts` the figures that explain it. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly field?: string;
  readonly facts?: Readonly<Record<string, string | number>>;
}

/** An RFC 9457 problem document as sent to a caller. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: RefusalCode;
  readonly detail?: string;
  readonly field?: string;
  readonly errors?: readonly { readonly field: string; readonly code: RefusalCode; readonly detail: string }[];
  readonly retry: RefusalKind["retry"];
  readonly requestId: string;
}
