#!/bin/sh
# Runs once, when Gradescope builds the autograder's image.
set -e
apt-get update
apt-get install -y --no-install-recommends nodejs npm
npm install --global minidock
