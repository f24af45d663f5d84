// Copyright (c) 2026 panelops contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
//
// What a page cannot do by itself: search as you type, copy, the calendar, many ticks at once. All the rest works without this.
"use strict";

function searchAsYouType(form) {
    const field = form.querySelector("#search");
    const found = form.querySelector("#found");
    const rows = [...document.querySelectorAll("tr[data-name]")];
    const search = () => {
        const wished = field.value.toLowerCase();
        for (const row of rows) {
            row.hidden = !row.dataset.name.includes(wished);
        }
        found.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length}`;
    };
    field.addEventListener("input", search);
    form.addEventListener("submit", (event) => {
        event.preventDefault();
        search();
    });
}

function copy(button) {
    const token = document.getElementById("token");
    const said = document.getElementById("copied");
    button.hidden = false;
    button.addEventListener("click", async () => {
        try {
            await navigator.clipboard.writeText(token.value);
            said.textContent = "Copied.";
        } catch {
            token.select();
            said.textContent = "The browser did not allow it. The token is selected: copy it with the keyboard.";
        }
    });
    // Going back must not bring the token back.
    window.addEventListener("pagehide", () => {
        token.value = "";
    });
}

function calendar(box) {
    const day = document.getElementById("date");
    const picker = box.querySelector("input");
    box.hidden = false;
    box.querySelector("button").addEventListener("click", () => {
        picker.value = day.value;
        picker.showPicker();
    });
    picker.addEventListener("change", () => {
        day.value = picker.value;
        day.focus();
    });
}

function ticks(line) {
    line.hidden = false;
    line.addEventListener("click", (event) => {
        const wished = event.target.dataset.tick;
        if (wished) {
            for (const box of document.querySelectorAll("input[name=acl]")) {
                box.checked = wished === "all";
            }
        }
    });
}

function menu(details) {
    document.addEventListener("click", (event) => {
        if (!details.contains(event.target)) {
            details.open = false;
        }
    });
    details.addEventListener("keydown", (event) => {
        if (event.key === "Escape" && details.open) {
            details.open = false;
            details.querySelector("summary").focus();
        }
    });
}

for (const [selector, enhance] of [
    [".search", searchAsYouType],
    ["#copy", copy],
    [".calendar", calendar],
    [".ticks", ticks],
    [".gear details", menu],
]) {
    document.querySelectorAll(selector).forEach(enhance);
}
document.getElementById("errors")?.focus();
