/* In a frame: the page says that it is there, how high it is, and what was booked, to a site that it lists and to no
   other. It reads no messages. */
(() => {
  if (parent === self) return;
  const root = document.documentElement;
  root.classList.add("framed");
  /* embed.js names the frame by the colour schemes of its site: on one that is always light, the page is, too. */
  root.style.colorScheme = self.name === "normal" ? "light" : self.name;
  const listed = [location.origin, ...root.dataset.framedBy.split(" ")];
  const [site] = location.ancestorOrigins || [];
  const isListed = site !== "null" && (listed.includes(site) || listed.includes("*"));
  /* A browser that does not name the site hands a message over only if it is the one that the message is for. */
  const targets = site ? (isListed ? [site] : []) : listed;
  const post = (name, detail) => {
    for (const target of targets) parent.postMessage({ type: `slotline:${name}`, detail }, target);
  };
  const ready = () => post("ready", root.dataset.frameTitle);
  addEventListener("DOMContentLoaded", () => {
    new ResizeObserver(() => post("height", Math.ceil(root.getBoundingClientRect().height))).observe(root);
    ready();
    const { bookedStart, bookedService } = root.dataset;
    if (bookedStart) post("booked", { start: bookedStart, service: bookedService });
    /* The site has a main part of its own. */
    document.querySelector("main")?.setAttribute("aria-label", root.dataset.frameTitle);
    const isLaterStep = document.referrer.startsWith(`${location.origin}/`);
    if (isLaterStep) document.querySelector("h1, h2")?.scrollIntoView({ block: "nearest" });
  });
  /* Once more, for the site may hear that the frame has loaded after it heard this: embed.js then waits for a word. */
  addEventListener("pageshow", () => setTimeout(ready, 1000));
  addEventListener("keydown", (event) => event.key === "Escape" && !event.defaultPrevented && post("close"));
  /* What is no step of this page refuses to be shown in a frame. */
  addEventListener("click", ({ target }) => {
    const link = target.closest("a[href]");
    const place = (at) => at.origin + at.pathname.split("/")[1];
    if (link && place(link) !== place(location)) link.target = "_blank";
  });
})();
