/* The way into the call opens and closes by itself. What time it is, the server has said; this device counts from then. */
(() => {
  const way = document.getElementById("join");
  const told = document.getElementById("join-told");
  const { opens, ends, now, over } = way.dataset;
  const loaded = Date.now();
  const look = () => {
    const passed = (Date.now() - loaded) / 1000;
    const isOver = ends !== undefined && passed >= Number(ends);
    const isOpen = passed >= Number(opens) && !isOver;
    if (way.hidden !== isOpen) return;
    way.hidden = !isOpen;
    told.textContent = isOver ? over : now;
  };
  setInterval(look, 1000);
  addEventListener("visibilitychange", look);
})();
