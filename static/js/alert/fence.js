// The map of a geofence alert: the fence, the way the device went, and where it was while the alert lasted.
import { getAll } from "../lib/api.js";
import { colour, onTheme } from "../lib/colours.js";
import { byId } from "../lib/dom.js";
import { worldMap } from "../lib/worldmap.js";

export class Fence {
  constructor(device, polygon) {
    Object.assign(this, { device, polygon, map: null });
    onTheme(() => this.map && this.paint());
  }

  async show({ from, to }, band) {
    const params = { device_id: this.device, resolution: "raw", from: new Date(from).toISOString(), to: new Date(to).toISOString() };
    const { results } = await getAll("/api/v1/metrics/location", params, 5);
    const points = results.map((row) => ({ at: Date.parse(row.observed_at), where: [row.latitude, row.longitude] }));
    this.prepare();
    const inside = points.filter(({ at }) => at >= band.from && (!band.to || at < band.to));
    this.way.setLatLngs(points.map((point) => point.where));
    this.lasted.setLatLngs(inside.map((point) => point.where));
    this.paint();
  }

  prepare() {
    if (this.map) return;
    byId("fence").hidden = false;
    this.map = worldMap(byId("fence"));
    this.area = L.geoJSON(this.polygon).addTo(this.map);
    this.way = L.polyline([], { weight: 2.5, opacity: 0.7 }).addTo(this.map);
    this.lasted = L.polyline([], { weight: 4.5 }).addTo(this.map);
    this.map.fitBounds(this.area.getBounds().pad(0.6), { maxZoom: 14, animate: false });
  }

  paint() {
    this.area.setStyle({ color: colour("accent"), weight: 1.5, fillOpacity: 0.1 });
    this.way.setStyle({ color: colour("series-1") });
    this.lasted.setStyle({ color: colour("bad") });
  }
}
