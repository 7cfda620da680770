"use strict";
// Approving by the keyboard: j and k go along what waits, a ticks, Enter in the form approves. Everything works without.
const entries = [...document.querySelectorAll("[data-entry]")];
const form = document.querySelector("[data-approve]");
if (form && entries.length) {
  const boxes = entries.map((entry) => entry.querySelector("input[type=checkbox]"));
  const said = form.querySelector("[data-ticked]");
  const count = () => { said.textContent = said.dataset.ticked.replace("{n}", boxes.filter((box) => box.checked).length); };
  document.querySelector(".only-keys").hidden = false;
  count();
  document.addEventListener("change", count);
  addEventListener("pageshow", count);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("textarea, select, input:not([type=checkbox])")) return;
    const at = boxes.indexOf(document.activeElement);
    if (event.key === "j" || event.key === "k") {
      const next = at < 0 ? 0 : Math.min(boxes.length - 1, Math.max(0, at + (event.key === "j" ? 1 : -1)));
      boxes[next].focus();
      entries[next].scrollIntoView({ block: "center" });
    } else if (event.key === "a" && at >= 0) {
      boxes[at].checked = !boxes[at].checked;
      count();
    } else if (event.key === "Enter" && at >= 0) form.requestSubmit();
    else return;
    event.preventDefault();
  });
}
// Files that are being made: looks by itself until they are there.
const making = () => document.querySelector("#files[data-making]");
const look = async () => {
  const answer = await fetch(location.href, { cache: "no-store" }).catch(() => null);
  if (answer && answer.ok) {
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("files");
    const at = document.activeElement, where = making();
    if (!fresh) return;
    if (!fresh.matches("[data-making]")) {
      const told = document.querySelector("[data-told]");
      told.textContent = told.dataset.words;
    }
    const held = where.contains(at) ? at.closest("section").id : "";
    where.replaceWith(fresh);
    if (held) document.getElementById(held).querySelector("a, button")?.focus();
  }
  if (making()) setTimeout(look, 2000);
};
if (making()) setTimeout(look, 2000);
