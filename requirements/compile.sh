#!/usr/bin/env bash
# Pin requirements/*.in with hashes. Run it from anywhere; needs `uv` on the PATH.
# dev.txt is solved first and constrains the others, so one version of a package serves everywhere.
set -euo pipefail
cd "$(dirname "$0")/.."
more=("$@")  # such as --upgrade-package tzdata
pin() { uv pip compile --quiet --python-version 3.11 --universal --generate-hashes --no-emit-index-url \
  --no-emit-find-links --custom-compile-command "requirements/compile.sh" "$@" "${more[@]}"; }
pin requirements/dev.in -o requirements/dev.txt
pin requirements/run.in -c requirements/dev.txt -o requirements/run.txt
pin requirements/layer.in -c requirements/dev.txt -o layers/common/python/requirements.txt
# Authlib is in the package of one function; what the layer has of its requirements, a build takes out of there again.
pin requirements/single_sign_on.in -c requirements/dev.txt -o functions/pages/single_sign_on/requirements.txt
pin requirements/sam.in -o requirements/sam.txt
# Generators of clients and type checkers, in an environment of their own too: one slow test makes it.
pin requirements/clients.in -o requirements/clients.txt
# The linter of IAM policies: one slow test makes its environment as well.
pin requirements/policies.in -o requirements/policies.txt
# Earlier zone rules: what was promised under them is followed under the pinned ones.
pin requirements/zones.in -o requirements/zones.txt
# The peer of `make bench` on PostgreSQL.
pin requirements/bench.in -o requirements/bench.txt
