"use strict";
// Pages that follow a meeting. Everything works without this file: then a link asks whether there is anything new.
{
  const at = document.body.dataset, EACH = 1000, SELDOM = 15000, PATIENCE = 5000;
  let version = at.version, moved = at.moved, meeting = false, edited = null, sending = false, stopped = !at.news;
  let timer, looking = false, failures = 0, refused = 0;

  // What somebody typed or chose and did not send.
  const place = document.createElement("div");
  if (at.news) {
    place.id = "told";
    place.setAttribute("role", "status");
    document.getElementById("main").prepend(place);
  }
  addEventListener("input", ({ target }) => { edited = target.form || edited; });
  addEventListener("submit", () => { sending = true; });
  const typing = () => {
    const { activeElement: field } = document;
    return Boolean(edited && edited.isConnected) || Boolean(field && field.matches("textarea, input[type=text]") && field.value);
  };

  const go = () => { sending = true; location.assign(at.now); };
  const tell = async (fresh = false) => {
    const answer = await fetch(at.told + (fresh ? "&fresh=1" : "") + (typing() ? "&typing=1" : ""), { cache: "no-store" });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    place.replaceChildren(...page.body.childNodes);
    place.querySelector("[data-send]")?.addEventListener("click", () => (edited || document.activeElement.form)?.requestSubmit());
  };

  // Parts of the big screen and of the conductor's page are made anew where they stand.
  const parts = document.querySelectorAll("[data-part]");
  const renew = async (elsewhere) => {
    const answer = await fetch(parts[0].dataset.self, { cache: "no-store" });
    if (!answer.ok) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    // The meeting is over: what is taken along stands elsewhere.
    if (!page.getElementById(parts[0].id)) { if (!typing()) go(); return true; }
    for (const part of parts) {
      const fresh = page.getElementById(part.id);
      if (!fresh || fresh.innerHTML === part.innerHTML || (edited && part.contains(edited))) continue;
      const focused = part.contains(document.activeElement) && document.activeElement.textContent;
      part.replaceChildren(...fresh.childNodes);
      if (focused) [...part.querySelectorAll("button, a, summary")].find((each) => each.textContent === focused)?.focus();
    }
    document.title = page.title;
    begin();
    later();
    // Another conductor was first: a finger that was on its way does not move the next round too.
    if (elsewhere) for (const button of document.querySelectorAll("[data-next]")) {
      button.disabled = true;
      setTimeout(() => { button.disabled = false; }, 1500);
    }
    return true;
  };

  // What holds for so many seconds is made anew after them, whatever else changes.
  let renewal;
  const later = () => {
    const soon = document.querySelector("[data-renew]");
    clearTimeout(renewal);
    if (soon) renewal = setTimeout(() => renew(false).catch(() => {}).finally(later), (Number(soon.dataset.renew) + 1) * 1000);
  };

  const look = async () => {
    clearTimeout(timer);
    if (stopped || looking || document.hidden) return;
    looking = true;
    try {
      const answer = await fetch(at.news, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
      // Not signed in here any more, or no longer in the course: the next page says so. Once is no matter: while the
      // same person opens another tab, a look with the cookie of before comes too late.
      refused = answer.status === 401 || answer.status === 403 ? refused + 1 : 0;
      stopped = refused > 2;
      if (!answer.ok) throw new Error(answer.status);
      failures = 0;
      const [now, where, on] = (await answer.text()).split(" ");
      meeting = on === "1";
      const elsewhere = where !== moved, other = now !== version;
      if (parts.length && other) {
        if (await renew(elsewhere)) [version, moved] = [now, where];
      } else if (elsewhere && !sending) {
        [version, moved] = [now, where];
        if (meeting && !typing()) go(); else await tell();
      } else if (other && meeting && "live" in at && !sending) {
        // What some make together the others are told of; nothing moves under a finger.
        version = now;
        await tell(true);
      }
    } catch { failures += 1; }
    looking = false;
    // Not all phones at the same moment.
    const wait = (meeting || parts.length ? EACH : SELDOM) * Math.min(1 + failures, 8) * (0.9 + Math.random() / 10);
    if (!stopped) timer = setTimeout(look, Math.min(wait, SELDOM));
  };
  document.addEventListener("visibilitychange", look);
  addEventListener("online", look);
  addEventListener("pageshow", ({ persisted }) => { if (persisted) { sending = false; look(); } });

  // The clock counts from what the server said was left.
  let clocks = [];
  const begin = () => {
    clocks = [...document.querySelectorAll("[data-left]")].map((shown) => ({ shown, end: performance.now() + shown.dataset.left * 1000 }));
  };
  setInterval(() => {
    for (const { shown, end } of clocks) {
      const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
      const words = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
      if (shown.textContent !== words) shown.textContent = words;
      const clock = shown.closest(".clock"), said = clock.nextElementSibling;
      clock.classList.toggle("over", !left);
      if (!left && said.textContent !== said.dataset.over) said.textContent = said.dataset.over;
    }
  }, 250);
  begin();
  later();
  look();

  // In a frame the height of the window is not that of the screen.
  const measure = () => {
    for (const wall of document.querySelectorAll(".beamer")) wall.style.setProperty("--screen", `${screen.height}px`);
  };
  addEventListener("resize", measure);
  measure();
  for (const button of document.querySelectorAll("[data-fullscreen]")) {
    button.hidden = !document.fullscreenEnabled;
    button.addEventListener("click", () => document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen());
  }
}
