#!/bin/sh
# Installs each service alone, as it is deployed, and runs its own tests there: it needs no other service.
# `make alone` calls it beside a throw-away PostgreSQL; uv is the one that runs it. ARGS go to pytest.
set -eu
cd "$(dirname "$0")/.."
uv=${UV:-.tools/bin/uv}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

services="gateway customer numbers billing provisioning notifier"
for service in $services; do
    echo "== $service"
    export UV_PROJECT_ENVIRONMENT="$work/$service"
    "$uv" sync --frozen --quiet --package "patchbay-$service"
    python="$UV_PROJECT_ENVIRONMENT/bin/python"
    for other in $services; do
        if [ "$other" != "$service" ] && "$python" -c "import ${other}_service" 2>/dev/null; then
            echo "$service has $other beside it: not alone" >&2
            exit 1
        fi
    done
    "$python" -c "import ${service}_service.main"
    "$python" -m pytest -q ${ARGS:-} "services/$service/tests"
    rm -rf "$UV_PROJECT_ENVIRONMENT"
done
