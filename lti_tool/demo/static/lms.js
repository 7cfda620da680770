// What the LMS's pages do by themselves: pass a form on, follow the gradebook, close a frame.
"use strict";

for (const form of document.querySelectorAll("form[data-submit]")) form.submit();

// Content was selected: the whole page, not just its frame, goes back to the course.
const leaving = document.querySelector("[data-leave-to]");
if (leaving) window.top.location.href = leaving.dataset.leaveTo;

// Dynamic Registration 1.0: the tool asks for its frame to be closed.
const registering = document.querySelector("iframe[data-close-to]");
if (registering) {
  window.addEventListener("message", (event) => {
    const asked = event.data && event.data.subject === "org.imsglobal.lti.close";
    if (asked && event.source === registering.contentWindow) {
      window.location.href = registering.dataset.closeTo;
    }
  });
}

const panel = document.querySelector("[data-live-address]");
const said = new Map();
let latest = "";

function replace(part, fresh) {
  const open = Boolean(part.querySelector("details[open]"));
  const grades = new Map();
  for (const cell of part.querySelectorAll("td[id]")) grades.set(cell.id, cell.textContent);
  part.replaceChildren(...fresh.childNodes);
  for (const details of part.querySelectorAll("details")) details.open = open;
  for (const cell of part.querySelectorAll("td[id]")) {
    if (grades.has(cell.id) && grades.get(cell.id) !== cell.textContent) {
      cell.classList.add("changed");
    }
  }
}

async function refresh() {
  const answer = await fetch(panel.dataset.liveAddress);
  const text = await answer.text();
  if (text === latest) return;
  const page = new DOMParser().parseFromString(text, "text/html");
  let whole = true;
  for (const fresh of page.querySelectorAll("[data-live]")) {
    const part = panel.querySelector(`[data-live="${fresh.dataset.live}"]`);
    const news = fresh.innerHTML;
    // What is being used stays as it is: nobody loses focus or a choice.
    const used = part !== document.activeElement && part.contains(document.activeElement);
    if (said.get(part) !== news && !used) {
      said.set(part, news);
      replace(part, fresh);
    }
    whole = whole && !used;
  }
  latest = whole ? text : "";
}

// Each second while somebody is at work in the frame; of a page that is only open, every ten seconds.
let looks = 0;
let coming = 0;

function again() {
  clearTimeout(coming);
  coming = setTimeout(follow, looks < 20 ? 1000 : 10000);
}

async function follow() {
  looks += 1;
  try {
    await refresh();
  } catch {
    // The LMS is being restarted: the next look tries again.
  }
  again();
}

// A button for trouble must not reload the page: somebody may be writing in the tool's frame.
async function press(event) {
  event.preventDefault();
  const status = panel.querySelector("[data-done]");
  status.textContent = "";
  const body = new FormData(event.target, event.submitter);
  // Not form.action: the buttons are called that.
  const address = event.target.getAttribute("action");
  const answer = await fetch(address, { method: "POST", body, redirect: "manual" });
  looks = 0;
  again();
  // What was done is answered with a redirect, which "manual" leaves alone.
  const done = answer.type === "opaqueredirect" ? status.dataset.done : `${answer.status}:`;
  status.textContent = `${done} ${event.submitter.textContent}`;
}

if (panel) {
  for (const part of panel.querySelectorAll("[data-live]")) said.set(part, part.innerHTML);
  panel.addEventListener("submit", press);
  for (const frame of document.querySelectorAll("iframe")) {
    frame.addEventListener("load", () => { looks = 0; again(); });
  }
  again();
}
