// Copyright (c) 2026 panelops contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// Makes calls with the package cpanel-rest-api, and prints what its promises became.
"use strict";

const { readFileSync } = require("fs");
const { WHM } = require("cpanel-rest-api");

const order = JSON.parse(readFileSync(0, "utf8"));
const whm = new WHM({ host: order.host, port: order.port, secure: true, username: order.user, accessKey: order.token });
const failed = (error) => ({ failed: error.response ? error.response.status : error.message });

(async () => {
  const answers = [];
  for (const [action, params, user] of order.calls) {
    const [module, func] = action.split("::");
    const answer = func ? whm.uapi(user).api({ module, func, params }) : whm.api({ action, params });
    answers.push(await answer.catch(failed));
  }
  console.log(JSON.stringify(answers));
})();
