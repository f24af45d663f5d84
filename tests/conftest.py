# Copyright (c) 2026 panelops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all tests have in common."""

from __future__ import annotations

import signal

from hypothesis import HealthCheck, Phase, settings

# No test is about seconds: a busy machine must not make one fail.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")
# For `make mutate`: the same examples for every mutant, and one that fails is enough.
settings.register_profile(
    "mutants",
    settings.get_profile("unhurried"),
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    max_examples=60,
)

# Whoever starts the tests in the background may have them ignore Ctrl-C, and all that they start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)
