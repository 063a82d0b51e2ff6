// Where the devices are: one dot each, drawn on a canvas, moved at most once a second.
import { colour, onTheme } from "../lib/colours.js";
import { byId, make } from "../lib/dom.js";
import { ago, setText } from "../lib/format.js";
import { atMostEvery } from "../lib/pace.js";
import { worldMap } from "../lib/worldmap.js";

export class FleetMap {
  constructor(fleet) {
    this.fleet = fleet;
    this.markers = new Map();
    this.map = worldMap(byId("map"));
    this.dots = L.layerGroup().addTo(this.map);
    this.changed = atMostEvery(1000, () => this.draw(this.fleet.takeTouched()));
    this.fitted = false;
    onTheme(() => this.refresh());
  }

  refresh() {
    for (const [id, marker] of this.markers) {
      if (!this.fleet.devices.has(id)) this.forget(id, marker);
    }
    this.draw(this.fleet.devices.keys());
    this.fit();
    this.note();
  }

  draw(ids) {
    for (const id of ids) {
      const device = this.fleet.devices.get(id);
      if (device?.latest.location) this.place(device);
    }
  }

  place(device) {
    const { latitude, longitude } = device.latest.location;
    const marker = this.markers.get(device.id) ?? this.add(device.id, [latitude, longitude]);
    marker.setLatLng([latitude, longitude]);
    marker.setStyle({ color: colour("surface"), fillColor: colour(device.online ? "good" : "muted") });
  }

  add(id, at) {
    const marker = L.circleMarker(at, { radius: this.fleet.devices.size > 200 ? 4.5 : 6, weight: 1.2, fillOpacity: 0.95 }).addTo(this.dots);
    marker.bindPopup(() => this.describe(id));
    this.markers.set(id, marker);
    return marker;
  }

  describe(id) {
    const device = this.fleet.devices.get(id);
    const link = make("a", { href: `/devices/${encodeURIComponent(id)}/` }, device.name);
    return make("div", {}, link, make("br"), `${device.online ? "Online" : "Offline"}, heard ${ago(device.seen)}`);
  }

  forget(id, marker) {
    this.dots.removeLayer(marker);
    this.markers.delete(id);
  }

  fit() {
    if (this.fitted || this.markers.size === 0) return;
    const bounds = L.latLngBounds([...this.markers.values()].map((marker) => marker.getLatLng()));
    this.map.fitBounds(bounds.pad(0.15), { maxZoom: 9, animate: false });
    this.fitted = true;
  }

  note() {
    const without = this.fleet.devices.size - this.markers.size;
    setText(byId("map-note"), without > 0 ? `${without} without a position` : "");
  }
}
