"use strict";
(() => {
  const find = (id) => document.getElementById(id);
  const table = find("list"), body = table.tBodies[0], head = [...table.tHead.rows[0].cells];
  const rows = [...body.rows].map((row, place) => ({ row, place, rank: Number(row.dataset.rank), text: null, kinds: null }));
  const compare = new Intl.Collator("en", { numeric: true }).compare;
  const inputs = { text: find("text"), severity: find("severity"), kind: find("kind"), server: find("server") };
  const order = find("order"), shown = find("shown"), last = head.length - 1;

  // What is searched and sorted is what the rows say; nothing is written twice.
  const inTime = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  const cell = (entry, column) => entry.row.cells[column].textContent;
  const moment = (text) => (/\d{4}.*$/.exec(text) || [text === "never" ? "~" : "~~"])[0];

  const filter = () => {
    const words = inputs.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const { severity, kind, server } = Object.fromEntries(Object.entries(inputs).map(([key, input]) => [key, input.value]));
    let count = 0;
    for (const entry of rows) {
      if (words.length && entry.text === null) entry.text = entry.row.textContent.toLowerCase();
      if (kind && entry.kinds === null) entry.kinds = [...entry.row.querySelectorAll("li")].map((each) => each.dataset.kind);
      const fits = (severity === "" || entry.rank >= Number(severity)) &&
        (!kind || entry.kinds.includes(kind)) &&
        (!server || cell(entry, 0) === server) &&
        words.every((word) => entry.text.includes(word));
      if (entry.row.hidden === fits) entry.row.hidden = !fits;
      count += fits;
    }
    shown.textContent = `${count.toLocaleString("en")} of ${rows.length.toLocaleString("en")} rows`;
  };

  // Of the findings the worst come first; downwards they are in the opposite order.
  const sort = (column, down) => {
    const keys = new Map(rows.map((entry) => [entry, column === last ? entry.rank : cell(entry, column)]));
    const times = column >= 3 && column <= 5;
    const by = column === last ? (a, b) => keys.get(b) - keys.get(a)
      : times ? (a, b) => inTime(moment(keys.get(a)), moment(keys.get(b)))
      : (a, b) => compare(keys.get(a), keys.get(b));
    const sorted = [...rows].sort((a, b) => (down ? -1 : 1) * by(a, b) || a.place - b.place);
    // Out of the page while its rows change places: the browser then looks at them once.
    body.remove();
    body.append(...sorted.map((entry) => entry.row));
    table.append(body);
    head.forEach((each, place) => each.setAttribute("aria-sort", place !== column ? "none" : down !== (column === last) ? "descending" : "ascending"));
    order.value = `${column}${down ? "-" : "+"}`;
  };

  head.forEach((each, column) => {
    const title = each.textContent, button = document.createElement("button");
    button.type = "button";
    button.textContent = title;
    button.addEventListener("click", () => sort(column, each.getAttribute("aria-sort") === (column === last ? "descending" : "ascending")));
    each.replaceChildren(button);
    each.setAttribute("aria-sort", "none");
    for (const [sign, words] of column === last ? [["+", "the worst first"], ["-", "the best first"]] : [["+", "up"], ["-", "down"]]) {
      order.append(new Option(`${title}, ${words}`, `${column}${sign}`));
    }
  });
  order.addEventListener("change", () => sort(parseInt(order.value, 10), order.value.endsWith("-")));
  for (const input of Object.values(inputs)) input.addEventListener("input", filter);
  find("filter").addEventListener("submit", (event) => event.preventDefault());
  head[last].setAttribute("aria-sort", "descending");
  order.value = `${last}+`;
  find("filter").hidden = false;
  filter();
})();
