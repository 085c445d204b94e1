/**
 * A time in a chart: a vertical line with a label above.
 *
 * @import uPlot from "/lib/uplot.js"
 */

/**
 * @param {uPlot} plot
 * @param {number} at_s
 * @param {string} stroke
 * @param {string} label
 */
export function drawTimeCursor(plot, at_s, stroke, label) {
  const { ctx, bbox } = plot;
  const x = Math.round(plot.valToPos(at_s, "x", true));
  ctx.save();
  ctx.strokeStyle = stroke;
  ctx.fillStyle = stroke;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([]);
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textBaseline = "bottom";
  ctx.textAlign = "center";
  ctx.fillText(label, x, bbox.top - 2);
  ctx.restore();
}
