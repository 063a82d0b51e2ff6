// Where the device went in the time shown.
import { getAll } from "../lib/api.js";
import { colour, onTheme } from "../lib/colours.js";
import { byId } from "../lib/dom.js";
import { clock, number, setText } from "../lib/format.js";
import { worldMap } from "../lib/worldmap.js";
import { iso } from "./history.js";

const DAY = 86_400_000;
const FEW_HOURS = 7_200_000;
const LOOK_AGAIN_MS = 200;

export class Track {
  constructor(device) {
    Object.assign(this, { device, map: null, points: [], shown: "" });
    onTheme(() => this.map && this.draw());
  }

  get hasPoints() {
    return this.points.length > 0;
  }

  async fetch(range) {
    const params = { device_id: this.device, from: iso(range.from), to: range.open ? null : iso(range.to) };
    const span = range.to - range.from;
    const detail = span <= DAY * 1.5 ? { resolution: "raw" } : { resolution: "1h" };
    const [windows, points] = await Promise.all([
      getAll("/api/v1/metrics/location", { ...params, resolution: span <= FEW_HOURS ? "1m" : "1h" }),
      getAll("/api/v1/metrics/location", { ...params, ...detail }),
    ]).catch(() => [null, null]);
    if (!windows) return;
    this.points = points.results.flatMap(asPoints);
    const metres = windows.results.reduce((sum, row) => sum + row.distance_m, 0);
    this.show(metres);
  }

  push(change) {
    if (change.event_type !== "location" || !this.map) return;
    const at = Date.parse(change.observed_at);
    if (at <= (this.points.at(-1)?.at ?? 0)) return;
    this.points.push({ at, where: [change.latitude, change.longitude] });
    this.draw();
  }

  show(metres) {
    byId("track-panel").hidden = !this.hasPoints;
    if (!this.hasPoints) return;
    this.prepare();
    setText(byId("track-note"), `${distance(metres)} in ${number(this.points.length)} positions`);
    setDistanceOnCard(metres);
    this.draw();
    this.fit();
  }

  prepare() {
    if (this.map) return;
    this.map = worldMap(byId("track"));
    this.line = L.polyline([], { weight: 3, opacity: 0.85 }).addTo(this.map);
    this.head = L.circleMarker([0, 0], { radius: 7, weight: 2, fillOpacity: 1 }).addTo(this.map);
    this.head.bindTooltip(() => `Observed ${clock(this.points.at(-1).at)}`);
  }

  draw() {
    if (!this.hasPoints) return;
    this.line.setLatLngs(this.points.map((point) => point.where));
    this.line.setStyle({ color: colour("series-1") });
    this.head.setLatLng(this.points.at(-1).where);
    this.head.setStyle({ color: colour("surface"), fillColor: colour("series-1") });
  }

  /** Fits once for a range: whoever moved the map keeps it. */
  fit() {
    const wanted = `${this.points[0].at}`;
    if (this.shown === wanted) return;
    this.map.invalidateSize();
    if (!this.map.getSize().x) {
      setTimeout(() => this.fit(), LOOK_AGAIN_MS); // the page around it is not shown yet
      return;
    }
    this.shown = wanted;
    this.map.fitBounds(this.line.getBounds().pad(0.2), { maxZoom: 17, animate: false });
  }
}

function asPoints(row) {
  if (row.latitude !== undefined) return [{ at: Date.parse(row.observed_at), where: [row.latitude, row.longitude] }];
  return [row.first, row.last].map((end) => ({ at: Date.parse(end.observed_at), where: [end.latitude, end.longitude] }));
}

const distance = (metres) => (metres < 1000 ? `${number(metres)} m` : `${number(metres / 1000, metres < 100_000 ? 1 : 0)} km`);

function setDistanceOnCard(metres) {
  const element = document.querySelector('[data-type="location"] [data-part="distance"]');
  if (element) setText(element, `${distance(metres)} in the time shown`);
}
