// Runs before the first paint: the theme somebody chose, else the system's. A plain script, because modules run late.
(() => {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => localStorage.getItem("theme");
  const apply = () => {
    document.documentElement.dataset.theme = chosen() ?? (system.matches ? "dark" : "light");
    document.dispatchEvent(new Event("themechange"));
  };
  const flip = () => {
    const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    localStorage.setItem("theme", next);
    apply();
  };
  apply();
  system.addEventListener("change", apply);
  document.addEventListener("click", ({ target }) => target.closest("#theme") && flip()); // at once, not only when all modules are here
})();
