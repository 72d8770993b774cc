"""Telephone numbers for tests."""

BARRED = {
    "+19005550000": "premium_number",
    "+4781021234": "shared_cost_number",
    "+881612345678": "satellite_number",
    "+1911911": "emergency_number",
}
"""Numbers that nobody dials, transfers to, texts or books with, and the code of the reason."""
