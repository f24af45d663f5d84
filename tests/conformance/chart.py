# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendor's chart of privileges (fact C2.36), kept apart from the server's own table on purpose."""

from __future__ import annotations

_NAMES = """
    acct-summary add-pkg add-pkg-ip add-pkg-shell all allow-addoncreate allow-emaillimits-pkgs
    allow-parkedcreate allow-shell allow-unlimited-bw-pkgs allow-unlimited-disk-pkgs allow-unlimited-pkgs
    assign-root-account-enhancements basic-system-info basic-whm-functions clustering connected-applications
    cors-proxy-get cpanel-api cpanel-integration create-acct create-dns create-user-session demo-setup
    digest-auth edit-account edit-dns edit-mx edit-pkg file-restore frontpage generate-email-config kill-acct
    kill-dns limit-bandwidth list-accts list-pkgs locale-edit mailcheck manage-api-tokens manage-dns-records
    manage-oidc manage-styles mysql-info news ns-config park-dns passwd public-contact quota rearrange-accts
    resftp restart show-bandwidth ssl ssl-buy ssl-gencrt ssl-info stats status suspend-acct thirdparty
    track-email upgrade-account viewglobalpackages
"""

CHART = frozenset(_NAMES.split())
