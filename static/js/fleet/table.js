// The device table. Only the rows of the page in view exist; they are filled again, never rebuilt.
import { byId, make, takeOver } from "../lib/dom.js";
import { number, setText } from "../lib/format.js";
import { atMostEvery, eachFrame } from "../lib/pace.js";
import { COLUMNS } from "./columns.js";

const ROWS = 25;
const RESORT_MS = 2000;

export class Table {
  constructor(fleet) {
    this.fleet = fleet;
    this.view = { text: "", state: "", column: COLUMNS[0], descending: false };
    this.page = 0;
    this.selected = [];
    this.loaded = false;
    this.body = byId("devices").tBodies[0];
    this.rows = [];
    this.paint = eachFrame(() => this.fill());
    this.resort = atMostEvery(RESORT_MS, () => this.select());
    this.heads = this.makeHead();
    this.listen();
  }

  /** Readings changed: the rows in view are filled at the next frame, the order follows a little later. */
  changed() {
    this.paint();
    if (this.loaded) this.resort();
  }

  refresh() {
    this.loaded = true;
    this.select();
  }

  select() {
    this.selected = this.fleet.select(this.view);
    this.page = Math.max(0, Math.min(this.page, Math.ceil(this.selected.length / ROWS) - 1));
    this.paint();
  }

  fill() {
    if (!this.loaded) return;
    const shown = this.selected.slice(this.page * ROWS, (this.page + 1) * ROWS);
    while (this.rows.length < shown.length) this.rows.push(this.addRow());
    this.rows.forEach((row, index) => {
      row.hidden = index >= shown.length;
      if (!row.hidden) fillRow(row, this.fleet.devices.get(shown[index].id) ?? shown[index]);
    });
    this.showAround();
  }

  addRow() {
    const row = make("tr", {}, ...COLUMNS.map((column) => make("td", { class: column.style })));
    this.body.append(row);
    return row;
  }

  showAround() {
    const total = this.fleet.devices.size;
    const count = this.selected.length;
    setText(byId("device-count"), total ? (count === total ? number(total) : `${number(count)} of ${number(total)}`) : "");
    byId("no-devices").hidden = total > 0;
    byId("no-match").hidden = total === 0 || count > 0;
    byId("devices").hidden = count === 0;
    this.showPager(count);
  }

  showPager(count) {
    const pager = byId("pager");
    pager.hidden = count <= ROWS;
    const from = this.page * ROWS;
    setText(pager.querySelector("span"), `${number(from + 1)} – ${number(Math.min(from + ROWS, count))} of ${number(count)}`);
    const [back, next] = pager.querySelectorAll("button");
    back.disabled = this.page === 0;
    next.disabled = from + ROWS >= count;
  }

  makeHead() {
    const heads = COLUMNS.map((column) => {
      const button = make("button", { type: "button", onclick: () => this.sortBy(column) }, column.title);
      return make("th", { scope: "col", class: column.style }, button);
    });
    byId("devices").tHead.rows[0].append(...heads);
    heads[0].setAttribute("aria-sort", "ascending");
    return heads;
  }

  sortBy(column) {
    const same = this.view.column === column;
    this.view.descending = same ? !this.view.descending : column.first === "descending";
    this.view.column = column;
    this.heads.forEach((head, index) => {
      if (COLUMNS[index] === column) head.setAttribute("aria-sort", this.view.descending ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
    this.show({});
  }

  show(view) {
    Object.assign(this.view, view);
    this.page = 0;
    this.select();
  }

  listen() {
    byId("search").addEventListener("input", (event) => this.show({ text: event.target.value }));
    byId("state").addEventListener("change", (event) => this.show({ state: event.target.value }));
    byId("clear").addEventListener("click", () => {
      byId("search").value = byId("state").value = "";
      this.show({ text: "", state: "" });
    });
    byId("pager").addEventListener("click", (event) => {
      this.page += Number(event.target.closest("button")?.dataset.step ?? 0);
      this.paint();
    });
    takeOver(byId("search"));
  }
}

function fillRow(row, device) {
  row.dataset.device = device.id;
  COLUMNS.forEach((column, index) => column.fill(row.cells[index], device));
}
