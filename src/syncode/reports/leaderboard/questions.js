"use strict";
// The questions behind the numbers: an index to filter, and one part per question that is unpacked when it is opened. Questions and
// answers come as HTML that only Markdown's tags can be in; everything else is set as text. The page's policy lets no script of
// theirs run.
(function () {
  const make = (tag, text, name) => {
    const element = document.createElement(tag);
    if (text !== undefined && text !== null) element.textContent = text;
    if (name) element.className = name;
    return element;
  };
  const at = (name) => document.getElementById(name);
  if (!at("index")) return;

  const unpack = async (name) => {
    const bytes = Uint8Array.from(atob(at(name).textContent.trim()), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  };
  const opened = new Map(); // a few parts that were opened last
  const part = async (question) => {
    if (!opened.has(question)) opened.set(question, await unpack("question-" + question));
    if (opened.size > 20) opened.delete(opened.keys().next().value);
    return opened.get(question);
  };

  const start = (data) => {
    const fields = ["category", "language", "difficulty"];
    const [model, beside, outcome, search] = ["model", "beside", "outcome", "search"].map(at);
    const [list, view, count] = ["list", "view", "count"].map(at);
    const { questions, names, kinds, reasons, judges } = data;
    const units = data.units.q.map((q, place) => ({ q, m: data.units.m[place], o: data.units.o[place], k: data.units.k[place], r: data.units.r[place], j: data.units.j[place] }));
    const of = new Map(); // "model/question" -> units
    units.forEach((unit) => {
      const key = unit.m + "/" + unit.q;
      of.set(key, [...(of.get(key) || []), unit]);
    });
    const why = { position_win: "followed the position", position_loss: "followed the position", position_tie: "contradicts itself",
      both_tie: "two ties", empty: "empty answer", identical: "identical answers" };
    data.models.forEach((number) => model.append(new Option(names[number], number)));
    beside.append(new Option("its opponent", ""));
    names.forEach((name, number) => beside.append(new Option(name, number)));
    fields.forEach((field) => [...new Set(questions[field])].filter(Boolean).sort().forEach((value) => at(field).append(new Option(value, value))));
    let current = null;
    let turn = 0;

    const other = (unit) => (beside.value === "" ? unit.o : Number(beside.value));
    const theirs = (unit) => (of.get(other(unit) + "/" + unit.q) || [])[0];
    const matches = (unit) => {
      if (unit.m !== Number(model.value)) return false;
      const wanted = outcome.value;
      if (wanted === "position" && !String(reasons[unit.r]).startsWith("position")) return false;
      if (wanted === "differ" && !(theirs(unit) && theirs(unit).k !== unit.k)) return false;
      if (kinds.includes(wanted) && kinds[unit.k] !== wanted) return false;
      if (fields.some((field) => at(field).value && questions[field][unit.q] !== at(field).value)) return false;
      const words = search.value.trim().toLowerCase();
      return !words || (questions.id[unit.q] + " " + questions.words[unit.q]).toLowerCase().includes(words);
    };

    const chip = (unit) => make("span", unit ? kinds[unit.k] : "no game", "chip " + (unit ? kinds[unit.k] : "missing"));
    const same = (one, two) => one && two && one.q === two.q && one.m === two.m && one.j === two.j && one.o === two.o;
    const show = (wanted) => {
      const found = units.filter(matches);
      count.textContent = found.length + (found.length === 1 ? " question" : " questions");
      const chosen = wanted || (found.some((unit) => same(unit, current)) ? current : found[0]);
      list.replaceChildren(...found.slice(0, 2000).map((unit) => {
        const button = make("button");
        button.type = "button";
        button.append(chip(unit));
        if (beside.value !== "" && theirs(unit)) button.append(chip(theirs(unit)));
        button.append(make("span", questions.id[unit.q], "soft"));
        button.append(make("span", questions.words[unit.q] || questions.category[unit.q] || "", "what"));
        button.addEventListener("click", () => open(unit, button));
        if (same(unit, chosen)) button.setAttribute("aria-current", "true");
        return button;
      }));
      if (chosen && (wanted || !same(chosen, current) || !view.firstChild || beside.dataset.moved)) return open(chosen, list.querySelector("[aria-current]"));
      if (!found.length) view.replaceChildren(make("p", "No question fits the filters.", "soft"));
      return Promise.resolve();
    };

    const body = (html) => {
      const box = make("div", undefined, "text");
      if (html === undefined || html === null) box.append(make("span", "not in the files given with --tasks and --answers", "soft"));
      else {
        const template = document.createElement("template");
        template.innerHTML = html;
        box.append(template.content);
        box.querySelectorAll("pre code").forEach(colour);
      }
      return box;
    };
    const side = (title, number, found) => {
      const box = make("div");
      const answer = found.answers[number] || {};
      const head = make("h3", title + ": " + names[number]);
      const facts = [];
      if (answer.passed !== undefined) facts.push(answer.passed ? "tests passed" : "tests failed");
      if (answer.tokens !== undefined) facts.push(answer.tokens + " tokens");
      if (answer.sha) facts.push("digest " + answer.sha);
      box.append(head, make("p", facts.join(" · "), "soft facts-line"), body(answer.text));
      return box;
    };
    const address = (unit) => {
      const parts = new URLSearchParams({ question: questions.id[unit.q], model: names[unit.m] });
      if (beside.value !== "") parts.set("beside", names[Number(beside.value)]);
      return "#" + parts.toString();
    };

    const open = async (unit, button) => {
      current = unit;
      delete beside.dataset.moved;
      const mine = ++turn;
      list.querySelectorAll("[aria-current]").forEach((element) => element.removeAttribute("aria-current"));
      if (button) button.setAttribute("aria-current", "true");
      const found = await part(unit.q);
      if (mine !== turn) return; // another one was opened in the meantime
      const second = other(unit);
      const head = make("h3");
      const labels = [questions.id[unit.q], ...fields.map((field) => questions[field][unit.q])].filter(Boolean).join(" · ");
      head.append(chip(unit), document.createTextNode(labels));
      if (why[reasons[unit.r]]) head.append(make("span", "  " + why[reasons[unit.r]], "soft"));
      const link = make("a", "link to this question", "soft");
      link.href = address(unit);
      const line = make("p", (found.sha ? "question digest " + found.sha + " · " : ""), "soft facts-line");
      line.append(link);
      const sides = make("div", undefined, "sides");
      sides.append(side("Model", unit.m, found), side(beside.value === "" ? "Against" : "Beside", second, found));
      const games = make("div", undefined, "games");
      found.games.filter((game) => game.j === unit.j && ([game.a, game.b].includes(unit.m) || (beside.value !== "" && [game.a, game.b].includes(second)))).forEach((game) => {
        const box = make("div", undefined, "game");
        const title = make("div");
        title.append(make("b", game.l || game.s), make("span", "  A = " + names[game.a] + ", B = " + names[game.b], "soft"));
        box.append(title, make("div", game.w || (game.s === "ok" ? "no reason given" : game.s), game.w ? "" : "soft"));
        const facts = [judges.length > 1 || judges[0] ? "judge: " + judges[game.j] : "", game.t === null ? "" : game.t + " tokens"].filter(Boolean).join(" · ");
        if (facts) box.append(make("div", facts, "soft"));
        games.append(box);
      });
      view.replaceChildren(head, line, ...(found.text === null ? [] : [body(found.text)]), sides, make("h3", "What the judge said"), games);
      if (location.hash !== address(unit)) history.replaceState(null, "", address(unit));
      view.dataset.shown = questions.id[unit.q];
    };

    const follow = () => {
      const parts = new URLSearchParams(location.hash.slice(1));
      const [q, m] = [questions.id.indexOf(parts.get("question")), names.indexOf(parts.get("model"))];
      if (q < 0) return show();
      const place = data.models.includes(m) ? m : Number(model.value);
      model.value = place;
      beside.value = parts.has("beside") && names.includes(parts.get("beside")) ? names.indexOf(parts.get("beside")) : "";
      [outcome, ...fields.map(at), search].forEach((control) => { control.value = ""; });
      const unit = (of.get(place + "/" + q) || [])[0];
      at("questions").scrollIntoView();
      return show(unit);
    };

    [model, outcome, ...fields.map(at)].forEach((control) => control.addEventListener("change", () => show()));
    beside.addEventListener("change", () => { beside.dataset.moved = "yes"; show(); });
    search.addEventListener("input", () => show());
    addEventListener("hashchange", follow);
    document.querySelectorAll("[data-open]").forEach((row) => row.addEventListener("click", () => {
      model.value = data.models[Number(row.dataset.open)];
      show();
      at("questions").scrollIntoView();
    }));
    return follow();
  };

  unpack("index").then(start).then(() => {
    document.documentElement.dataset.ready = "yes";
  }).catch((error) => {
    at("view").textContent = "This browser cannot unpack the questions (" + error + ").";
  });
})();
