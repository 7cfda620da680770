"use strict";
// Everything works without this file; it keeps drafts, posts forms that need no reading, and fits the frame.

const minutes = () => new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

// Drafts: a form with data-draft is kept on the server while it is typed in.
for (const form of document.querySelectorAll("form[data-draft]")) {
  const note = form.querySelector("[data-saved]");
  let timer, dirty = false;
  const keep = async () => {
    clearTimeout(timer);
    if (!dirty) return;
    dirty = false;
    try {
      const answer = await fetch(form.dataset.draft, { method: "POST", body: new URLSearchParams(new FormData(form)), keepalive: true });
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

for (const form of document.querySelectorAll("form[data-submit]")) form.requestSubmit();

for (const button of document.querySelectorAll("[data-close]"))
  button.addEventListener("click", () => (window.opener || window.parent).postMessage({ subject: "org.imsglobal.lti.close" }, "*"));

// The LMS grows the frame where it can (lti.frameResize); where it cannot, the page scrolls by itself.
if (window.parent !== window) {
  const fit = () => window.parent.postMessage(JSON.stringify({ subject: "lti.frameResize", height: document.documentElement.offsetHeight }), "*");
  new ResizeObserver(fit).observe(document.documentElement);
}
