/**
 * The page's whole script. The page says everything without it; with it the page tells how old it is (a page
 * that nobody renews would show "all up" for ever), and what a day's bar stands for.
 */
export const SCRIPT = `
(() => {
  const at = Date.parse(document.body.dataset.at);
  const age = () => {
    const minutes = Math.floor((Date.now() - at) / 60000);
    document.getElementById("age").textContent = minutes < 2 ? "just now" : minutes + " minutes ago";
    document.getElementById("stale").style.display = minutes >= 5 ? "block" : "none";
  };
  age();
  setInterval(age, 15000);
  for (const bars of document.querySelectorAll(".bars")) {
    const days = bars.dataset.days ? bars.dataset.days.split(" ") : [];
    const out = bars.nextElementSibling.querySelector(".day");
    const before = out.textContent;
    bars.addEventListener("pointermove", (event) => {
      const box = bars.getBoundingClientRect();
      const index = days.length - 90 + Math.floor((event.clientX - box.left) / box.width * 90);
      if (!days[index]) { out.textContent = before; return; }
      const date = new Date(Date.parse(bars.dataset.from) + index * 86400000).toISOString().slice(0, 10);
      const [good, degraded = 0, down = 0, unknown = 0] = days[index].split(".").map(Number);
      const parts = [down > 0 && down + " down", degraded > 0 && degraded + " degraded", unknown > 0 && unknown + " unknown"];
      const bad = parts.filter(Boolean).join(", ");
      out.textContent = date + ": " + good + " checks good" + (bad ? ", " + bad : "");
    });
    bars.addEventListener("pointerleave", () => { out.textContent = before; });
  }
})();
`;
