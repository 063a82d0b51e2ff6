// Alerts on a chart: the time they lasted as a band, the limit of their rule as a line.
import { colour, faded } from "./colours.js";

const TINTS = { critical: "bad", warning: "warn", info: "accent", withdrawn: "muted" };

/** uPlot hooks. `bands()` gives `{from, to, severity}` (ms; no `to`: until now), `limits()` gives `{value, label}`. */
export function bandHooks(bands, limits = () => []) {
  return {
    drawClear: [(plot) => clipped(plot, () => bands().forEach((band) => drawBand(plot, band)))],
    draw: [(plot) => clipped(plot, () => limits().forEach((limit) => drawLimit(plot, limit)))],
  };
}

/** The scale of the values with room for the limits. */
export function rangeWith(limits) {
  return (_, low, high) => {
    const values = [low, high, ...limits().map((limit) => limit.value)].filter((value) => typeof value === "number");
    return values.length ? uPlot.rangeNum(Math.min(...values), Math.max(...values), 0.1, true) : [0, 1];
  };
}

function clipped(plot, work) {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  work();
  ctx.restore();
}

function drawBand(plot, { from, to, severity }) {
  const { ctx, bbox } = plot;
  const left = plot.valToPos(from / 1000, "x", true);
  const right = to ? plot.valToPos(to / 1000, "x", true) : Math.min(plot.valToPos(Date.now() / 1000, "x", true), bbox.left + bbox.width);
  const width = Math.max(right - left, 2 * devicePixelRatio);
  const tint = TINTS[severity] ?? "muted";
  ctx.fillStyle = faded(tint, 0.13);
  ctx.fillRect(left, bbox.top, width, bbox.height);
  ctx.fillStyle = colour(tint);
  ctx.fillRect(left, bbox.top, width, 3 * devicePixelRatio);
}

function drawLimit(plot, { value, label }) {
  const { ctx, bbox } = plot;
  const at = plot.valToPos(value, "y", true);
  ctx.strokeStyle = ctx.fillStyle = colour("bad");
  ctx.lineWidth = 1.2 * devicePixelRatio;
  ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, at);
  ctx.lineTo(bbox.left + bbox.width, at);
  ctx.stroke();
  ctx.font = `${11 * devicePixelRatio}px system-ui`;
  ctx.textAlign = "right";
  ctx.textBaseline = at - bbox.top < 20 * devicePixelRatio ? "top" : "bottom";
  ctx.fillText(label, bbox.left + bbox.width - 4 * devicePixelRatio, at + (ctx.textBaseline === "top" ? 3 : -3) * devicePixelRatio);
}
