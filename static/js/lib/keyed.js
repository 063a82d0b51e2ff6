// One element per row of a list, kept while the row stays: what does not change is not touched, so nothing flickers.

export class Keyed {
  /** `key(row)` names a row, `make(row)` makes its element once, `fill(element, row)` puts in what may change. */
  constructor(box, { key, make, fill = () => {} }) {
    Object.assign(this, { box, key, make, fill, elements: new Map() });
  }

  show(rows) {
    const before = this.elements;
    this.elements = new Map();
    rows.forEach((row, index) => {
      const key = String(this.key(row));
      const element = before.get(key) ?? this.make(row);
      this.elements.set(key, element);
      this.fill(element, row);
      if (this.box.children[index] !== element) this.box.insertBefore(element, this.box.children[index] ?? null);
    });
    for (const [key, element] of before) if (!this.elements.has(key)) element.remove();
  }
}

/** A copy of what a template holds, and a way to its parts. */
export function copyOf(template) {
  return template.content.firstElementChild.cloneNode(true);
}

export const part = (element, name) => element.querySelector(`[data-part="${name}"]`);
