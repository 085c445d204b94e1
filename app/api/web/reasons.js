/**
 * Meanings of the reason codes. Generated from schemas/codes/reason.py: do not edit
 * (`python -m app.api.reference`).
 */

/** @type {Record<string, string>} */
export const REASONS = {
  UNREACHABLE_BEFORE: "from where the phone was before, the place could not have been reached in time",
  UNREACHABLE_AFTER: "from the place, the phone could not have come to where it was afterwards",
  CARD_VELOCITY: "nobody could have made this payment and an earlier one of the same card",
  REACHABLE: "the holder could have been at the place",
  NO_FIX: "nothing usable is known of the phone around the payment",
  STALE_FIX: "all that is known of the phone is more than ten hours before the payment",
  LOW_ACCURACY: "the phone's fixes are too vague, and the place lies within their vagueness",
  NO_PLACE: "the payment does not say where it was made, or says 0 degrees north, 0 degrees east",
  PHONE_UNTRUSTED: "the phone says that its positions are made up, or contradicts itself",
  LATE_PAYMENT: "the payment came so late that the phone's history of that time is gone",
};
