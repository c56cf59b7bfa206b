"use strict";
// Filters the problems by what the form says, and keeps the form's state in the URL's fragment.
(function () {
  const form = document.getElementById("filter");
  if (!form) return;
  const count = document.getElementById("count");
  const nothing = document.getElementById("nothing");
  const shows = Array.from(form.querySelectorAll("[name=show]"));
  const { text, rule, file } = form.elements;
  const number = new Intl.NumberFormat("en");

  const groups = Array.from(document.querySelectorAll("section.file"), (section) => ({
    section,
    file: section.dataset.file,
    exchanges: Array.from(section.querySelectorAll("article.exchange"), (article) => ({
      article,
      items: Array.from(article.querySelectorAll("li.problem")),
    })),
  }));
  const total = document.querySelectorAll("li.problem").length;
  const haystacks = new WeakMap();

  function haystack(item, article, group) {
    let words = haystacks.get(item);
    if (words === undefined) {
      const heads = article.querySelectorAll("h4, .facts");
      words = [group.file, ...Array.from(heads, (head) => head.textContent), item.textContent]
        .join("\n").toLowerCase();
      haystacks.set(item, words);
    }
    return words;
  }

  function apply() {
    const wanted = text.value.trim().toLowerCase();
    const kinds = new Set(shows.filter((box) => box.checked).map((box) => box.value));
    let seen = 0;
    for (const group of groups) {
      let inFile = 0;
      const rightFile = !file.value || file.value === group.file;
      for (const { article, items } of group.exchanges) {
        let inExchange = 0;
        for (const item of items) {
          const { rule: its, kind } = item.dataset;
          const hit = rightFile && kinds.has(kind) && (!rule.value || rule.value === its) &&
            (!wanted || haystack(item, article, group).includes(wanted));
          item.hidden = !hit;
          inExchange += hit;
        }
        article.hidden = !inExchange;
        inFile += inExchange;
      }
      group.section.hidden = !inFile;
      seen += inFile;
    }
    nothing.hidden = seen > 0;
    const noun = total === 1 ? " problem" : " problems";
    count.textContent = (seen === total ? "" : number.format(seen) + " of ") +
      number.format(total) + noun;
  }

  function fragment() {
    const state = new URLSearchParams();
    if (rule.value) state.set("rule", rule.value);
    if (file.value) state.set("file", file.value);
    if (!shows.every((box) => box.checked)) {
      state.set("show", shows.filter((box) => box.checked).map((box) => box.value).join(","));
    }
    if (text.value) state.set("text", text.value);
    return state.toString();
  }

  function remember() {
    try {
      history.replaceState(null, "", "#" + fragment());
    } catch {
      // A browser that allows no more changes: the page goes on without.
    }
  }

  function fill(state) {
    const one = (field, value) => {
      field.value = value || "";
      if (field.selectedIndex === -1) field.value = "";
    };
    one(rule, state.get("rule"));
    one(file, state.get("file"));
    text.value = state.get("text") || "";
    const kinds = state.has("show") ? state.get("show").split(",") : null;
    for (const box of shows) box.checked = !kinds || kinds.includes(box.value);
  }

  function everything() {
    fill(new URLSearchParams());
    apply();
  }

  // A fragment with "=" in it is the filter's; any other names a place, which must be in sight.
  function follow() {
    const hash = location.hash.slice(1);
    if (hash.includes("=")) {
      fill(new URLSearchParams(hash));
      apply();
    } else if (hash) {
      const place = document.getElementById(hash);
      if (place && place.closest("[hidden]")) {
        everything();
        place.scrollIntoView();
      }
    } else {
      everything();
    }
  }

  // Where a frame is wider than the page, the place that its caret shows comes into sight with it.
  const frames = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      frames.unobserve(target);
      const caret = target.querySelector("b").offsetLeft - target.offsetLeft;
      if (caret > target.clientWidth * 0.8) target.scrollLeft = caret - target.clientWidth / 2;
    }
  });
  for (const frame of document.querySelectorAll(".frame")) frames.observe(frame);

  let waiting = 0;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { apply(); remember(); }, 120);
  });
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    everything();
    remember();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    apply();
    remember();
  });
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element && event.target.closest("a[data-only]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    location.hash = new URLSearchParams({ rule: link.dataset.only }).toString();
    document.getElementById("problems").scrollIntoView();
    rule.focus({ preventScroll: true });
  });
  window.addEventListener("hashchange", follow);
  document.documentElement.classList.add("js");
  form.hidden = false;
  apply();
  follow();
})();
