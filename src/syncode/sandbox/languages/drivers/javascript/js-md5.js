// Stand-in for the js-md5 package: text in, hexadecimal digest out.
"use strict";
module.exports = (text) => require("crypto").createHash("md5").update(text).digest("hex");
