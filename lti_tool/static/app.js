"use strict";
// Everything works without this file; it keeps drafts, posts forms that need no reading, and fits the frame.

document.documentElement.classList.add("js");

// What was just done, or went wrong, comes first for whoever hears the page.
document.querySelector("[data-focus]")?.focus();

const minutes = () => new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

// What a form says in words: a file is sent once, with the form itself.
const words = (form) => new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string"));

// Drafts: a form with data-draft is kept on the server while it is typed in.
for (const form of document.querySelectorAll("form[data-draft]")) {
  const note = form.querySelector("[data-saved]");
  let timer, dirty = false;
  const keep = async () => {
    clearTimeout(timer);
    if (!dirty) return;
    dirty = false;
    try {
      const body = words(form);
      // A request that outlives its page may have 64 kB: more than that is kept while it is typed.
      const keepalive = body.toString().length < 60000;
      const answer = await fetch(form.dataset.draft, { method: "POST", body, keepalive });
      if (!answer.ok) throw new Error(answer.status);
      if (note) note.textContent = document.body.dataset.kept.replace("{time}", (await answer.json()).saved);
    } catch {
      dirty = true;
      if (note) note.textContent = document.body.dataset.notKept.replace("{time}", minutes());
    }
  };
  form.addEventListener("input", () => { dirty = true; clearTimeout(timer); timer = setTimeout(keep, 800); });
  form.addEventListener("submit", () => { dirty = false; clearTimeout(timer); });
  addEventListener("pagehide", keep);
}

// A form posted twice by an impatient finger is posted once.
for (const form of document.forms)
  form.addEventListener("submit", (event) => {
    if (form.target === "_blank") return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  });
addEventListener("pageshow", () => { for (const form of document.forms) delete form.dataset.sent; });

// A photo of today's phones is larger than 5 MB: the browser makes it smaller, and leaves out where it was taken.
for (const field of document.querySelectorAll("input[data-shrink]"))
  field.addEventListener("change", async () => {
    const [file] = field.files;
    if (!file || !file.type.startsWith("image/")) return;
    try {
      const picture = await createImageBitmap(file);
      const scale = Math.min(1, 2000 / Math.max(picture.width, picture.height));
      const canvas = new OffscreenCanvas(Math.round(picture.width * scale), Math.round(picture.height * scale));
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      const small = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.85 });
      const chosen = new DataTransfer();
      chosen.items.add(new File([small], file.name.replace(/\.\w+$/, "") + ".jpg", { type: small.type }));
      field.files = chosen.files;
    } catch { /* The server says what it makes of the file as it is. */ }
  });

// Of a form with many questions: how many have an answer.
for (const counted of document.querySelectorAll("[data-count]")) {
  const form = counted.closest("form");
  const count = () => {
    const names = new Set([...form.querySelectorAll("input[type=radio]:checked")].filter(({ value }) => value !== "-").map(({ name }) => name));
    counted.textContent = counted.dataset.words.replace("{n}", names.size);
  };
  form.addEventListener("change", count);
  count();
}

// Dots: a tap on a piece lays one; plus and minus do as they say without a page in between.
for (const form of document.querySelectorAll("form[data-dots]")) {
  const each = Number(form.dataset.dots), left = form.querySelector("[data-still]");
  const pieces = [...form.querySelectorAll("[data-piece]")];
  const field = (piece) => piece.querySelector("input[name^=dots-]");
  const laid = () => pieces.reduce((sum, piece) => sum + Number(field(piece).value), 0);
  const show = () => {
    left.textContent = left.dataset.still.replace("{n}", Math.max(0, each - laid()));
    for (const piece of pieces) {
      const n = Number(field(piece).value);
      piece.querySelector("[data-shown]").textContent = "●".repeat(n) || "○";
      piece.querySelector("[data-said]").textContent = n;
      piece.classList.toggle("laid", n > 0);
    }
  };
  const change = (piece, by) => {
    const n = Number(field(piece).value) + by;
    if (n < 0 || (by > 0 && laid() >= each)) return;
    field(piece).value = n;
    show();
    form.dispatchEvent(new Event("input", { bubbles: true }));
  };
  form.addEventListener("click", (event) => {
    const piece = event.target.closest("[data-piece]"), button = event.target.closest("button");
    if (!piece || event.target.closest("a, summary")) return;
    if (button) event.preventDefault();
    change(piece, button && "less" in button.dataset ? -1 : 1);
  });
  show();
}

// A long list: what holds the words that are looked for.
for (const list of document.querySelectorAll("[data-list]")) {
  const search = list.querySelector("[data-search]"), found = list.querySelector("[data-found]");
  list.querySelector(".search").hidden = false;
  search.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  search.addEventListener("input", () => {
    const words = search.value.trim().toLowerCase();
    let n = 0;
    for (const item of list.querySelectorAll(".idea")) {
      item.hidden = words !== "" && !item.textContent.toLowerCase().includes(words);
      n += item.hidden ? 0 : 1;
    }
    for (const part of list.querySelectorAll("details.rest")) if (words) part.open = true;
    found.textContent = words ? found.dataset.found.replace("{n}", n) : "";
  });
}

// Not navigator.clipboard: a frame has it only where the LMS allows it.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    document.getElementById(button.dataset.copy).select();
    if (document.execCommand("copy")) button.textContent = button.dataset.copied;
  });
}

for (const form of document.querySelectorAll("form[data-submit]")) form.requestSubmit();

for (const button of document.querySelectorAll("[data-close]"))
  button.addEventListener("click", () => (window.opener || window.parent).postMessage({ subject: "org.imsglobal.lti.close" }, "*"));

// The LMS grows the frame where it can (lti.frameResize); where it cannot, the page scrolls by itself.
if (window.parent !== window) {
  // What stays in view needs a frame that scrolls: a page with such a bar takes the height of the screen, and no more.
  const screenful = () => Math.max(400, Math.min(screen.availHeight, outerHeight || Infinity) - 130);
  const bar = document.querySelector(".send") !== null;
  const height = () => bar ? Math.min(screenful(), document.documentElement.offsetHeight) : document.documentElement.offsetHeight;
  const fit = () => window.parent.postMessage(JSON.stringify({ subject: "lti.frameResize", height: height() }), "*");
  new ResizeObserver(fit).observe(document.documentElement);
}
