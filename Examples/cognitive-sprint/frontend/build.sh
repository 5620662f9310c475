#!/bin/sh
# Puts the site into dist/. There is nothing to compile: the browser gets what is in src/.
set -eu
cd "$(dirname "$0")"
rm -rf dist
cp -R src dist
