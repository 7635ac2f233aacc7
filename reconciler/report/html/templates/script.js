"use strict";
{
  const $ = (id) => document.getElementById(id);
  const cards = [...document.querySelectorAll("details.card")];
  const tiles = [...document.querySelectorAll("button.tile")];
  const find = $("find");
  let kind = "";

  const show = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const card of cards) {
      const text = card.dataset.find.toLowerCase();
      const fits = (!kind || card.dataset.kinds.split(" ").includes(kind))
        && words.every((word) => text.includes(word));
      card.hidden = !fits;
      count += fits;
    }
    for (const tile of tiles) tile.ariaPressed = String(tile.dataset.kind === kind);
    $("status").textContent = count < cards.length ? `${count} of ${cards.length} changes shown` : "";
  };
  const toggle = (open) => {
    for (const card of cards) if (!card.hidden) card.open = open;
  };
  const follow = () => {
    const card = cards.find((one) => `#${one.id}` === location.hash);
    if (!card) return;
    if (card.hidden) { kind = ""; find.value = ""; show(); }
    card.open = true;
    card.scrollIntoView();
  };

  if (find) {
    for (const tile of tiles) {
      tile.disabled = false;
      tile.addEventListener("click", () => {
        kind = kind === tile.dataset.kind ? "" : tile.dataset.kind;
        show();
      });
    }
    find.addEventListener("input", show);
    $("expand").addEventListener("click", () => toggle(true));
    $("collapse").addEventListener("click", () => toggle(false));
    $("tools").hidden = false;
    addEventListener("hashchange", follow);
    follow();
  }
  // For browsers whose style sheets can not open what is printed.
  addEventListener("beforeprint", () => {
    if (CSS.supports("selector(::details-content)")) return;
    for (const one of document.querySelectorAll("details")) one.open = true;
  });
}
