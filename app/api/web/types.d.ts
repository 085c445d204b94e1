/** What the server says, as the page reads it. The verdict's fields are those of schemas/verdict.py. */

export type Outcome = "suspect" | "clear" | "not_evaluable";
export type Judgement = "fraud" | "not_fraud" | "unsure";

export interface Place {
  lat: number;
  lon: number;
}

export interface FixEvidence {
  at: string;
  horizontal_accuracy_m: number | null;
  speed_mps: number | null;
  latitude: number;
  longitude: number;
}

export interface OtherPayment {
  timestamp: string;
  place: Place;
  distance_m: number;
  least_distance_m: number;
  elapsed_s: number;
  reach_m: number;
}

/** A payment's newest verdict. */
export interface Case {
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
  place: Place | null;
  card_token: string;
  card_last4: string;
  user_token: string | null;
  device_token: string;
  verdict: Outcome;
  status: "provisional" | "final";
  revision: number;
  codes: string[];
  reason: string;
  rule: { name: string; version: string; preset: string; parameters: Record<string, number | null> };
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
  risk_parts: { contradiction: number; evidence: number; amount: number; repetition: number } | null;
  episode_id: string | null;
  episode_number: number | null;
  episode_severity: number | null;
}

/** A coarse position of the phone. */
export interface TrackFix {
  at: string;
  latitude: number;
  longitude: number;
  speed_mps: number | null;
  altitude_m: number | null;
  horizontal_accuracy_m: number | null;
}

export interface Track {
  fixes: TrackFix[];
  grid_m: number;
  complete: boolean;
}

export interface Feedback {
  id: string;
  transaction_id: string;
  verdict: Judgement;
  note: string;
  analyst: string;
  given_at: string;
  revision: number;
}

/** What was last said of cases, by their ids; of others nothing. */
export type Judged = Record<string, Judgement>;

export interface CaseAnswer {
  case: Case;
  feedback: Feedback | null;
  others: Case[];
  judged: Judged;
}

export interface Revision {
  revision: number;
  verdict: Outcome;
  status: "provisional" | "final";
  codes: string[];
  risk: number;
  reason: string;
  at: string;
}

export interface History {
  revisions: Revision[];
  complete: boolean;
}

export interface Found {
  cases: Case[];
  judged: Judged;
  total: number;
  cursor: string | null;
}

export interface Hello {
  high_value: { amount: number; window_s: number };
  keeps: number;
}

export interface People {
  count: number;
  amount: number;
  top: { user_token: string; payments: number; amount: string; currency: string | null }[];
}

export interface Pulse {
  at: string;
  payments_per_s: number;
  suspects_per_min: number;
  not_evaluable_share: number;
  lag: number | null;
  lag_s: number | null;
  judged: number;
  suspects: number;
  people: People;
}

export interface Me {
  name: string;
  role: "viewer" | "analyst";
  demo: boolean;
}

/** What stands in the middle of the page. `keys`: what a key does here, by its name. */
export interface View {
  element: HTMLElement;
  title: string;
  keys: Record<string, () => void>;
  /** Told once the element stands in the page. */
  open(): void;
  close(): void;
}
