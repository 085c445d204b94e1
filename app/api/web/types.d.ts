/**
 * Messages of the server. Generated from the structs of app/api and schemas: do not edit
 * (`python -m app.api.reference`).
 */

/** A payment that is or was suspect: its newest verdict. */
export type Case = Verdict;

export interface AlertChannel {
  name: string;
  target: string;
}

export interface AlertChannelsResponse {
  channels: AlertChannel[];
}

export interface AlertTestResponse {
  results: ProbeResult[];
}

export interface CardholderStats {
  user_token: string;
  payments: number;
  amount: string;
  currency: string | null;
}

export interface CaseListResponse {
  cases: Verdict[];
  total: number;
  cursor: string | null;
  judged: Record<string, Disposition>;
}

export interface CaseResponse {
  case: Verdict;
  feedback: FeedbackResponse | null;
  others: Verdict[];
  judged: Record<string, Disposition>;
}

export interface CasesEvent {
  cases: Verdict[];
  left_out: number;
}

export interface DeviceErased {
  device_tokens: string[];
}

export type Disposition = "fraud" | "not_fraud" | "unsure";

export interface ErrorResponse {
  error: string;
  field?: string;
}

export interface FeedbackResponse {
  id: string;
  transaction_id: string;
  verdict: Disposition;
  note: string;
  analyst: string;
  given_at: string;
  revision: number;
}

export interface FixEvidence {
  at: string;
  horizontal_accuracy_m: number | null;
  speed_mps: number | null;
  latitude: number;
  longitude: number;
}

export interface HighValue {
  amount: number;
  window_s: number;
}

export interface HistoryResponse {
  revisions: RevisionSummary[];
  complete: boolean;
}

export interface Login {
  token: string;
}

export interface MerchantLocation {
  lat: number;
  lon: number;
}

export interface OtherPayment {
  timestamp: string;
  place: MerchantLocation;
  distance_m: number;
  least_distance_m: number;
  elapsed_s: number;
  reach_m: number;
}

export type Outcome = "clear" | "not_evaluable" | "suspect";

export interface PendingFeedback {
  verdict: Disposition;
  revision: number;
  note?: string;
}

export interface ProbeResult {
  channel: string;
  ok: boolean;
  detail: string;
}

export type ReasonCode =
  | "CARD_VELOCITY"
  | "LATE_PAYMENT"
  | "LOW_ACCURACY"
  | "NO_FIX"
  | "NO_PLACE"
  | "PHONE_UNTRUSTED"
  | "REACHABLE"
  | "STALE_FIX"
  | "UNREACHABLE_AFTER"
  | "UNREACHABLE_BEFORE";

export interface RecentFeedbackResponse {
  judged: Record<string, Disposition>;
}

export interface RevisionSummary {
  revision: number;
  verdict: Outcome;
  status: Status;
  codes: ReasonCode[];
  risk: number;
  reason: string;
  at: string;
}

export interface RiskParts {
  contradiction: number;
  evidence: number;
  amount: number;
  repetition: number;
}

export type Role = "analyst" | "viewer";

export interface Rule {
  name: string;
  version: string;
  preset: string;
  parameters: Record<string, number | null>;
  parameter_set?: string;
}

export interface SnapshotEvent {
  cases: Verdict[];
}

export interface StatisticsSnapshot {
  at: string;
  payments_per_s: number;
  suspects_per_min: number;
  not_evaluable_share: number | null;
  lag: number | null;
  lag_s: number | null;
  judged: number;
  suspects: number;
  people: TopCardholders;
}

export type Status = "final" | "provisional";

export interface TopCardholders {
  count: number;
  amount: number;
  top: CardholderStats[];
}

export interface TrackFix {
  at: string;
  latitude: number;
  longitude: number;
  speed_mps: number | null;
  altitude_m: number | null;
  horizontal_accuracy_m: number | null;
}

export interface TrackResponse {
  fixes: TrackFix[];
  grid_m: number;
  complete: boolean;
}

export interface UserResponse {
  name: string;
  role: Role;
  demo: boolean;
}

export interface Verdict {
  id: string;
  transaction_id: string;
  timestamp: string;
  amount: string;
  currency: string | null;
  merchant_id: string | null;
  merchant: string | null;
  merchant_category: string | null;
  transaction_type: string | null;
  transaction_device: string | null;
  place: MerchantLocation | null;
  card_token: string;
  card_last4: string;
  user_token: string | null;
  device_token: string;
  verdict: Outcome;
  status: Status;
  revision: number;
  codes: ReasonCode[];
  reason: string;
  rule: Rule;
  distance_m: number | null;
  least_distance_m: number | null;
  elapsed_s: number | null;
  implied_speed_mps: number | null;
  reported_speed_mps: number | null;
  allowed_speed_mps: number | null;
  fix_before: FixEvidence | null;
  fix_after: FixEvidence | null;
  other_payment: OtherPayment | null;
  risk: number;
  risk_parts: RiskParts | null;
  episode_id: string | null;
  episode_number: number | null;
  episode_severity: number | null;
}

export interface Welcome {
  high_value: HighValue;
  keeps: number;
}
