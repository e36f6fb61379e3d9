// The package's public face: the client, what its calls take, and what they resolve to.
export { createClient } from "./client.ts";
export { OfflineAllowance, verifyAllowance } from "./allowance.ts";
export type {
  AllowanceFault,
  AllowanceKeySet,
  AllowanceVerdict,
  OfflineSpend,
  VerifiedAllowance,
} from "./allowance.ts";
export type { Client, ClientOptions, Erased, Identified, PageOptions, PublishedProgram } from "./client.ts";
export type { Answer, CallRefusal, ClientRefusalCode, Outcome, Refused } from "./outcome.ts";
export type { CallOptions, Fetch } from "./send.ts";
export type { ChangeMember, CreateMember, Member, MemberReference } from "@regulars/contracts/members";
export type {
  OrderAnswer,
  PutOrder,
  Quote,
  QuoteRequest,
  RefundAnswer,
  RefundRequest,
} from "@regulars/contracts/orders";
export type {
  AdjustAnswer,
  AdjustRequest,
  Balances,
  CaptureRequest,
  HoldAnswer,
  HoldRequest,
  Statement,
} from "@regulars/contracts/points";
export type { OperationAnswer, OperationAsk, OperationId } from "@regulars/contracts/operation-shapes";
export type { ProgramPublished } from "@regulars/contracts/manage";
export type { ProgramInput } from "@regulars/contracts/program";
export type { RefusalCode } from "@regulars/contracts/refusals";
