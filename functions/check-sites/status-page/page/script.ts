/**
 * The page's whole script. The page says everything without it; with it times are in the reader's own zone, the page
 * says how old it is (a page that nobody renews would show "all up" for ever), and it reloads every minute without
 * losing the reader's place, unless the reader has switched that off.
 */
export const SCRIPT = `
(() => {
  const store = (() => { try { return window.localStorage; } catch { return undefined; } })();
  const keep = (key, value) => { try { store?.setItem(key, value); } catch {} };
  const kept = (key) => { try { return store?.getItem(key) ?? undefined; } catch { return undefined; } };
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  for (const time of document.querySelectorAll("time")) {
    time.title = time.textContent;
    time.textContent = format.format(new Date(time.dateTime));
  }
  const at = Date.parse(document.body.dataset.at);
  const age = () => {
    const minutes = Math.floor((Date.now() - at) / 60000);
    document.getElementById("age").textContent = minutes < 2 ? "just now" : minutes + " minutes ago";
    document.getElementById("stale").hidden = minutes < 5;
  };
  age();
  setInterval(age, 15000);
  const place = "reflex-place " + location.pathname;
  const saved = kept(place);
  if (saved) {
    const { y, open, focus } = JSON.parse(saved);
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    scrollTo(0, y);
    if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
    keep(place, "");
  }
  const reload = document.getElementById("reload");
  document.getElementById("reload-label").hidden = false;
  reload.checked = kept("reflex-reload") !== "off";
  reload.addEventListener("change", () => keep("reflex-reload", reload.checked ? "on" : "off"));
  setInterval(() => {
    const selected = String(getSelection() ?? "") !== "";
    if (!reload.checked || document.hidden || selected) return;
    const open = [...document.querySelectorAll("details[open]")].map(({ id }) => id);
    keep(place, JSON.stringify({ y: scrollY, open, focus: document.activeElement?.id }));
    location.reload();
  }, 60000);
})();
`;
