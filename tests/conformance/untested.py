# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The statements that no test of this folder checks, each with the reason or with the test elsewhere that does."""

from __future__ import annotations

from tests.conformance.statements import Statement

CLIENT = "what a client does: not covered yet"
ABSENT = "not covered: the server does not have this"
ADVICE = "advice, states no behaviour"

_INTEGRATION = "tests/integration/"
_BROWSER = "tests/browser/"
_SERVER = "tests/token_server/"
_UNIT = "tests/unit/model/"

UNTESTED = [
    Statement(
        "C1.30",
        "A client accepts the flat, the wrapped and the data.uapi envelope.",
        f"{_INTEGRATION}test_interop.py::test_a_dialect",
    ),
    Statement("C1.31", "A client sends POST, so that no secret gets into an address or an access log.", CLIENT),
    Statement(
        "C1.32",
        "A client accepts numbers that come as texts.",
        f"{_UNIT}test_expiry.py::test_a_number_and_its_text_are_the_same_expiry",
    ),
    Statement(
        "C1.33",
        "A client takes 401, 403, an HTML page and a redirect to the login for a refusal, never for data.",
        f"{_INTEGRATION}test_bad_input.py::test_answers_that_are_none",
    ),
    Statement(
        "C1.34",
        "A client never blindly repeats a change whose answer was lost, but reads the state and decides.",
        f"{_INTEGRATION}test_lost_answers.py::test_a_lost_create_ends_with_one_token_whose_secret_we_have",
    ),
    Statement(
        "C2.43",
        "A client always sends the whole wished state with an update.",
        f"{_INTEGRATION}test_whm_api_token.py::test_changing_the_expiry_alone_leaves_everything_else",
    ),
    Statement(
        "C2.44",
        "A client leaves it to the server which privileges exist.",
        f"{_INTEGRATION}test_bad_input.py::test_what_only_the_server_can_refuse",
    ),
    Statement(
        "C3.18",
        "A client takes a number, its text, null and an empty text for an expiry.",
        f"{_UNIT}test_expiry.py::test_the_servers_ways_of_saying_never",
    ),
    Statement(
        "C3.19",
        "Some versions answer whitelist_ips in create and list of Tokens; this server follows the others.",
        ABSENT,
    ),
    Statement(
        "C3.20", "revoke may answer 0 where a token could not be removed; on this server that does not happen.", ABSENT
    ),
    Statement(
        "S0.19",
        "The page to manage tokens stands among the security pages of cPanel.",
        f"{_BROWSER}test_pages_cpanel.py::test_seed_000",
    ),
    Statement(
        "S0.20",
        "The form has a name and an optional date; the created secret is shown once, to be copied.",
        f"{_BROWSER}test_pages_cpanel.py::test_seed_000",
    ),
    Statement(
        "S0.21",
        "A row of the list can be edited (name, expiry) or revoked. The API can change the name only.",
        f"{_BROWSER}test_pages_cpanel.py::test_seed_000",
    ),
    Statement("S0.22", "One token per integration, named by tool, environment and purpose.", ADVICE),
    Statement("S0.23", "Short-lived tokens for CI, best revoked at the end of the run.", ADVICE),
    Statement("S0.24", "Treat a token like a full credential, and rotate it often.", ADVICE),
    Statement("S0.25", "Customers of shared hosting have access to cPanel's tokens only.", ADVICE),
    Statement(
        "S1.06",
        "The page: a name, an expiry from a calendar or none, and a button to create.",
        f"{_BROWSER}test_pages_cpanel.py::test_seed_001",
    ),
    Statement(
        "S1.07",
        "A message shows the secret until it is confirmed that it was saved.",
        f"{_BROWSER}test_pages_cpanel.py::test_seed_001",
    ),
    Statement(
        "S1.08",
        "The page of one token: another name, or revocation after a question.",
        f"{_BROWSER}test_pages_cpanel.py::test_seed_001",
    ),
    Statement("S1.09", "Set an expiry date.", ADVICE),
    Statement(
        "S2.06", "The steps to create a token on the page of cPanel.", f"{_BROWSER}test_pages_cpanel.py::test_seed_002"
    ),
    Statement("S2.07", "The name serves to recognise the token.", ADVICE),
    Statement("S2.08", "Store tokens safely, let them expire, revoke unused ones, never mail them.", ADVICE),
    Statement(
        "S3.08",
        "The page shows the secret with a button to copy, until it is confirmed that it was saved.",
        f"{_BROWSER}test_pages_cpanel.py::test_copy",
    ),
    Statement(
        "S3.09", "A box lets one create another token after that.", f"{_BROWSER}test_pages_cpanel.py::test_seed_003"
    ),
    Statement("S4.24", "Tokens also work for DNS clusters and configuration clusters.", ABSENT),
    Statement(
        "S4.25",
        "The list can be searched and refreshed; soon expiring rows are yellow, expired ones red.",
        f"{_BROWSER}test_pages_whm.py::test_the_table",
    ),
    Statement(
        "S4.26",
        "The list stands there only for those who have all the initial privileges.",
        f"{_BROWSER}test_pages_whm.py::test_who_has_not_all_initial_privileges_sees_no_table",
    ),
    Statement(
        "S4.27",
        "The list shows the time of creation as month, day, year and time; Any for no addresses.",
        f"{_SERVER}test_server_pages_list.py::test_rows_of_whm",
    ),
    Statement(
        "S4.28",
        "On the page a token expires a year from now unless another date is chosen.",
        f"{_BROWSER}test_pages_whm.py::test_create",
    ),
    Statement(
        "S4.29",
        "A date without a time means the last second of that day (on the page: in the server's time).",
        f"{_SERVER}test_server_pages_forms.py::test_expiry_is_the_last_second_of_the_day_by_the_server_s_clock",
    ),
    Statement(
        "S4.30",
        "On the page all of one's privileges are ticked, and those not wished are unticked.",
        f"{_BROWSER}test_pages_whm.py::test_create",
    ),
    Statement(
        "S4.31",
        "The page shows the secret until it is confirmed that it was saved.",
        f"{_SERVER}test_server_pages_sessions.py::test_the_secret_is_shown_once",
    ),
    Statement(
        "S4.32",
        "The page of one token saves changes with a message; revocation asks first, also for all of them.",
        f"{_BROWSER}test_pages_whm.py::test_edit",
    ),
    Statement("S4.33", "Binding tokens to privileges is experimental and may change.", ADVICE),
    Statement(
        "S4.34",
        "One term of a search filters the names in the list as it is typed.",
        f"{_BROWSER}test_pages_whm.py::test_search_as_you_type",
    ),
    Statement(
        "S4.35",
        "The date can be picked from a calendar, or typed as YYYY-MM-DD.",
        f"{_BROWSER}test_pages_whm.py::test_the_calendar",
    ),
    Statement(
        "S4.36",
        "The form warns of Everything, Change Password, Create User Session and Manage API Tokens.",
        f"{_BROWSER}test_pages_whm.py::test_create",
    ),
    Statement(
        "S4.37",
        "The gear menu refreshes the list, or revokes all tokens after a question.",
        f"{_BROWSER}test_pages_whm.py::test_revoke",
    ),
]
