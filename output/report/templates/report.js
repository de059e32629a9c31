
"use strict";
const box = document.getElementById("topic-filter");
const topics = [...document.querySelectorAll("#topics > details")];
const told = document.getElementById("topic-count");
if (box) box.addEventListener("input", () => {
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  let left = 0;
  for (const topic of topics) {
    const text = topic.textContent.toLowerCase();
    topic.hidden = !words.every((word) => text.includes(word));
    left += !topic.hidden;
  }
  told.textContent = words.length ? `${left} of ${topics.length} topics` : "";
});
