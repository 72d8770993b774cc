/* The week as a grid: Tab enters it once, arrows move by time and by day, Enter follows the link, and bookings can be
   dragged. A list of days, which narrow screens have, is read by Tab as it is. */
(() => {
  const part = document.getElementById("week");
  let current = null;

  const isGrid = () => document.getElementById("scale").checkVisibility();

  const minute = (stop) => new Date(stop.dataset.start) / 60000;
  // In order of their times: what is behind the bookings comes before all of them in the page.
  const stops = (day) => [...day.querySelectorAll(".stop")].filter((stop) => stop.offsetParent).sort((one, other) => minute(one) - minute(other));
  const days = () => [...part.querySelectorAll(".day")];
  const all = () => days().flatMap(stops);
  const top = (stop) => stop.getBoundingClientRect().top;

  const enterAt = () => {
    const found = all();
    if (!isGrid()) {
      for (const stop of part.querySelectorAll(".event, .band-link")) stop.removeAttribute("tabindex");
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
    if (!stop || !isGrid() || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
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
    if (target.matches(".stop") && isGrid() && target.id !== current) {
      current = target.id;
      enterAt();
    }
  });

  // A booking is dragged to a time and then its form asks whether it is meant. What is dragged to is told by what is
  // nearest on that day, so a day on which clocks change is no exception.
  const quarter = 15, farEnough = 6;
  const zone = document.getElementById("week-zone").dataset.zone;
  const shown = new Intl.DateTimeFormat(document.documentElement.lang, { weekday: "short", day: "numeric", month: "short", hour: "numeric", minute: "2-digit", timeZone: zone });
  const label = document.getElementById("drag-to");
  let drag = null;

  const target = ({ clientX, clientY }) => {
    const day = days().find((one) => {
      const { left, right, top: above, bottom } = one.querySelector(".day-body").getBoundingClientRect();
      return left <= clientX && clientX < right && above <= clientY && clientY < bottom;
    });
    const marks = day ? stops(day).filter((stop) => stop !== drag.event && !stop.matches(".band-link")) : [];
    if (!marks.length) return null;
    const y = clientY - drag.grip;
    const near = marks.reduce((best, one) => (Math.abs(top(one) - y) < Math.abs(top(best) - y) ? one : best));
    const perMinute = day.querySelector(".day-body").getBoundingClientRect().height / drag.minutes;
    const at = minute(near) + (y - top(near)) / perMinute;
    const start = new Date(Math.round(at / quarter) * quarter * 60000);
    return start > Date.now() ? start : null;
  };
  const drop = () => {
    for (const moved of part.querySelectorAll(".is-dragging")) {
      moved.style.removeProperty("translate");
      moved.classList.remove("is-dragging");
    }
    label.hidden = true;
    drag = null;
  };

  part.addEventListener("dragstart", (event) => event.preventDefault());
  part.addEventListener("pointerdown", (event) => {
    const moved = event.target.closest("[data-moves]");
    if (!moved || !isGrid() || event.button || event.pointerType === "touch") return;
    const minutes = 60 * part.querySelector("#grid").dataset.hours;
    drag = { event: moved, x: event.clientX, y: event.clientY, grip: event.clientY - top(moved), minutes, to: null };
  });
  addEventListener("pointermove", (event) => {
    if (!drag) return;
    const [x, y] = [event.clientX - drag.x, event.clientY - drag.y];
    if (!drag.is && Math.hypot(x, y) < farEnough) return;
    drag.is = true;
    drag.event.classList.add("is-dragging");
    drag.event.style.translate = `${x}px ${y}px`;
    drag.to = target(event);
    label.hidden = !drag.to;
    if (drag.to) label.textContent = shown.format(drag.to);
  });
  addEventListener("pointerup", () => {
    if (!drag) return;
    const { is, to, event } = drag;
    if (!is || !to) drop();
    drag = null;
    if (!is) return;
    label.hidden = true;
    addEventListener("click", (click) => click.preventDefault(), { capture: true, once: true });
    if (!to) return;
    const way = new URL(event.dataset.moves, location.href);
    way.searchParams.set("start", to.toISOString());
    setTimeout(() => location.assign(way));
  });
  addEventListener("pointercancel", drop);
  addEventListener("pageshow", drop); // it stays where it was dropped until its form is there, and not for who comes back
  addEventListener("keydown", (event) => event.key === "Escape" && drop());
  part.addEventListener("refreshed", enterAt);
  new ResizeObserver(enterAt).observe(part);
  enterAt();
})();
