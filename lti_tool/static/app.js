"use strict";
// Everything works without this file; it keeps drafts, posts forms that need no reading, and fits the frame.

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
  const fit = () => window.parent.postMessage(JSON.stringify({ subject: "lti.frameResize", height: document.documentElement.offsetHeight }), "*");
  new ResizeObserver(fit).observe(document.documentElement);
}
