#!/usr/bin/env bash
# Opens a notebook in a real JupyterLab with the project's kernel; see jupyterlab.md.
set -euo pipefail
if [ $# -lt 1 ]; then
  echo "Usage: tests/peers/jupyterlab.sh NOTEBOOK [FOLDER]" >&2
  exit 2
fi
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
notebook=$(realpath "$1")
output=${2:-"$root/reports/jupyterlab"}
environment=${EPHEMERA_PEERS:-"$HOME/.cache/ephemera-peers"}/jupyterlab

if [ ! -x "$environment/bin/jupyter-lab" ]; then
  python3 -m venv "$environment"
  "$environment/bin/pip" install --quiet jupyterlab==4.4.9 selenium==4.36.0
fi
if command -v deno >/dev/null; then deno=(deno); else deno=(npx --yes deno@2.9.6); fi
(cd "$root" && "${deno[@]}" task kernel --prefix "$environment")
exec "$environment/bin/python" "$here/jupyterlab.py" "$notebook" "$output"
