/// The one script: every page works without it. It shows what changed, copies snippets and knows a few keys.
enum ConsoleScript {
    static let text = #"""
        "use strict";
        (() => {
          const body = document.body;
          const words = body.dataset;
          const announcer = document.getElementById("announcer");

          // What changed is asked for again as a whole page, and only what differs is put in the place of what was there.
          const regions = () => [...document.querySelectorAll("[data-live]")];
          let wanted = new Set();
          // What waits until somebody has stopped writing where it would be shown.
          const later = new Set();
          let timer = 0;
          let last = 0;
          let said = 0;
          let isAsking = false;

          const want = (names) => {
            names.forEach((name) => wanted.add(name));
            if (timer || isAsking || document.hidden) return;
            timer = setTimeout(refresh, Math.max(50, last + 2000 - Date.now()));
          };

          const isBusy = (region) => {
            const active = document.activeElement;
            if (active && region.contains(active) && active.matches("input, select, textarea")) return true;
            const selection = getSelection();
            return Boolean(selection && !selection.isCollapsed && region.contains(selection.anchorNode));
          };

          const address = (element) => element.getAttribute("href") ||
            (element.form && element.form.getAttribute("action")) || (element.tagName === "SUMMARY" && element.textContent);

          async function refresh() {
            timer = 0;
            isAsking = true;
            last = Date.now();
            const names = wanted;
            wanted = new Set();
            try {
              const answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "manual" });
              if (answer.ok) {
                const page = new DOMParser().parseFromString(await answer.text(), "text/html");
                let changed = false;
                for (const region of regions()) {
                  if (!region.dataset.live.split(" ").some((name) => names.has(name) || names.has("*"))) continue;
                  const fresh = page.getElementById(region.id);
                  if (!fresh) continue;
                  if (isBusy(region)) { names.forEach((name) => later.add(name)); continue; }
                  // What is measured changes all the time: nobody is told each time.
                  changed = (put(fresh, region) && !region.hasAttribute("data-quiet")) || changed;
                }
                if (changed && Date.now() - said > 30000) {
                  said = Date.now();
                  announcer.textContent = words.updated;
                }
              } else if (answer.type === "opaqueredirect" || answer.status === 401) {
                location.reload();
              }
            } catch { /* The stream says when we are back. */ }
            isAsking = false;
            if (wanted.size) want([]);
          }

          document.addEventListener("focusout", () => {
            if (!later.size) return;
            const names = [...later];
            later.clear();
            want(names);
          });

          function put(fresh, region) {
            const open = [...region.querySelectorAll("details[open] > summary")].map((summary) => summary.textContent);
            for (const summary of fresh.querySelectorAll("details > summary")) {
              if (open.includes(summary.textContent)) summary.parentElement.open = true;
            }
            decorate(fresh);
            if (fresh.innerHTML === region.innerHTML) return false;
            const active = region.contains(document.activeElement) ? address(document.activeElement) : null;
            const places = [...region.querySelectorAll(".table, pre")].map((box) => [box.scrollLeft, box.scrollTop]);
            region.replaceChildren(...fresh.childNodes);
            [...region.querySelectorAll(".table, pre")].forEach((box, index) => {
              if (places[index]) [box.scrollLeft, box.scrollTop] = places[index];
            });
            if (active) {
              const same = [...region.querySelectorAll("a, button, summary")].find((element) => address(element) === active);
              if (same) same.focus({ preventScroll: true });
            }
            return true;
          }

          // A page that nobody looks at does not listen: a browser has few connections for all its tabs.
          if (words.events && regions().length) {
            const names = new Set(regions().flatMap((region) => region.dataset.live.split(" ")));
            let source = null;
            let lost = 0;
            let note = null;
            const found = () => {
              clearTimeout(lost);
              lost = 0;
              if (note) note.remove();
              note = null;
            };
            const listen = () => {
              source = new EventSource(words.base + words.events);
              names.forEach((name) => source.addEventListener(name, () => want([name])));
              source.addEventListener("open", () => {
                if (lost) want(["*"]);
                found();
              });
              source.addEventListener("error", () => {
                if (lost) return;
                lost = setTimeout(() => {
                  note = document.createElement("p");
                  note.className = "offline";
                  note.setAttribute("role", "status");
                  note.textContent = words.offline;
                  document.getElementById("main").prepend(note);
                }, 8000);
              });
            };
            if (!document.hidden) listen();
            document.addEventListener("visibilitychange", () => {
              if (document.hidden) {
                if (source) source.close();
                source = null;
                found();
              } else if (!source) {
                listen();
                want(["*"]);
              }
            });
            // "5 min ago" grows old by itself.
            setInterval(() => want(["*"]), 60000);
          }

          // Snippets are copied with one press.
          function decorate(root) {
            for (const snippet of root.querySelectorAll(".snippet")) {
              if (snippet.querySelector(".copy")) continue;
              const button = document.createElement("button");
              button.type = "button";
              button.className = "copy";
              button.textContent = words.copy;
              snippet.append(button);
            }
          }
          decorate(document);
          document.addEventListener("click", async (event) => {
            const button = event.target.closest(".copy");
            if (!button) return;
            const code = button.parentElement.querySelector("code");
            try {
              await navigator.clipboard.writeText(code.textContent);
              button.textContent = words.copied;
              announcer.textContent = words.copied;
              setTimeout(() => { button.textContent = words.copy; }, 2000);
            } catch {
              getSelection().selectAllChildren(code);
            }
          });

          // A form is sent once, however often its button is pressed.
          document.addEventListener("submit", (event) => {
            const form = event.target;
            if (form.method !== "post") return;
            if (form.dataset.sent) { event.preventDefault(); return; }
            form.dataset.sent = "yes";
            setTimeout(() => { delete form.dataset.sent; }, 5000);
          });

          // A link to a folded form opens it.
          const unfold = () => {
            const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
            if (target && target.tagName === "DETAILS") target.open = true;
          };
          addEventListener("hashchange", unfold);
          unfold();

          // Keys, unless they are switched off or somebody types.
          const dialog = document.getElementById("keys");
          const toggle = document.getElementById("keys-on");
          let usesKeys = true;
          try { usesKeys = localStorage.getItem("hauban-keys") !== "off"; } catch { /* Kept for this page only. */ }
          if (toggle) {
            toggle.checked = usesKeys;
            toggle.addEventListener("change", () => {
              usesKeys = toggle.checked;
              try { localStorage.setItem("hauban-keys", usesKeys ? "on" : "off"); } catch { /* As above. */ }
            });
          }
          let isGoing = 0;
          const step = (by) => {
            const rows = [...document.querySelectorAll("[data-row]")].filter((row) => row.querySelector("a"));
            if (!rows.length) return;
            const here = rows.findIndex((row) => row.contains(document.activeElement));
            const next = rows[Math.min(rows.length - 1, Math.max(0, here < 0 ? 0 : here + by))];
            next.querySelector("a").focus();
            next.scrollIntoView({ block: "nearest" });
          };
          document.addEventListener("keydown", (event) => {
            if (!usesKeys || event.ctrlKey || event.metaKey || event.altKey || !dialog) return;
            if (event.target.closest("input, select, textarea, dialog")) return;
            if (isGoing) {
              clearTimeout(isGoing);
              isGoing = 0;
              const link = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
              if (link) { event.preventDefault(); location.assign(link.href); }
              return;
            }
            switch (event.key) {
              case "g": isGoing = setTimeout(() => { isGoing = 0; }, 1500); break;
              case "/": {
                const field = document.querySelector("[data-filter]");
                if (field) { event.preventDefault(); field.focus(); field.select(); }
                break;
              }
              case "j": step(1); break;
              case "k": step(-1); break;
              case "?": dialog.showModal(); break;
            }
          });
        })();

        """#
}
