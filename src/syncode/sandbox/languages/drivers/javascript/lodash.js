// Stand-in for the one function of lodash that published tests call.
"use strict";
exports.isEqual = require("util").isDeepStrictEqual;
