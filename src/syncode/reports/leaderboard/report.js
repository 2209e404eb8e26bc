"use strict";
// Tables that sort by the column whose heading is clicked.
(function () {
  document.querySelectorAll("table.sortable").forEach((table) => {
    table.querySelectorAll("thead th").forEach((head, column) => {
      const button = head.querySelector("button");
      if (!button) return;
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "descending" ? 1 : -1;
        table.querySelectorAll("thead th").forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down < 0 ? "descending" : "ascending");
        const value = (row) => row.children[column].dataset.value ?? row.children[column].textContent;
        const body = table.tBodies[0];
        [...body.rows]
          .map((row, place) => [row, value(row), place])
          .sort((a, b) => {
            const [x, y] = [parseFloat(a[1]), parseFloat(b[1])];
            const order = Number.isNaN(x) || Number.isNaN(y) ? String(a[1]).localeCompare(String(b[1])) : x - y;
            return order ? down * order : a[2] - b[2];
          })
          .forEach(([row]) => body.append(row));
      });
    });
  });
})();
