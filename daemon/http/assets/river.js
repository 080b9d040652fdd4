// The river, live. The page is whole without this; here posts come in, older ones follow the scroll, and keys move.
"use strict";
(() => {
  const river = document.querySelector("#river");

  // Null where the page has not what is wanted: who has to sign in again gets the form, whatever was asked for.
  const fetchPage = async (url, wanted) => {
    const answer = await fetch(url, { credentials: "same-origin", headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error("HTTP " + answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return page.querySelector(wanted) ? page : null;
  };

  // Times: as the server wrote them in UTC, until here they become the reader's own.
  const soon = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "short" });
  const showTimes = (root) => {
    for (const time of root.querySelectorAll("time[data-form]")) {
      const at = new Date(time.dateTime);
      const minutes = Math.round((at - Date.now()) / 60000);
      time.title = at.toLocaleString();
      const size = Math.abs(minutes);
      const form = time.dataset.form;
      if (form === "date") time.textContent = at.toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
      else if (size === 0 && form === "relative") continue;  // "just now", as the server wrote it
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
  const older = () => document.querySelector(".older");
  const timeOf = (post) => post.querySelector("time").dateTime;

  // Days are the reader's own too, and "today" is one only until midnight.
  const dayOf = (time) => {
    const at = new Date(time);
    return new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 10);
  };
  const dayName = (day) => {
    const away = (Date.parse(day) - Date.parse(dayOf(Date.now()))) / 86400000;
    if (Math.abs(away) <= 1) return soon.format(away, "day");
    return new Date(day).toLocaleDateString([], { timeZone: "UTC", weekday: "long", day: "numeric", month: "short", year: "numeric" });
  };
  const makeDay = (day) => {
    const section = document.createElement("section");
    section.className = "day";
    section.dataset.day = day;
    section.innerHTML = '<h2></h2><ol class="posts"></ol>';
    return section;
  };

  // Makes these the children. What is in its place already is not touched: it may be read or heard just now.
  const place = (parent, children) => {
    const wanted = new Set(children);
    for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
    children.forEach((child, at) => {
      if (parent.children[at] !== child) parent.insertBefore(child, parent.children[at] ?? null);
    });
  };

  // The river is these posts, newest first.
  let pageful = older() ? posts().length : Infinity;  // so many does a page show
  let edge;  // the time of the last post of the first page: what is older does not come with it
  const arrange = (list) => {
    const days = new Map();
    for (const post of list) {
      const day = dayOf(timeOf(post));
      if (days.has(day)) days.get(day).push(post);
      else days.set(day, [post]);
    }
    const sections = new Map([...river.querySelectorAll(".day")].map((section) => [section.dataset.day, section]));
    place(river, [...days].map(([day, items]) => {
      const section = sections.get(day) ?? makeDay(day);
      const heading = section.querySelector("h2");
      const name = dayName(day);
      if (heading.textContent !== name) {
        heading.textContent = name;
        section.setAttribute("aria-label", name);
      }
      place(section.querySelector(".posts"), items);
      return section;
    }));
    const last = list[pageful - 1];
    edge = last && timeOf(last);
  };
  arrange(posts());
  setInterval(() => arrange(posts()), 60000);

  // Older posts: by link without us, by scrolling with us.
  let loading = false;
  const more = async () => {
    if (loading || !older()) return;
    loading = true;
    try {
      const url = older().href;
      const page = await fetchPage(url, "#river");
      if (!page) watcher.disconnect();
      else if (older()?.href === url) {
        showTimes(page);
        arrange([...posts(), ...[...page.querySelectorAll(".post")].filter((post) => !known(post.id))]);
        goOn(page);
      }
    } catch {
      watcher.disconnect();  // the link stays for the reader to try
    }
    loading = false;
  };
  const watcher = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) more();
  }, { rootMargin: "600px" });
  // From here on, what is older is what is older than this page.
  const goOn = (page) => {
    const next = page.querySelector(".older");
    if (!next) older()?.remove();
    else if (older()) older().href = next.href;
    else river.after(next);
    watcher.disconnect();
    if (next) watcher.observe(older());
  };
  if (older()) watcher.observe(older());

  // New posts: counted while they come, shown when asked for, so that nothing moves under the reader's eyes.
  const button = document.querySelector("#fresh");
  if (river.dataset.events && button) {
    const title = document.title;
    const waiting = new Map();  // new posts, each with the seq of its event
    const changed = new Map();  // posts shown here that are not any longer as they are shown
    const eventsOf = (page) => new URL(page.querySelector("#river").dataset.events, location);
    const seqOf = (page) => Number(eventsOf(page).searchParams.get("after"));
    const isOpen = (id) => document.getElementById(id)?.classList.contains("open");

    const announce = () => {
      button.textContent = waiting.size === 1 ? "1 new post" : waiting.size + " new posts";
      button.hidden = !waiting.size;
      document.title = waiting.size ? "(" + waiting.size + ") " + title : title;
    };

    // The first page as it is now. What was loaded below it stays if the two meet, else it goes: there is no hole between.
    const renew = (page) => {
      const fetched = [...page.querySelectorAll(".post")];
      const ids = new Set(fetched.map((post) => post.id));
      const end = fetched.at(-1);
      const meets = page.querySelector(".older") && known(end.id) && !changed.has(end.id);
      const below = meets ? posts().filter((post) => !ids.has(post.id) && timeOf(post) <= timeOf(end)) : [];
      pageful = page.querySelector(".older") ? fetched.length : Infinity;
      showTimes(page);
      arrange([...fetched.map((post) => {
        const ours = document.getElementById(post.id);
        if (ours && (isOpen(post.id) || !changed.has(post.id))) return ours;
        post.classList.toggle("here", Boolean(ours?.classList.contains("here")));
        return post;
      }), ...below]);
      if (!meets) goOn(page);
      document.querySelector(".empty")?.remove();
      const now = seqOf(page);
      for (const [id, seq] of waiting) if (seq <= now) waiting.delete(id);
      for (const [id, seq] of changed) if (seq <= now && !isOpen(id)) changed.delete(id);
    };
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        const page = await fetchPage(river.dataset.home, "#river");
        if (page) {
          renew(page);
          announce();
          scrollTo({ top: 0 });
        } else {
          location.assign(river.dataset.home);
        }
      } catch {
        button.textContent = "Could not load, try again";
      }
      button.disabled = false;
    });

    let seen = seqOf(document);
    const after = (path) => {
      const url = new URL(path + eventsOf(document).search, location);
      url.searchParams.set("after", seen);
      return url;
    };
    const take = (post) => {
      seen = post.seq;
      const id = "p-" + post.id;
      if (known(id)) changed.set(id, seen);
      if (known(id) || post.date < edge) return;  // without a date: as new as it is here
      waiting.set(id, seen);
      announce();
    };

    // The stream goes on after what was seen, whenever it begins anew. Only a page that is seen has one: a browser has six
    // connections to a host, and the seventh tab would get none. The others ask now and then, for their titles.
    let stream = null;
    let retry = 0;
    let patience = 2000;
    const hush = () => {
      clearTimeout(retry);
      stream?.close();
      stream = null;
    };
    const listen = () => {
      if (stream || document.hidden) return;
      clearTimeout(retry);
      stream = new EventSource(after("/api/v1/events"));
      stream.addEventListener("open", () => { patience = 2000; });
      stream.addEventListener("error", () => {
        if (stream.readyState !== EventSource.CLOSED) return;  // the browser tries again by itself
        hush();
        retry = setTimeout(listen, patience * (0.5 + Math.random()));
        patience = Math.min(2 * patience, 300000);
      });
      stream.addEventListener("post", (event) => take(JSON.parse(event.data)));
    };
    const ask = async () => {
      if (!document.hidden) return;
      try {
        const answer = await fetch(after("/api/v1/posts"), { credentials: "same-origin" });
        if (answer.ok) (await answer.json()).posts.forEach(take);
      } catch {
        // the next time, or when the page is seen again
      }
    };
    setInterval(ask, 60000);
    const wake = () => {
      showTimes(document);
      arrange(posts());
      listen();
    };
    document.addEventListener("visibilitychange", () => document.hidden ? hush() : wake());
    addEventListener("pagehide", hush);
    addEventListener("pageshow", (event) => { if (event.persisted) wake(); });
    listen();
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
      const page = await fetchPage(link.href, ".content");
      if (!page) return location.assign(link.href);
      if (post.querySelector(".content")) return;
      const content = page.querySelector(".content");
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

  // Keys: j and k move, o opens, / searches. One is where the focus is, or was last.
  const here = () => river.querySelector(".post.here");
  const stand = (post) => {
    here()?.classList.remove("here");
    post?.classList.add("here");
  };
  river.addEventListener("focusin", (event) => stand(event.target.closest(".post")));
  const step = (by) => {
    const all = posts();
    const next = all[Math.max(0, Math.min(all.length - 1, all.indexOf(here()) + by))];
    if (!next) return;
    stand(next);
    next.querySelector("h3 a").focus({ preventScroll: true });
    next.scrollIntoView({ block: "center" });
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else if (event.key === "o" && here()) toggle(here());
    else if (event.key === "v" && here()) location.assign(here().querySelector("h3 a").href);
    else if (event.key === "/") document.querySelector("#q").focus();
    else return;
    event.preventDefault();
  });
})();
