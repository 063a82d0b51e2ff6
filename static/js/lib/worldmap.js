// A map that needs no network: the countries' outlines and whatever is put on it.
import { colour, onTheme } from "./colours.js";

const outlines = new Map();

/** A Leaflet map with the world on a canvas of its own, so that moving markers never redraws it. */
export function worldMap(box) {
  const map = L.map(box, { preferCanvas: true, zoomSnap: 0.25, zoomControl: true, worldCopyJump: true, minZoom: 0, maxZoom: 17, attributionControl: true });
  map.attributionControl.setPrefix(false).addAttribution("Natural Earth");
  L.control.scale({ imperial: false }).addTo(map);
  map.createPane("land").style.zIndex = 200;
  map.setView([20, 10], 1);
  addLand(map, box.dataset.world);
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(box);
  return map;
}

async function addLand(map, url) {
  if (!outlines.has(url)) outlines.set(url, fetch(url).then((answer) => answer.json()));
  const renderer = L.canvas({ pane: "land", padding: 0.3 });
  const style = () => ({ renderer, pane: "land", interactive: false, color: colour("land-line"), weight: 0.7, fillColor: colour("land"), fillOpacity: 1 });
  const land = L.geoJSON(await outlines.get(url), { ...style(), style }).addTo(map);
  onTheme(() => land.setStyle(style()));
}
