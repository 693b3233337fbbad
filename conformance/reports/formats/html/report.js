"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  const search = $("#search");
  const status = $("#status");
  const items = $$(".requirement");
  const lists = ["passed", "untested"].map((id) => $(`#${id}`)).filter(Boolean);
  const buttons = $$("[data-filter]");
  const texts = new Map();

  const textOf = (node) => {
    if (!texts.has(node)) texts.set(node, node.textContent.toLowerCase());
    return texts.get(node);
  };
  const pressed = () =>
    buttons.filter((each) => each.getAttribute("aria-pressed") === "true").map((each) => each.dataset.filter);
  const say = (text) => {
    status.textContent = text;
  };

  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const kinds = pressed();
    const matches = (node) => words.every((word) => textOf(node).includes(word));
    let count = 0;
    for (const item of items) {
      item.hidden = (kinds.length > 0 && !kinds.includes(item.dataset.kind)) || !matches(item);
      count += !item.hidden;
      const link = $(`nav a[href="#${item.id}"]`);
      if (link) link.parentElement.hidden = item.hidden;
    }
    for (const list of lists) {
      const wanted = kinds.length === 0 || (kinds.includes("passed") && list.id === "passed");
      let found = 0;
      for (const row of $$("tbody tr", list)) {
        row.hidden = !wanted || !matches(row);
        found += !row.hidden;
      }
      list.hidden = found === 0;
      if (words.length || kinds.length) $("details", list).open = found > 0 && wanted;
      count += found;
    }
    say(words.length || kinds.length ? `${count} requirements shown` : "");
  };

  search.addEventListener("input", apply);
  for (const button of buttons) {
    button.addEventListener("click", () => {
      button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
      apply();
    });
  }
  for (const cell of $$("[data-chapter]")) {
    $("a", cell).addEventListener("click", () => {
      search.value = cell.dataset.chapter;
      apply();
    });
  }

  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      area.className = "hidden";
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  };
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button.copy");
    if (!button) return;
    const done = await copy($("pre", button.parentElement).textContent);
    button.classList.toggle("done", done);
    say(done ? "Copied" : "The browser does not allow to copy; select the text instead");
    button.focus();
    setTimeout(() => button.classList.remove("done"), 1500);
  });

  const choose = (value) => {
    for (const input of $$(`.choices input[value="${value}"]`)) input.checked = true;
  };
  document.addEventListener("change", (event) => {
    if (event.target.matches(".choices input")) choose(event.target.value);
  });

  const open = (hash) => {
    const target = hash.length > 1 && document.getElementById(decodeURIComponent(hash.slice(1)));
    if (!target) return;
    if (target.closest("[hidden]")) clear();
    for (let node = target; node; node = node.parentElement) if (node.matches("details")) node.open = true;
    target.scrollIntoView({ behavior: "instant" });
    const summary = target.matches("details") && $("summary", target);
    if (summary) summary.focus({ preventScroll: true });
  };
  const clear = () => {
    search.value = "";
    for (const button of buttons) button.setAttribute("aria-pressed", "false");
    apply();
  };
  addEventListener("hashchange", () => open(location.hash));
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (link && link.hash === location.hash) open(link.hash);
  });
  open(location.hash);

  const step = (by) => {
    const shown = items.filter((item) => !item.hidden);
    if (!shown.length) return;
    const at = shown.findIndex((item) => item.contains(document.activeElement));
    const next = at < 0 ? (by > 0 ? 0 : shown.length - 1) : Math.min(Math.max(at + by, 0), shown.length - 1);
    const summary = $("summary", shown[next]);
    summary.focus();
    summary.scrollIntoView({ block: "nearest" });
    history.replaceState(null, "", `#${shown[next].id}`);
  };
  const toggleAll = () => {
    const shown = items.filter((item) => !item.hidden);
    const opened = shown.every((item) => item.open);
    for (const item of shown) item.open = !opened;
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") {
      clear();
      if (document.activeElement === search) search.blur();
      return;
    }
    if (!$("#keys").checked || event.target.matches("input:not([type=radio]), textarea")) return;
    const actions = {
      "/": () => {
        search.focus();
        search.select();
      },
      j: () => step(1),
      k: () => step(-1),
      e: toggleAll,
    };
    if (Object.hasOwn(actions, event.key)) {
      event.preventDefault();
      actions[event.key]();
    }
  });

  let closed = [];
  addEventListener("beforeprint", () => {
    closed = $$("details:not([open])");
    for (const each of closed) each.open = true;
  });
  addEventListener("afterprint", () => {
    for (const each of closed) each.open = false;
  });
})();
