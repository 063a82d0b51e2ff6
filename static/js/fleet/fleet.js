// What is known of every device: as fetched, then kept fresh by the frames. No page in here.

export class Fleet {
  constructor() {
    this.devices = new Map();
    this.touched = new Set();
  }

  load(results) {
    this.devices = new Map(results.map((row) => [row.device_id, asDevice(row, this.devices.get(row.device_id))]));
  }

  /** Merges a frame's changes; answers whether there was a device, or a type of one, that nobody has told us about. */
  apply(changes) {
    let newcomers = false;
    for (const change of changes) {
      const device = this.devices.get(change.device_id);
      if (!device?.latest[change.event_type]) newcomers = true;
      if (device) this.merge(device, change);
    }
    return newcomers;
  }

  merge(device, change) {
    if (change.kind !== "reading") return;
    device.online = true;
    device.seen = Date.now();
    this.touched.add(device.id);
    const observed = Date.parse(change.observed_at);
    const latest = device.latest[change.event_type];
    if (latest && latest.at > observed) return;
    device.latest[change.event_type] = { ...change, unit: latest?.unit, at: observed, changed: performance.now() };
  }

  takeTouched() {
    const touched = this.touched;
    this.touched = new Set();
    return touched;
  }

  /** Devices whose name or id holds `text`, of one state ("online", "offline" or ""), ordered by `column`. */
  select({ text, state, column, descending }) {
    const wanted = text.trim().toLowerCase();
    const rows = [...this.devices.values()].filter(
      (device) => (!wanted || device.words.includes(wanted)) && (!state || device.online === (state === "online")),
    );
    const keyed = rows.map((device) => [column.sort(device), device]);
    keyed.sort(([a, one], [b, other]) => compare(a, b, descending) || compare(one.id, other.id, false));
    return keyed.map(([, device]) => device);
  }
}

function asDevice(row, before) {
  const latest = {};
  for (const [type, reading] of Object.entries(row.latest)) {
    const at = Date.parse(reading.observed_at);
    const live = before?.latest[type];
    latest[type] = { ...reading, at, changed: live?.at === at ? live.changed : undefined };
  }
  return {
    id: row.device_id,
    name: row.name || row.device_id,
    words: `${row.name ?? ""} ${row.device_id}`.toLowerCase(),
    online: row.online,
    seen: row.last_received_at ? Date.parse(row.last_received_at) : 0,
    latest,
  };
}

/** Absent values go last, whichever way it is sorted. */
function compare(a, b, descending) {
  if (a === b) return 0;
  if (a === null || a === undefined) return 1;
  if (b === null || b === undefined) return -1;
  const order = typeof a === "string" ? a.localeCompare(b, undefined, { numeric: true }) : a - b;
  return descending ? -order : order;
}
