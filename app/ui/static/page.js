// What the page does beyond links and forms, all of which work without it.
"use strict";

// Makes the tree `old` equal to `fresh` and leaves alone what is equal already: pictures do not flicker,
// and what somebody opened, typed or focused stays as it is.
function renew(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName || old.id !== fresh.id) {
    old.replaceWith(fresh);
    return;
  }
  if (old.nodeType !== Node.ELEMENT_NODE) {
    old.nodeValue = fresh.nodeValue;
    return;
  }
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  renewChildren(old, [...fresh.childNodes]);
}

function renewChildren(old, wanted) {
  // A new round goes before the earlier ones: what has an id is kept under it, wherever it stands.
  const named = new Map([...old.children].filter((node) => node.id).map((node) => [node.id, node]));
  wanted.forEach((fresh, place) => {
    const kept = fresh.id && named.get(fresh.id);
    const there = old.childNodes[place];
    if (kept) {
      if (kept !== there) old.insertBefore(kept, there || null);
      renew(kept, fresh);
    } else if (!there || (there.id && wanted.some((node) => node.id === there.id))) {
      old.insertBefore(fresh, there || null);
    } else {
      renew(there, fresh);
    }
  });
  while (old.childNodes.length > wanted.length) old.lastChild.remove();
}

function parsed(text) {
  return new DOMParser().parseFromString(text, "text/html");
}

// Says aloud what a run does now, once; what is wrong is shown as well.
function tell(says, look) {
  const status = document.getElementById("status");
  status.className = look;
  if (status.textContent !== says) status.textContent = says;
}

// Browsers open few connections to one server: a page that nobody sees holds none.
function watch(place) {
  let source = null;
  let ended = false;
  const begin = () => {
    if (source || ended) return;
    source = new EventSource(place.dataset.live);
    source.addEventListener("view", (message) => {
      // Inside an element the space before the first tag is kept, as it is in the page itself.
      renewChildren(place, [...parsed(`<div>${message.data}</div>`).body.firstChild.childNodes]);
      tell(place.querySelector("[data-says]")?.dataset.says || "", "hidden");
    });
    source.addEventListener("error", () => tell("Connection lost. Trying again.", "problem"));
    source.addEventListener("end", () => {
      ended = true;
      cease();
    });
  };
  const cease = () => {
    source?.close();
    source = null;
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? cease() : begin()));
  addEventListener("pagehide", cease);
  addEventListener("pageshow", begin);
  begin();
}

async function load(place) {
  try {
    const answer = await fetch(place.dataset.load, { headers: { Accept: "text/html" } });
    place.replaceChildren(parsed(await answer.text()).getElementById("findings"));
  } catch {
    place.textContent = "That could not be looked up. Is `gems ui` still at work?";
  }
}

// A form is sent once, however often its button is pressed.
addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.nodeName === "TEXTAREA") {
    event.target.form?.requestSubmit();
  }
});

// A button that needs so many ticks in its form cannot be pressed before.
for (const button of document.querySelectorAll("[data-needs]")) {
  const count = () => {
    button.disabled = button.form.querySelectorAll(":checked").length !== Number(button.dataset.needs);
  };
  button.form.addEventListener("change", count);
  addEventListener("pageshow", count);
}

for (const place of document.querySelectorAll("[data-live]")) watch(place);
for (const place of document.querySelectorAll("[data-load]")) load(place);
