/* The zone of this device, unless the address says one: the page is asked for again before it is shown. */
(() => {
  const at = new URL(location);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const shown = document.documentElement.dataset.zone;
  if (!zone || !shown || zone === shown || at.searchParams.has("tz")) return;
  at.searchParams.set("tz", zone);
  location.replace(at);
})();
