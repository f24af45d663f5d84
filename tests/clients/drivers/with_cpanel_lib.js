// Copyright (c) 2026 panelops contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// Makes calls with the package cpanel-lib, and prints what its callbacks got.
"use strict";

const { readFileSync } = require("fs");
const { createClient } = require("cpanel-lib");

const order = JSON.parse(readFileSync(0, "utf8"));
const client = createClient({ host: order.host, port: order.port, secure: true, username: order.user, accessKey: order.token });
const call = (name, parameters) =>
  new Promise((resolve) => client.call(name, parameters, (error, answer) => resolve(error ? String(error) : answer)));

(async () => {
  const answers = [];
  for (const [name, parameters] of order.calls) answers.push(await call(name, { "api.version": 1, ...parameters }));
  console.log(JSON.stringify(answers));
})();
