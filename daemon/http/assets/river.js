// The river, live. The page is whole without this; here posts come in, older ones follow the scroll, and keys move.
"use strict";
(() => {
  const river = document.querySelector("#river");
  const fetchPage = async (url) => {
    const answer = await fetch(url, { credentials: "same-origin", headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error("HTTP " + answer.status);
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  };

  // Times: as the server wrote them in UTC, until here they become the reader's own.
  const soon = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "short" });
  const showTimes = (root) => {
    for (const time of root.querySelectorAll("time[datetime]")) {
      const at = new Date(time.dateTime);
      const minutes = Math.round((at - Date.now()) / 60000);
      time.title = at.toLocaleString();
      const size = Math.abs(minutes);
      const form = time.dataset.form;
      if (form === "date") time.textContent = at.toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
      else if (size === 0) continue;  // "just now", as the server wrote it, or the minute itself
      else if (size < 60) time.textContent = soon.format(minutes, "minute");
      else if (size < 1440) time.textContent = soon.format(Math.round(minutes / 60), "hour");
      else if (form === "relative") time.textContent = soon.format(Math.round(minutes / 1440), "day");
      else time.textContent = at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    }
  };
  showTimes(document);
  if (!river) return;

  // A picture that does not come leaves no hole.
  river.addEventListener("error", (event) => event.target.closest(".thumb")?.remove(), true);

  const posts = () => [...river.querySelectorAll(".post")];
  const known = (id) => document.getElementById(id) !== null;

  // Puts the days of a fetched page after ours (older) or before them (newer); a post already here stays where it is.
  const merge = (page, newer) => {
    const days = [...page.querySelectorAll("#river .day")];
    if (newer) days.reverse();
    for (const day of days) {
      const items = [...day.querySelectorAll(".post")].filter((post) => !known(post.id));
      if (!items.length) continue;
      for (const item of items) showTimes(item);
      const ours = river.querySelector(`.day[data-day="${CSS.escape(day.dataset.day)}"]`);
      if (ours) {
        const list = ours.querySelector(".posts");
        newer ? list.prepend(...items) : list.append(...items);
      } else {
        const fresh = document.importNode(day, true);
        fresh.querySelector(".posts").replaceChildren(...items);
        const first = river.querySelector(".day");
        newer ? (first ? first.before(fresh) : river.append(fresh)) : river.append(fresh);
      }
    }
  };

  // Older posts: by link without us, by scrolling with us.
  const older = document.querySelector(".older");
  if (older) {
    let loading = false;
    const more = async () => {
      if (loading || !older.isConnected) return;
      loading = true;
      try {
        const page = await fetchPage(older.href);
        merge(page, false);
        const next = page.querySelector(".older");
        if (next) older.href = next.href;
        else older.remove();
      } catch {
        watcher.disconnect();  // the link stays for the reader to try
      }
      loading = false;
    };
    const watcher = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) more();
    }, { rootMargin: "600px" });
    watcher.observe(older);
  }

  // New posts: counted while they come, shown when asked for, so that nothing moves under the reader's eyes.
  const button = document.querySelector("#fresh");
  const title = document.title;
  if (river.dataset.events && button) {
    const waiting = new Set();
    const source = new EventSource(river.dataset.events);
    source.addEventListener("post", (event) => {
      const post = JSON.parse(event.data);
      if (known("p-" + post.id)) return;
      waiting.add(post.id);
      button.textContent = waiting.size === 1 ? "1 new post" : waiting.size + " new posts";
      button.hidden = false;
      document.title = "(" + waiting.size + ") " + title;
    });
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        merge(await fetchPage(river.dataset.home), true);
        document.querySelector(".empty")?.remove();
        waiting.clear();
        button.hidden = true;
        document.title = title;
        scrollTo({ top: 0 });
      } catch {
        button.textContent = "Could not load, try again";
      }
      button.disabled = false;
    });
    addEventListener("pagehide", () => source.close());
  }

  // One post open in place: its content comes from the post's own page.
  const toggle = async (post) => {
    const open = post.querySelector(".content");
    const link = post.querySelector("h3 a");
    if (open) {
      open.remove();
      post.classList.remove("open");
      link.setAttribute("aria-expanded", "false");
      return;
    }
    try {
      const page = await fetchPage(link.href);
      const content = page.querySelector(".content");
      if (!content || post.querySelector(".content")) return;
      const original = page.querySelector(".original");
      if (original) content.append(original);
      post.querySelector("article").append(document.importNode(content, true));
      post.classList.add("open");
      link.setAttribute("aria-expanded", "true");
    } catch {
      location.assign(link.href);
    }
  };
  river.addEventListener("click", (event) => {
    const link = event.target.closest("h3 a");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    toggle(link.closest(".post"));
  });

  // Keys: j and k move, o opens, / searches.
  let here = null;
  const step = (by) => {
    const all = posts();
    const at = here ? all.indexOf(here) : -1;
    const next = all[Math.max(0, Math.min(all.length - 1, at + by))];
    if (!next) return;
    here?.classList.remove("here");
    here = next;
    here.classList.add("here");
    here.querySelector("h3 a").focus({ preventScroll: true });
    here.scrollIntoView({ block: "center" });
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else if (event.key === "o" && here) toggle(here);
    else if (event.key === "v" && here) location.assign(here.querySelector("h3 a").href);
    else if (event.key === "/") document.querySelector("#q").focus();
    else return;
    event.preventDefault();
  });
})();
