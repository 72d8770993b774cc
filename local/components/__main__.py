"""`python -m local.components PROBLEM LANG ACCEPT-LANGUAGE` writes an answer as JSON: status, headers, body."""

import json
import sys

from local.components.page import page

if __name__ == "__main__":
    problem, asked, accepted = sys.argv[1:]
    made = page(problem, asked or None, accepted or None)
    json.dump({"status": made.status, "headers": made.all_headers(), "body": made.html()}, sys.stdout)
