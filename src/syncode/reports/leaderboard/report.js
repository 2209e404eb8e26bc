"use strict";
// Everything a reader can touch: sorting, and the questions behind the numbers. Texts are set with textContent only: answers
// may hold anything.
(function () {
  const make = (tag, text, name) => {
    const element = document.createElement(tag);
    if (text !== undefined && text !== null) element.textContent = text;
    if (name) element.className = name;
    return element;
  };

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

  const packed = document.getElementById("details");
  if (!packed) return;
  const unpack = async () => {
    const bytes = Uint8Array.from(atob(packed.textContent.trim()), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  };

  unpack().then((data) => {
    const [model, outcome, group, search] = ["model", "outcome", "group", "search"].map((name) => document.getElementById(name));
    const [list, view, count] = ["list", "view", "count"].map((name) => document.getElementById(name));
    data.models.forEach((name, place) => model.append(new Option(name, place)));
    [...new Set(data.questions.map((question) => question.group))].sort().forEach((name) => group.append(new Option(name, name)));
    const kinds = ["win", "tie", "loss", "missing"];
    const why = { position_win: "followed the position", position_loss: "followed the position", position_tie: "contradicts itself",
      both_tie: "two ties", empty: "empty answer", identical: "identical answers" };
    let current = null;

    const matches = (unit) => {
      const question = data.questions[unit.q];
      if (unit.m !== Number(model.value)) return false;
      if (outcome.value === "position" ? !String(unit.r).startsWith("position") : outcome.value && kinds[unit.k] !== outcome.value) return false;
      if (group.value && question.group !== group.value) return false;
      const wanted = search.value.trim().toLowerCase();
      return !wanted || (question.id + " " + question.text).toLowerCase().includes(wanted);
    };

    const show = () => {
      const found = data.units.filter(matches);
      count.textContent = found.length + (found.length === 1 ? " question" : " questions");
      list.replaceChildren(...found.slice(0, 2000).map((unit) => {
        const question = data.questions[unit.q];
        const button = make("button");
        button.type = "button";
        button.append(make("span", kinds[unit.k], "chip " + kinds[unit.k]));
        button.append(make("span", question.id, "soft"));
        button.append(make("span", question.text || question.group || "", "what"));
        button.addEventListener("click", () => open(unit, button));
        if (current && current.q === unit.q && current.m === unit.m && current.j === unit.j) button.setAttribute("aria-current", "true");
        return button;
      }));
      if (found.length && !found.includes(current)) open(found[0], list.firstElementChild);
      if (!found.length) view.replaceChildren(make("p", "No question fits the filters.", "soft"));
    };

    const body = (text) => {
      const box = make("div", undefined, "text");
      if (text === undefined || text === null) box.append(make("span", "not in the files given with --answers", "soft"));
      else text.split(/^(?: {0,3})(?:```|~~~)[^\n]*\n?/m).forEach((part, place) => {
        if (part) box.append(make(place % 2 ? "code" : "span", part));
      });
      return box;
    };

    const side = (title, name, q, passed) => {
      const box = make("div");
      const head = make("h3", title + ": " + name);
      if (passed !== undefined && passed !== null) head.append(make("span", passed ? "  tests passed" : "  tests failed", "soft"));
      box.append(head, body((data.answers[name] || {})[q]));
      return box;
    };

    const open = (unit, button) => {
      current = unit;
      list.querySelectorAll("[aria-current]").forEach((other) => other.removeAttribute("aria-current"));
      if (button) button.setAttribute("aria-current", "true");
      const question = data.questions[unit.q];
      const mine = data.names[unit.n], other = data.names[unit.o];
      const passed = (name) => (data.passed[name] || {})[unit.q];
      const head = make("h3");
      head.append(make("span", kinds[unit.k], "chip " + kinds[unit.k]), document.createTextNode(question.id + (question.group ? " · " + question.group : "")));
      if (why[unit.r]) head.append(make("span", "  " + why[unit.r], "soft"));
      const parts = [head];
      if (question.text) parts.push(body(question.text));
      const sides = make("div", undefined, "sides");
      sides.append(side("Model", mine, unit.q, passed(mine)), side("Against", other, unit.q, passed(other)));
      parts.push(sides, make("h3", "What the judge said"));
      const games = make("div", undefined, "games");
      data.games.filter((game) => game.q === unit.q && game.j === unit.j && [game.a, game.b].includes(unit.n) && [game.a, game.b].includes(unit.o)).forEach((game) => {
        const box = make("div", undefined, "game");
        const line = make("div");
        line.append(make("b", game.l || game.s), make("span", "  A = " + data.names[game.a] + ", B = " + data.names[game.b], "soft"));
        box.append(line, make("div", game.w || (game.s === "ok" ? "no reason given" : game.s), game.w ? "" : "soft"));
        if (data.judges.length > 1 || data.judges[0]) box.append(make("div", "judge: " + data.judges[game.j], "soft"));
        games.append(box);
      });
      parts.push(games);
      view.replaceChildren(...parts);
    };

    [model, outcome, group].forEach((control) => control.addEventListener("change", show));
    search.addEventListener("input", show);
    document.querySelectorAll("[data-open]").forEach((link) => link.addEventListener("click", () => {
      model.value = link.dataset.open;
      show();
      document.getElementById("questions").scrollIntoView();
    }));
    show();
    document.documentElement.dataset.ready = "yes";
  }).catch((error) => {
    document.getElementById("view").textContent = "This browser cannot unpack the questions (" + error + ").";
  });
})();
