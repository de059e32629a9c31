// Search over index-1.js … index-N.js, which are read when the box is first used: script files, as a page opened from disk may not fetch.
"use strict";
const box = document.getElementById("q");
const results = document.getElementById("results");
const listing = results.querySelector("ol");
const more = document.getElementById("more");
const count = document.getElementById("count");
const list = document.getElementById("list");
const [PAGE, TITLE, TOPIC, POPULATION, SITE, STATUS, LABELS, CAUSE, ADVICE, SYMPTOM] = Array(10).keys();
const STEP = 50;
const entries = [];
let loading = null;
let found = [];
let shown = 0;

function consiliaIndex(rows) {
  for (const row of rows) {
    row.words = [row[TOPIC], row[TITLE], row[POPULATION], row[SITE], row[LABELS]].join(" ").toLowerCase();
    entries.push(row);
  }
}

function load() {
  loading ??= (async () => {
    for (let chunk = 1; chunk <= Number(box.dataset.chunks); chunk++) {
      await new Promise((done, failed) => {
        const script = document.createElement("script");
        script.src = `index-${chunk}.js`;
        script.onload = done;
        script.onerror = () => failed(new Error(script.src));
        document.head.append(script);
      });
    }
  })();
  return loading;
}

function rank(row, words) {
  const topic = row[TOPIC].toLowerCase();
  const query = words.join(" ");
  if (topic === query) return 0;
  if (words.every((word) => topic.includes(word))) return 1;
  return words.every((word) => row[TITLE].toLowerCase().includes(word)) ? 2 : 3;
}

async function search() {
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  results.hidden = !words.length;
  list.hidden = Boolean(words.length);
  history.replaceState(null, "", words.length ? "#q=" + encodeURIComponent(box.value) : location.pathname.split("/").pop());
  if (!words.length) { count.textContent = ""; return; }
  try { await load(); } catch { count.textContent = "The search index could not be read; the list below is whole."; list.hidden = false; return; }
  found = entries.filter((row) => words.every((word) => row.words.includes(word)))
    .map((row, place) => [rank(row, words), place, row])
    .sort((a, b) => a[0] - b[0] || a[1] - b[1])
    .map(([, , row]) => row);
  const topics = new Set(found.map((row) => row[TOPIC])).size;
  count.textContent = found.length ? `${found.length} article${found.length === 1 ? "" : "s"} on ${topics} topic${topics === 1 ? "" : "s"}` : "Nothing found.";
  listing.replaceChildren();
  shown = 0;
  show();
}

function show() {
  let topic = shown ? found[shown - 1][TOPIC] : null;
  for (const row of found.slice(shown, shown + STEP)) {
    const item = document.createElement("li");
    if (row[TOPIC] !== topic) {
      const name = document.createElement("span");
      name.className = "topic";
      name.dir = "auto";
      name.textContent = row[TOPIC] || "no topic";
      item.append(name);
      topic = row[TOPIC];
    }
    const link = document.createElement("a");
    link.href = row[PAGE];
    link.dir = "auto";
    link.textContent = row[TITLE];
    const facts = document.createElement("div");
    facts.className = "small soft";
    const status = row[STATUS] === "unchanged" ? [] : [row[STATUS]];
    facts.textContent = [row[POPULATION], row[SITE], `${row[CAUSE]} causes`, `${row[ADVICE]} advice`, `${row[SYMPTOM]} symptoms`, ...status].filter(Boolean).join(", ");
    item.append(link, facts);
    listing.append(item);
  }
  shown += STEP;
  more.hidden = shown >= found.length;
}

let timer = 0;
box.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(search, 80); });
more.addEventListener("click", show);
function fromAddress() {
  const query = new URLSearchParams(location.hash.slice(1)).get("q");
  if (query && query !== box.value) { box.value = query; search(); }
}
addEventListener("hashchange", fromAddress);
fromAddress();
