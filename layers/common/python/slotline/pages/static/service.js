/* Another service has other questions and times: they are shown as soon as it is chosen, and so are another day's times. */
(() => {
  const show = document.getElementById("service-go");
  show.hidden = true;
  document.getElementById("f-service").addEventListener("change", () => show.click());
  document.getElementById("f-day").addEventListener("change", ({ target }) => target.value && show.click());
})();
