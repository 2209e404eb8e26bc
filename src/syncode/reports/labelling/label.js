"use strict";
// Shows one item after the other and keeps the labels in this browser until they are saved as a file. Texts are set with
// textContent only: answers may hold anything.
(function () {
  const packed = document.getElementById("items").textContent.trim();
  const at = (name) => document.getElementById(name);
  const unpack = async () => {
    const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
    return JSON.parse(await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text());
  };
  unpack().then((sheet) => {
    const store = "syncode-labels-" + sheet.id;
    let kept = {};
    try { kept = JSON.parse(localStorage.getItem(store) || "{}"); } catch (error) { at("state").textContent = "labels are kept until this page is closed"; }
    let place = 0;
    const mine = () => sheet.items.filter((item) => !at("person").value || item.for.split(";").includes(at("person").value));
    for (let number = 1; number <= sheet.people; number += 1) at("person").append(new Option(number, number));
    if (sheet.people < 2) at("person").parentElement.hidden = true;
    const fill = (box, text) => {
      box.replaceChildren(...text.split(/^(?: {0,3})(?:```|~~~)[^\n]*\n?/m).map((part, number) => {
        const element = document.createElement(number % 2 ? "code" : "span");
        element.textContent = part;
        return element;
      }));
      box.scrollTop = 0;
    };
    const show = () => {
      const items = mine();
      place = Math.max(0, Math.min(place, items.length - 1));
      const item = items[place];
      if (!item) return;
      fill(at("question"), item.question);
      fill(at("first"), item.answer_1);
      fill(at("second"), item.answer_2);
      document.querySelectorAll("nav [data-label]").forEach((button) => button.setAttribute("aria-pressed", String(kept[item.item] === button.dataset.label)));
      const done = items.filter((each) => kept[each.item]).length;
      at("progress").max = items.length;
      at("progress").value = done;
      at("count").textContent = "item " + (place + 1) + " of " + items.length + ", " + done + " labelled";
    };
    const label = (value) => {
      const item = mine()[place];
      kept[item.item] = value;
      try { localStorage.setItem(store, JSON.stringify(kept)); } catch (error) { at("state").textContent = "labels are kept until this page is closed"; }
      place += 1;
      show();
    };
    const quote = (text) => '"' + String(text).replace(/"/g, '""') + '"';
    const save = () => {
      const lines = mine().filter((item) => kept[item.item]).map((item) => [item.item, at("name").value || "anonymous", kept[item.item]].map(quote).join(","));
      const link = document.createElement("a");
      link.download = "labels-" + (at("name").value || "anonymous").replace(/\W+/g, "-") + ".csv";
      link.setAttribute("href", URL.createObjectURL(new Blob(["item,annotator,label\n" + lines.join("\n") + "\n"], { type: "text/csv" })));
      link.click();
      return lines.length;
    };
    document.querySelectorAll("nav [data-label]").forEach((button) => button.addEventListener("click", () => label(button.dataset.label)));
    at("back").addEventListener("click", () => { place -= 1; show(); });
    at("next").addEventListener("click", () => { place += 1; show(); });
    at("save").addEventListener("click", save);
    at("person").addEventListener("change", () => { place = 0; show(); });
    document.addEventListener("keydown", (event) => {
      if (event.target.matches("input, select") || event.ctrlKey || event.metaKey || event.altKey) return;
      const chosen = { 1: "a", 2: "b", 0: "tie", x: "cannot judge" }[event.key.toLowerCase()];
      if (chosen) label(chosen);
      if (event.key === "ArrowLeft") { place -= 1; show(); }
      if (event.key === "ArrowRight") { place += 1; show(); }
    });
    const open = mine().findIndex((item) => !kept[item.item]);
    place = open < 0 ? 0 : open;
    show();
    document.documentElement.dataset.ready = "yes";
  }).catch((error) => { at("count").textContent = "This browser cannot unpack the items (" + error + ")."; });
})();
