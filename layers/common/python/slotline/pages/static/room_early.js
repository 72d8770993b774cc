/* The way into a room opens by itself. What time it is, the server has said; this device counts from then. The role
   token behind the address's `#` goes along. */
(() => {
  const opens = document.getElementById("opens"), way = document.getElementById("way");
  const loaded = Date.now();
  const look = () => {
    if (!way.hidden || (Date.now() - loaded) / 1000 < Number(opens.dataset.seconds)) return;
    way.href = location.pathname + location.search + location.hash;
    way.hidden = false;
    opens.hidden = true;
  };
  setInterval(look, 1000);
  addEventListener("visibilitychange", look);
  look();
})();
