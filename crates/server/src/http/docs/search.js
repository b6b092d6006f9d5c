// Hides what does not contain every word that was typed.
const input = document.getElementById("search");
const found = document.getElementById("found");
const articles = [...document.querySelectorAll("article")];

function search() {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const article of articles) {
    const text = article.dataset.words.toLowerCase();
    article.hidden = !words.every((word) => text.includes(word));
    if (!article.hidden) count += 1;
    const link = document.querySelector(`[data-operation="${article.id}"]`);
    if (link) link.hidden = article.hidden;
  }
  for (const section of document.querySelectorAll("main > section")) {
    section.hidden = !section.querySelector("article:not([hidden])");
  }
  found.textContent = words.length ? `${count} found` : "";
}

input.addEventListener("input", search);
// A link to something that is hidden shows it.
addEventListener("hashchange", () => {
  const target = document.getElementById(location.hash.slice(1));
  if (target && target.hidden) {
    input.value = "";
    search();
    target.scrollIntoView();
  }
});
