"""The least that a check can cost: libyaml's C parser, then a compiled validator. Exits 1 when the file is invalid."""

import json
import sys

import jsonschema_rs
import yaml

with open(sys.argv[1]) as schema, open(sys.argv[2]) as file:
    validator = jsonschema_rs.validator_for(json.load(schema))
    document = yaml.load(file, Loader=yaml.CSafeLoader)
sys.exit(0 if validator.is_valid(document) else 1)
