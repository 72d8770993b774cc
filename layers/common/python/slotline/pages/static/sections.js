/* On a phone the sections are a strip: the present one is brought into it. */
(() => {
  const strip = document.querySelector(".side-nav");
  const here = strip?.querySelector("[aria-current]");
  if (here && strip.scrollWidth > strip.clientWidth) strip.scrollLeft += here.getBoundingClientRect().left - strip.clientWidth / 2 + here.offsetWidth / 2;
})();
