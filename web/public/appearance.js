// Before the first paint, so that nothing flashes: the colours and the language that were chosen here.
(function () {
  const root = document.documentElement;
  let chosen = {};
  try {
    chosen = JSON.parse(localStorage.getItem("sapa.appearance") || "{}");
  } catch {
    // Storage may be forbidden or hold something else; the browser's own wishes count then.
  }
  const dark = chosen.scheme === "dark" || (chosen.scheme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
  if (chosen.language) root.lang = chosen.language;
})();
