"use strict";
// Colours code when it is opened: comments, strings, numbers, keywords and calls, by families of languages. One pass, linear.
const colour = (function () {
  const words = new Set((
    "abstract and as assert async await auto begin bool boolean break byte case catch char class const continue crate def default defer del delete do " +
    "done double dyn echo elif else elsif end ensure enum esac except export extends extern false final finally float fn for foreach from func " +
    "function global go goto if impl implements import in include inline int interface is lambda let local long loop match mod module move mut " +
    "namespace new nil None not null nullptr object of operator or override package pass private proc protected pub public raise range ref repeat " +
    "require rescue return self Self short sizeof static str string struct super switch template then this throw throws trait True False true try " +
    "type typedef typeof undefined union unless unsafe unsigned until use using val var virtual void when where while with yield " +
    "select insert update join group order by having distinct limit on left right inner outer create table index values set drop alter").split(" "));
  const marks = {
    hash: ["python", "py", "ruby", "rb", "bash", "sh", "shell", "zsh", "perl", "pl", "r", "julia", "yaml", "yml", "toml", "make", "makefile", "dockerfile", "elixir", "tcl", "awk", "powershell", "nim"],
    dash: ["sql", "lua", "haskell", "hs", "ada", "elm", "vhdl"],
    semicolon: ["lisp", "clojure", "clj", "scheme", "asm", "ini", "racket"],
    percent: ["matlab", "octave", "tex", "latex", "erlang", "prolog"],
  };
  const comments = {
    hash: "#[^\\n]*", dash: "--[^\\n]*|/\\*[\\s\\S]*?(?:\\*/|$)", semicolon: ";[^\\n]*", percent: "%[^\\n]*",
    slash: "//[^\\n]*|/\\*[\\s\\S]*?(?:\\*/|$)", html: "<!--[\\s\\S]*?(?:-->|$)",
  };
  const family = (language) => {
    const name = language.toLowerCase();
    if (["html", "xml", "svg", "vue"].includes(name)) return "html";
    return Object.keys(marks).find((key) => marks[key].includes(name)) || "slash";
  };
  const most = 60000; // characters of one block that are coloured

  return (element) => {
    const text = element.textContent;
    const language = element.dataset.language || "";
    if (!language || text.length > most || ["text", "plain", "output", "console", "diff"].includes(language)) return;
    const kind = family(language);
    const quotes = kind === "hash" ? "\"\"\"[\\s\\S]*?(?:\"\"\"|$)|'''[\\s\\S]*?(?:'''|$)|" : "";
    const strings = quotes + "\"(?:[^\"\\\\\\n]|\\\\[\\s\\S])*\"?|'(?:[^'\\\\\\n]|\\\\[\\s\\S])*'?|`(?:[^`\\\\]|\\\\[\\s\\S])*`?";
    const pattern = new RegExp(`(${comments[kind]})|(${strings})|(\\b\\d[\\w.]*)|([A-Za-z_$][\\w$]*)(\\s*\\()?`, "g");
    const made = document.createDocumentFragment();
    let last = 0;
    const span = (name, part) => {
      const box = document.createElement("span");
      box.className = name;
      box.textContent = part;
      made.append(box);
    };
    for (let found = pattern.exec(text); found; found = pattern.exec(text)) {
      const word = found[4];
      const name = found[1] ? "c" : found[2] ? "s" : found[3] ? "n" : words.has(word) || (kind === "dash" && words.has(word.toLowerCase())) ? "k" : found[5] ? "f" : "";
      const part = word === undefined ? found[0] : word;
      if (name) {
        made.append(text.slice(last, found.index));
        span(name, part);
        last = found.index + part.length;
      }
      pattern.lastIndex = found.index + part.length;
    }
    made.append(text.slice(last));
    element.replaceChildren(made);
  };
})();
