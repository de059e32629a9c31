// Over a mark, light its finding and every other part of it; the page works without this.
"use strict";
const marks = document.querySelectorAll("mark[data-f]");
function light(numbers, on) {
  for (const mark of marks) {
    if (mark.dataset.f.split(" ").some((number) => numbers.includes(number))) mark.classList.toggle("lit", on);
  }
  const inner = document.getElementById("m" + numbers[numbers.length - 1]);
  if (inner) inner.classList.toggle("lit", on);
}
for (const mark of marks) {
  mark.addEventListener("mouseenter", () => light(mark.dataset.f.split(" "), true));
  mark.addEventListener("mouseleave", () => light(mark.dataset.f.split(" "), false));
}
for (const item of document.querySelectorAll("aside.findings li")) {
  const numbers = [item.id.slice(1)];
  item.addEventListener("mouseenter", () => light(numbers, true));
  item.addEventListener("mouseleave", () => light(numbers, false));
}
