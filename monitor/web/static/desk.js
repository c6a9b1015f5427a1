// Keys of the desk: each presses a control that is on the page. Without this file everything works by those controls.
(() => {
  "use strict";
  const OFF = "therawatch-keys-off";
  const WAIT = 1200; // milliseconds in which the second key of "g q" may come
  let begun = "", since = 0;

  const seen = (one) => one.checkVisibility(); // what lies in a closed panel has no key
  const panel = () => [...document.querySelectorAll("details.panel[open]")].find(seen);
  const rows = () => [...document.querySelectorAll("[data-row]")];
  const row = () => document.activeElement.closest("[data-row]");
  const off = () => localStorage.getItem(OFF) === "1";

  const named = (keys) => {
    const within = panel() || row(); // of a row that is looked at, its own controls
    const find = (root) => [...root.querySelectorAll("[data-key]")].find((one) => one.dataset.key === keys && seen(one));
    return (within && find(within)) || find(document);
  };

  const press = (one) => {
    if (one.tagName !== "SUMMARY") { one.focus(); one.click(); return; }
    const details = one.parentElement;
    details.open = !details.open;
    const first = details.querySelector("[data-first], button, input:not([type=hidden]), select, textarea");
    (details.open && first ? first : one).focus();
  };

  const move = (step) => {
    const all = rows();
    if (!all.length) return false;
    const at = all.indexOf(row());
    const next = all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + step))];
    next.querySelector("[data-open]").focus();
    next.scrollIntoView({ block: "nearest" });
    return true;
  };

  document.addEventListener("keydown", (event) => {
    const target = event.target;
    if (event.key === "Escape") {
      const within = panel();
      if (within) { within.open = false; within.querySelector("summary").focus(); } else target.blur();
      return;
    }
    const writes = target.matches("textarea, select, input:not([type=checkbox]):not([type=radio])");
    if (off() || writes || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const chord = begun && event.timeStamp - since < WAIT ? `${begun} ${event.key}` : event.key;
    begun = "";
    if (event.key === "g" && chord === "g") { begun = "g"; since = event.timeStamp; return; }
    const control = named(chord);
    if (control) { event.preventDefault(); press(control); return; }
    if (chord === "j" || chord === "k") { if (move(chord === "j" ? 1 : -1)) event.preventDefault(); return; }
    const pick = chord === "x" && row() && row().querySelector("[data-pick]");
    if (pick) { event.preventDefault(); pick.checked = !pick.checked; }
  });

  const said = (one) => (one.getAttribute("aria-label") || one.firstChild.textContent || one.textContent).trim();
  const list = document.querySelector("[data-keys]");
  if (list) {
    const known = new Map([...document.querySelectorAll("[data-key]")].filter((one) => !one.closest(".panel form")).map((one) => [one.dataset.key, said(one)]));
    if (rows().length) { known.set("j", "Next row"); known.set("k", "Row before"); if (document.querySelector("[data-pick]")) known.set("x", "Select the row"); known.set("Enter", "Open the row"); }
    const table = document.createElement("dl");
    table.className = "keys";
    for (const [key, what] of known) {
      const pair = document.createElement("div"), term = document.createElement("dt"), meaning = document.createElement("dd");
      const sign = document.createElement("kbd");
      sign.textContent = key; term.append(sign); meaning.textContent = what;
      pair.append(term, meaning); table.append(pair);
    }
    list.append(table);
  }
  const button = document.querySelector("[data-keys-off]");
  if (button) {
    const label = () => { button.textContent = off() ? "Turn the keys on" : "Turn the keys off"; };
    button.hidden = false;
    label();
    button.addEventListener("click", () => { localStorage.setItem(OFF, off() ? "" : "1"); label(); });
  }
  for (const one of document.querySelectorAll("[data-key]")) {
    if (off() || one.dataset.key.includes(" ")) continue;
    const sign = document.createElement("kbd");
    sign.textContent = one.dataset.key;
    sign.setAttribute("aria-hidden", "true");
    one.setAttribute("aria-keyshortcuts", one.dataset.key);
    one.append(" ", sign);
  }
})();
