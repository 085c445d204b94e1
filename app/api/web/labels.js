/** Labels of the page for values of the API. */

export const OUTCOMES = { suspect: "suspect", clear: "clear", not_evaluable: "not evaluable" };

export const DISPOSITIONS = { fraud: "Fraud", not_fraud: "Not fraud", unsure: "Unsure" };

/**
 * Returns the level of a risk, by which it is coloured.
 * @param {number} risk
 */
export function riskLevel(risk) {
  if (risk >= 80) return "grave";
  return risk >= 60 ? "high" : "some";
}
