/* The week as a grid: Tab enters it once, arrows move by time and by day, Enter follows the link. A list of days, which
   narrow screens have, is read by Tab as it is. */
(() => {
  const part = document.getElementById("week");
  const wide = matchMedia("(min-width: 700px)");
  let current = null;

  const stops = (day) => [...day.querySelectorAll(".stop")].filter((stop) => stop.offsetParent);
  const days = () => [...part.querySelectorAll(".day")];
  const all = () => days().flatMap(stops);
  const minute = (stop) => new Date(stop.dataset.start) / 60000;
  const top = (stop) => stop.getBoundingClientRect().top;

  const enterAt = () => {
    const found = all();
    if (!wide.matches) {
      for (const stop of part.querySelectorAll(".event")) stop.removeAttribute("tabindex");
      return;
    }
    const now = Date.now() / 60000;
    const kept = found.find((stop) => stop.id === current);
    const first = kept ?? found.find((stop) => minute(stop) >= now) ?? found[0];
    for (const stop of found) stop.tabIndex = stop === first ? 0 : -1;
  };

  const go = (stop) => {
    if (!stop) return;
    current = stop.id;
    enterAt();
    stop.focus();
  };

  // The one that is level with this one, or next to that, on the nearest day that has any.
  const beside = (stop, step) => {
    const list = days();
    for (let at = list.indexOf(stop.closest(".day")) + step; list[at]; at += step) {
      const found = stops(list[at]);
      if (found.length) return found.reduce((best, one) => (Math.abs(top(one) - top(stop)) < Math.abs(top(best) - top(stop)) ? one : best));
    }
    return null;
  };

  part.addEventListener("keydown", (event) => {
    const stop = event.target.closest(".stop");
    if (!stop || !wide.matches || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const list = stops(stop.closest(".day")), at = list.indexOf(stop);
    const forward = document.documentElement.dir === "rtl" ? -1 : 1;
    const target = {
      ArrowDown: () => list[at + 1],
      ArrowUp: () => list[at - 1],
      ArrowRight: () => beside(stop, forward),
      ArrowLeft: () => beside(stop, -forward),
      Home: () => list[0],
      End: () => list.at(-1),
    }[event.key];
    if (!target) return;
    event.preventDefault();
    go(target());
  });
  part.addEventListener("focusin", ({ target }) => {
    if (target.matches(".stop") && wide.matches && target.id !== current) {
      current = target.id;
      enterAt();
    }
  });
  part.addEventListener("refreshed", enterAt);
  wide.addEventListener("change", enterAt);
  enterAt();
})();
