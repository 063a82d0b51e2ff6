// Making elements without markup in strings: nothing that a device sent can become markup.
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") element.className = value;
    else if (name in element && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export const byId = (id) => document.getElementById(id);

/** What a module takes over comes within a disabled fieldset: while nothing listens, nothing can be lost. Now something does. */
export function takeOver(control) {
  control.closest("fieldset").disabled = false;
}

/** A fieldset of buttons of which one is pressed. */
export function choices(group, onChoose) {
  const buttons = [...group.querySelectorAll("button")];
  const press = (value) => buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.value === value)));
  group.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    press(button.value);
    onChoose(button.value);
  });
  takeOver(group);
  return press;
}
