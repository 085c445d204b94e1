/**
 * A case on the map: where the card was used, where the phone was and with which accuracy, how far the cardholder can
 * have travelled, and the track of the phone.
 *
 * @import {Case, FixEvidence, TrackResponse} from "./types.d.ts"
 * @import {LatLon} from "./geo.js"
 * @typedef {{at: LatLon, accuracy_m: number | null}} Position
 */

import * as L from "/lib/leaflet.js";
import { h } from "./element.js";
import { metres } from "./format.js";
import { near } from "./geo.js";
import { local } from "./time.js";
import { WorldMap } from "./world_map.js";

export const GRID_M = 1100;

export class CaseMap {
  element = h("div", { class: "map", role: "group", "aria-label": "Map of the case" });
  /** @type {WorldMap | null} */
  #world = null;
  #layer = L.featureGroup();
  #moving = L.featureGroup();
  #grid_m = GRID_M;
  #reference = 0;
  #latitude = 0;
  /** @type {L.LatLngBounds | null} */
  #bounds = null;

  /** Called when the element is in the document. */
  open() {
    this.#world = new WorldMap(this.element);
    this.#layer.addTo(this.#world.map);
    this.#moving.addTo(this.#world.map);
    this.fit();
  }

  close() {
    this.#world?.close();
    this.#world = null;
  }

  /** Fits the map to the case. */
  fit() {
    if (this.#bounds !== null && this.#world !== null) {
      this.#world.map.fitBounds(this.#bounds, {
        paddingTopLeft: [72, 44],
        paddingBottomRight: [98, 44],
        maxZoom: 14,
        animate: false,
      });
    }
  }

  /**
   * @param {Case} one
   * @param {TrackResponse | null} track
   */
  draw(one, track) {
    this.#layer.clearLayers();
    this.#moving.clearLayers();
    this.#grid_m = track?.grid_m ?? GRID_M;
    this.#reference = one.place?.lon ?? one.fix_before?.longitude ?? one.fix_after?.longitude ?? 0;
    this.#latitude = one.place?.lat ?? 0;
    if (track !== null) this.#drawTrack(track);
    const binding = bindingFix(one);
    if (binding !== null) this.#drawReach(one, binding);
    for (const fix of [one.fix_before, one.fix_after]) if (fix !== null) this.#drawFix(fix, fix === binding);
    if (one.other_payment !== null) this.#drawOther(one);
    if (one.place !== null) this.#drawPlace(one, binding);
    this.#bounds = this.#extent(one);
    this.element.setAttribute("aria-label", description(one));
    this.element.dataset.fixes = String(track?.fixes.length ?? 0);
  }

  /**
   * Shows the phone at a time of the replay. The travelled part of the track is drawn stronger.
   * @param {Position | null} position
   * @param {LatLon[]} travelled
   */
  move(position, travelled) {
    this.#moving.clearLayers();
    if (position === null) return;
    const at = this.#at(position.at);
    L.polyline(
      travelled.map((one) => this.#at(one)),
      { className: "travelled", interactive: false },
    ).addTo(this.#moving);
    L.circle(at, { radius: this.#radius(position.accuracy_m), className: "vague now", interactive: false }).addTo(
      this.#moving,
    );
    L.circleMarker(at, { radius: 5, className: "phone now", interactive: false }).addTo(this.#moving);
  }

  /** @param {TrackResponse} track */
  #drawTrack(track) {
    const way = track.fixes.map((fix) => this.#at([fix.latitude, fix.longitude]));
    L.polyline(way, { className: "way", interactive: false }).addTo(this.#layer);
  }

  /**
   * @param {FixEvidence} fix
   * @param {boolean} binds
   */
  #drawFix(fix, binds) {
    const at = this.#at([fix.latitude, fix.longitude]);
    L.circle(at, { radius: this.#radius(fix.horizontal_accuracy_m), className: "vague", interactive: false }).addTo(
      this.#layer,
    );
    const dot = L.circleMarker(at, { radius: 5, className: binds ? "phone binds" : "phone" }).addTo(this.#layer);
    label(dot, `phone ${local(fix.at)}`, binds, this.#isNorth(fix) ? "top" : "bottom");
  }

  /**
   * @param {Case} one
   * @param {FixEvidence} fix
   */
  #drawReach(one, fix) {
    const reach_m = reachOf(one);
    if (reach_m === null) return;
    L.circle(this.#at([fix.latitude, fix.longitude]), {
      radius: reach_m,
      className: "reach",
      interactive: false,
    }).addTo(this.#layer);
  }

  /**
   * @param {Case} one
   * @param {FixEvidence | null} binding
   */
  #drawPlace(one, binding) {
    if (one.place === null) return;
    const at = L.latLng(one.place.lat, one.place.lon);
    if (binding !== null) {
      const ends = [this.#at([binding.latitude, binding.longitude]), at];
      const line = L.polyline(ends, { className: "between", interactive: false }).addTo(this.#layer);
      if (one.distance_m !== null) label(line, metres(one.distance_m), true, "center");
    }
    label(
      L.circleMarker(at, { radius: 7, className: "place" }).addTo(this.#layer),
      "card used here",
      true,
      binding === null || this.#isNorth(binding) ? "bottom" : "top",
    );
  }

  /** @param {Case} one */
  #drawOther(one) {
    const other = one.other_payment;
    if (other === null || one.place === null) return;
    const at = this.#at([other.place.lat, other.place.lon]);
    L.polyline([at, L.latLng(one.place.lat, one.place.lon)], { className: "between other", interactive: false }).addTo(
      this.#layer,
    );
    label(
      L.circleMarker(at, { radius: 5, className: "place other" }).addTo(this.#layer),
      `card used ${local(other.timestamp)}`,
      false,
      "top",
    );
  }

  /** @param {Case} one */
  #extent(one) {
    const corners = [one.fix_before, one.fix_after].flatMap((fix) => {
      return fix === null
        ? []
        : [this.#at([fix.latitude, fix.longitude]).toBounds(2.4 * this.#radius(fix.horizontal_accuracy_m))];
    });
    if (one.place !== null) corners.push(L.latLng(one.place.lat, one.place.lon).toBounds(2 * this.#grid_m));
    if (one.other_payment !== null) {
      corners.push(this.#at([one.other_payment.place.lat, one.other_payment.place.lon]).toBounds(this.#grid_m));
    }
    const [first, ...others] = corners;
    return first === undefined
      ? null
      : others.reduce((all, corner) => all.extend(corner), L.latLngBounds(first.getSouthWest(), first.getNorthEast()));
  }

  /** Whether a fix is north of the payment. Labels are on the sides away from the line. @param {FixEvidence} fix */
  #isNorth(fix) {
    return fix.latitude > this.#latitude;
  }

  /** @param {number | null} accuracy_m */
  #radius(accuracy_m) {
    return Math.max(this.#grid_m, accuracy_m ?? 0);
  }

  /** @param {LatLon} place */
  #at([lat, lon]) {
    return L.latLng(lat, near(lon, this.#reference));
  }
}

/**
 * Returns the fix that the verdict's numbers are about: its time matches `elapsed_s`.
 * @param {Case} one
 */
export function bindingFix(one) {
  const { fix_before: before, fix_after: after, elapsed_s } = one;
  if (before === null || after === null || elapsed_s === null) return before ?? after;
  const paid_ms = Date.parse(one.timestamp);
  const off = (/** @type {FixEvidence} */ fix) => Math.abs(Math.abs(paid_ms - Date.parse(fix.at)) - 1000 * elapsed_s);
  return off(before) <= off(after) ? before : after;
}

/**
 * Returns how far the cardholder can have travelled, in metres; null where it is unknown.
 * @param {Case} one
 */
export function reachOf(one) {
  return one.allowed_speed_mps === null || one.elapsed_s === null ? null : one.allowed_speed_mps * one.elapsed_s;
}

/**
 * @param {L.Layer} layer
 * @param {string} text
 * @param {boolean} permanent
 * @param {L.Direction} direction
 */
function label(layer, text, permanent, direction) {
  layer.bindTooltip(h("span", {}, text), { permanent, direction, className: "label", opacity: 1 });
}

/** @param {Case} one */
function description(one) {
  const away = one.distance_m === null ? "" : `, ${metres(one.distance_m)} from the phone`;
  const reach = reachOf(one);
  return `Map: the card was used${away}${reach === null ? "" : `; ${metres(reach)} was within reach`}.`;
}
