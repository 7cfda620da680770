"use strict";
// Platform storage (LTI postMessage storage 0.1): state and nonce are kept by the platform's own frame.

const box = document.getElementById("storage");
const { target, origin, state } = box.dataset;
const frame = target === "_parent" ? window.parent : window.parent.frames[target];
const wait = 1500;

const ask = (message) => new Promise((resolve) => {
  const id = crypto.randomUUID();
  const done = (value) => { removeEventListener("message", hear); clearTimeout(timer); resolve(value); };
  const hear = (event) => {
    const data = event.data;
    if (event.origin !== origin || !data || data.message_id !== id || data.subject !== message.subject + ".response") return;
    done(data.error ? null : data.value);
  };
  const timer = setTimeout(() => done(null), wait);
  addEventListener("message", hear);
  try { frame.postMessage({ ...message, message_id: id }, origin); } catch { done(null); }
});

(async () => {
  if (box.dataset.do === "put") {
    await Promise.all([
      ask({ subject: "lti.put_data", key: "state-" + state, value: state }),
      ask({ subject: "lti.put_data", key: "nonce-" + state, value: box.dataset.nonce }),
    ]);
    location.replace(box.dataset.url);
  } else {
    const [kept, nonce] = await Promise.all([
      ask({ subject: "lti.get_data", key: "state-" + state }),
      ask({ subject: "lti.get_data", key: "nonce-" + state }),
    ]);
    box.elements.state.value = kept || "";
    box.elements.nonce.value = nonce || "";
    box.submit();
  }
})();
