"""Judges what Grafana, Loki and Alloy are handed, none of which has a program that runs here.

Dashboards by the typed models that Grafana publishes (grafana-foundation-sdk, generated from Grafana's own schemas); Loki's
file by the keys and kinds of its reference of parameters (loki.json), its rules by the grammar of LogQL; Alloy's file by its
syntax and the arguments, blocks and exports of its reference of components (alloy.json). Names that one file uses and another
has to have (data sources, folders, variables, components) are looked for there.

Reads cases.json, `{case: {path: text}}`; prints `{case: [finding]}`.
"""

import enum
import inspect
import json
import re
import sys
import types
import typing

import yaml
from grafana_foundation_sdk.cog import variants
from grafana_foundation_sdk.models import dashboard, loki, prometheus, stat, timeseries


class Bad(Exception):
    pass


# Grafana

PANELS = {"timeseries": timeseries, "stat": stat}
QUERIES = {"prometheus": prometheus.Dataquery, "loki": loki.Dataquery}
# Global variables (Grafana, "Variables: global variables").
GIVEN = {"__from", "__to", "__interval", "__interval_ms", "__range", "__range_s", "__range_ms", "__rate_interval"}
# Grafana, "Provision Grafana": data sources and dashboards.
SOURCE = {
    "name": str, "type": str, "access": str, "orgId": int, "uid": str, "url": str, "user": str, "database": str,
    "basicAuth": bool, "basicAuthUser": str, "withCredentials": bool, "isDefault": bool, "jsonData": dict,
    "secureJsonData": dict, "version": int, "editable": bool,
}
PROVIDER = {
    "name": str, "orgId": int, "folder": str, "folderUid": str, "type": str, "disableDeletion": bool,
    "updateIntervalSeconds": int, "allowUiUpdates": bool, "options": dict,
}


def names(model):
    """The attribute of a model by its key in JSON: read from how the model itself writes JSON."""
    return dict(re.findall(r'"(\w+)"(?:\]|:) ?=? ?self\.(\w+)', inspect.getsource(model.to_json)))


def typed(value, kind, at, panel=None):
    """What is wrong with a value that has to be of a kind of Python's typing."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if kind in (object, typing.Any):
        return []
    if origin in (typing.Union, types.UnionType):
        if value is None:
            return [] if type(None) in inner else [f"{at} is null"]
        inner = [one for one in inner if one is not type(None)]
        tried = [typed(value, one, at, panel) for one in inner]
        if dashboard.RowPanel in inner and isinstance(value, dict):
            return tried[inner.index(dashboard.RowPanel if value.get("type") == "row" else dashboard.Panel)]
        return min(tried, key=len)
    if origin is list:
        if not isinstance(value, list):
            return [f"{at} is no list"]
        return [said for place, one in enumerate(value) for said in typed(one, inner[0], f"{at}[{place}]", panel)]
    if origin is dict:
        if not isinstance(value, dict):
            return [f"{at} is no map"]
        return [said for key, one in value.items() for said in typed(one, inner[1], f"{at}.{key}", panel)]
    if origin is typing.Literal:
        return [] if value in inner else [f"{at} is {value!r} and not one of {list(inner)}"]
    if kind in (str, bool):
        return [] if isinstance(value, kind) else [f"{at} is {value!r} and no {kind.__name__}"]
    if kind in (int, float):
        fits = isinstance(value, (int, kind)) and not isinstance(value, bool)
        return [] if fits else [f"{at} is {value!r} and no {kind.__name__}"]
    if inspect.isclass(kind) and issubclass(kind, enum.Enum):
        known = [one.value for one in kind]
        return [] if value in known else [f"{at} is {value!r} and not one of {known}"]
    if kind is variants.Dataquery:
        source = value.get("datasource", {}).get("type") if isinstance(value, dict) else None
        if source not in QUERIES:
            return [f"{at} asks a data source of the unknown type {source!r}"]
        return typed(value, QUERIES[source], at)
    return modelled(value, kind, at, panel)


def modelled(value, model, at, panel):
    if not isinstance(value, dict):
        return [f"{at} is no map"]
    if model is dashboard.Panel:
        panel = PANELS.get(value.get("type"))
        if panel is None:
            return [f"{at} is a panel of the unknown type {value.get('type')!r}"]
    kinds = typing.get_type_hints(model)
    known = names(model)
    said = [f"{at} has the unknown key {key!r}" for key in value if key not in known]
    for key, attribute in known.items():
        kind = kinds[attribute]
        if key not in value:
            if type(None) not in typing.get_args(kind):
                said.append(f"{at} lacks {key!r}")
            continue
        if model is dashboard.Panel and key == "options":
            kind = panel.Options
        if model is dashboard.FieldConfig and key == "custom" and panel is not None:
            kind = panel.FieldConfig
        said += typed(value[key], kind, f"{at}.{key}", panel)
    return said


def required_options(said):
    """Options that Grafana's panels fill in themselves when they are left out."""
    return [one for one in said if not re.search(r"\.(options|custom)(\.\w+)* lacks ", one)]


def board(text, sources, at):
    try:
        data = json.loads(text)
    except ValueError as error:
        return [f"{at}: {error}"]
    said = required_options(typed(data, dashboard.Dashboard, at))
    if said:
        return said
    panels = [one for row in data["panels"] for one in (row, *row.get("panels", []))]
    ids = [one["id"] for one in panels]
    said += [f"{at} has the panel {one} more than once" for one in {one for one in ids if ids.count(one) > 1}]
    taken = {}
    for one in data["panels"]:
        place = one["gridPos"]
        if place["x"] + place["w"] > 24:
            said.append(f"{at}: the panel {one['id']} ends beyond the 24th column")
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                other = taken.setdefault((x, y), one["id"])
                if other != one["id"]:
                    said.append(f"{at}: the panels {other} and {one['id']} overlap")
    variables = {one["name"] for one in data["templating"].get("list", [])} | GIVEN

    def asked(value):
        if isinstance(value, dict):
            source = value.get("datasource")
            if isinstance(source, dict) and sources.get(source.get("uid")) != source.get("type"):
                said.append(f"{at} asks the data source {source}, which is not provisioned")
            for one in value.values():
                asked(one)
        elif isinstance(value, list):
            for one in value:
                asked(one)
        elif isinstance(value, str):
            for name in re.findall(r"\$(?:\{(\w+)[^}]*\}|(\w+))", value):
                if "".join(name) not in variables and not "".join(name).startswith("__all"):
                    said.append(f"{at} names the variable {''.join(name)!r}, which it does not have")

    asked(data)
    for one in panels:
        references = [target.get("refId") for target in one.get("targets", [])]
        if len(set(references)) < len(references) or None in references:
            said.append(f"{at}: queries of the panel {one['id']} are not told apart")
        said += [f"{at}: a query of the panel {one['id']} is empty"
                 for target in one.get("targets", []) if not target.get("expr", "").strip()]
        if one["type"] != "row" and not one.get("targets"):
            said.append(f"{at}: the panel {one['id']} asks nothing")
    return sorted(set(said))


def provisioned(text, part, kinds, needed, at):
    data = yaml.safe_load(text)
    said = [f"{at} has the unknown key {key!r}" for key in data if key not in {"apiVersion", part}]
    said += [] if data.get("apiVersion") == 1 else [f"{at} is not of apiVersion 1"]
    for one in data.get(part, []):
        for key, value in one.items():
            if key not in kinds:
                said.append(f"{at} has the unknown key {key!r}")
            elif not isinstance(value, kinds[key]) or (kinds[key] is int and isinstance(value, bool)):
                said.append(f"{at}: {key} is {value!r} and no {kinds[key].__name__}")
        said += [f"{at} lacks {key!r}" for key in needed if key not in one]
    return said, data.get(part, [])


def grafana(files, at):
    said, sources = [], {}
    for path, text in files.items():
        if path.endswith("/datasources/datasources.yml"):
            found, all_sources = provisioned(text, "datasources", SOURCE, ["name", "type", "access", "uid", "url"], path)
            said += found
            sources = {one.get("uid"): one.get("type") for one in all_sources}
            if sum(bool(one.get("isDefault")) for one in all_sources) > 1:
                said.append(f"{path} has more than one default")
        if path.endswith("/dashboards/dashboards.yml"):
            found, providers = provisioned(text, "providers", PROVIDER, ["name", "type", "options"], path)
            said += found
            said += [f"{path}: a provider of files has no path" for one in providers if not one.get("options", {}).get("path")]
    uids = {}
    for path, text in files.items():
        if "/grafana/dashboards/" in path and path.endswith(".json"):
            found = board(text, sources, path)
            said += found
            if not found:
                uid = json.loads(text).get("uid", "")
                if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", uid):
                    said.append(f"{path}: {uid!r} is no uid of at most 40 characters")
                if uids.setdefault(uid, path) != path:
                    said.append(f"{path} has the uid of {uids[uid]}")
    return said


# Loki

BLOCKS = json.load(open("loki.json"))["blocks"]
DURATION = re.compile(r"0|(\d+(\.\d+)?(ns|us|µs|ms|s|m|h|d|w|y))+")
CHOICES = {
    "kvstore.store": {"consul", "etcd", "inmemory", "memberlist", "multi"},
    "schema.store": {"tsdb", "boltdb-shipper", "boltdb"},
    "schema.schema": {"v9", "v10", "v11", "v12", "v13"},
    "object_store": {"aws", "s3", "azure", "gcs", "filesystem", "swift", "bos", "cos", "alibabacloud"},
    "log_level": {"debug", "info", "warn", "error"},
}


def keyed(value, kinds, at):
    if not isinstance(value, dict):
        return [f"{at} is no map"]
    said = []
    for key, one in value.items():
        if key not in kinds:
            said.append(f"{at} has the unknown key {key!r}")
            continue
        said += kept(one, kinds[key], f"{at}.{key}")
    return said


def kept(value, kind, at):
    if isinstance(kind, dict):
        return keyed(value, kind, at)
    if kind in BLOCKS:
        return keyed(value, BLOCKS[kind], at)
    if kind.startswith("list of ") and kind[8:] in BLOCKS:
        if not isinstance(value, list):
            return [f"{at} is no list"]
        return [said for place, one in enumerate(value) for said in keyed(one, BLOCKS[kind[8:]], f"{at}[{place}]")]
    text = value if isinstance(value, str) else ""
    fits = {
        "boolean": isinstance(value, bool),
        "int": isinstance(value, int) and not isinstance(value, bool) or bool(re.fullmatch(r"\d+(\.\d+)?([KMGTPE]?i?B)?", text)),
        "float": isinstance(value, (int, float)) and not isinstance(value, bool),
        "duration": value == 0 or bool(DURATION.fullmatch(text)),
        "string": isinstance(value, str),
        "url": bool(re.fullmatch(r"https?://[^\s/]+\S*", text)),
        "daytime": bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", text)),
        "list of strings": isinstance(value, list) and all(isinstance(one, str) for one in value),
        "opaque": False,
    }.get(kind, isinstance(value, (dict, list)))
    return [] if fits else [f"{at} is {value!r}, which is no {kind}"]


def chosen(value, at):
    """Values that are one of a few: of whatever key they stand at."""
    said = []
    for key, one in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        place = f"{at}.{key}"
        for end, known in CHOICES.items():
            if place.endswith("." + end) and one not in known:
                said.append(f"{place} is {one!r} and not one of {sorted(known)}")
        said += chosen(one, place)
    return said


def seconds(text):
    units = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}
    return sum(float(count) * units[unit] for count, unit in re.findall(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w|y)", str(text)))


def loki_file(text, at):
    data = yaml.safe_load(text)
    said = keyed(data, BLOCKS["loki"], at) + chosen(data, at)
    if said:
        return said
    periods = data.get("schema_config", {}).get("configs", [])
    if not periods:
        return [f"{at} has no schema, without which Loki does not start"]
    for one in periods:
        said += chosen({"schema": {key: one.get(key, "") for key in ("store", "schema")}, "object_store": one.get("object_store", "")}, at)
        said += [f"{at}: a schema lacks {key!r}" for key in ("from", "index") if key not in one]
        if one.get("store") in ("tsdb", "boltdb-shipper") and one.get("index", {}).get("period") != "24h":
            said.append(f"{at}: an index of the kind {one['store']} needs the period 24h")
        if data.get("limits_config", {}).get("allow_structured_metadata", True) and (one.get("store"), one.get("schema")) != ("tsdb", "v13"):
            said.append(f"{at}: structured metadata, which is on by itself, needs tsdb and v13")
    compactor = data.get("compactor", {})
    if compactor.get("retention_enabled") and not compactor.get("delete_request_store"):
        said.append(f"{at}: retention needs delete_request_store")
    retention = data.get("limits_config", {}).get("retention_period", 0)
    if retention and not compactor.get("retention_enabled"):
        said.append(f"{at}: nothing takes away what is older than retention_period")
    if retention and seconds(retention) < 86400:
        said.append(f"{at}: retention_period is below 24h")
    storage = data.get("ruler", {}).get("storage", {})
    if storage and storage.get("type") not in storage:
        said.append(f"{at}: rules are kept in {storage.get('type')!r}, of which nothing is said")
    return said


# LogQL (Loki 3.7.2, pkg/logql/syntax/syntax.y)

RANGED = {f"{name}_over_time" for name in (
    "count", "bytes", "avg", "sum", "min", "max", "stdvar", "stddev", "quantile", "first", "last", "absent")}
RANGED |= {"rate", "rate_counter", "bytes_rate"}
UNWRAPPED = {f"{name}_over_time" for name in ("avg", "sum", "min", "max", "stdvar", "stddev", "quantile", "first", "last")}
UNWRAPPED |= {"rate_counter"}
VECTOR = {"sum", "avg", "count", "max", "min", "stddev", "stdvar", "bottomk", "topk", "sort", "sort_desc", "approx_topk"}
BINARY = [{"or"}, {"and", "unless"}, {"==", "!=", "<", "<=", ">", ">="}, {"+", "-"}, {"*", "/", "%"}, {"^"}]
LOGQL = re.compile(
    r"""(?P<space>\s+|\#[^\n]*)|(?P<string>"(?:[^"\\\n]|\\.)*"|`[^`]*`)|(?P<flag>--[a-z-]+)
    |(?P<duration>(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h|d|w|y))+)\b|(?P<bytes>\d+(?:\.\d+)?(?:[kKMGTPE]i?)?B)\b
    |(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<word>[A-Za-z_][\w]*)
    |(?P<sign>\|=|\|~|\|>|!=|!~|!>|=~|==|>=|<=|[{}()\[\],=<>+\-*/%^|])""",
    re.X,
)


class LogQL:
    """Reads an expression and says what it is: logs or numbers."""

    def __init__(self, text, is_query=True):
        self.found, place, self.is_query = [], 0, is_query
        while place < len(text):
            match = LOGQL.match(text, place)
            if not match:
                raise Bad(f"{text[place:place + 10]!r} is nothing of LogQL")
            if match.lastgroup != "space":
                self.found.append((match.lastgroup, match[0]))
            place = match.end()
        self.at = 0
        self.kind = self.binary(0)
        if self.at < len(self.found):
            raise Bad(f"{self.found[self.at][1]!r} is not expected")

    def here(self, ahead=0):
        place = self.at + ahead
        return self.found[place] if place < len(self.found) else ("end", "the end")

    def take(self, text=None, kind=None):
        found = self.here()
        if text is not None and found[1] != text or kind is not None and found[0] != kind:
            raise Bad(f"{found[1]!r} instead of {text or 'a ' + kind}")
        self.at += 1
        return found[1]

    def skip(self, *texts):
        if self.here()[0] != "string" and self.here()[1] in texts:
            return self.take()
        return None

    def binary(self, level):
        if level == len(BINARY):
            return self.operand()
        left = self.binary(level + 1)
        while self.here()[0] in ("word", "sign") and self.here()[1] in BINARY[level]:
            sign = self.take()
            self.skip("bool")
            if self.skip("on", "ignoring"):
                self.labels()
                if self.skip("group_left", "group_right") and self.here()[1] == "(":
                    self.labels()
            right = self.binary(level if sign == "^" else level + 1)
            if "logs" in (left, right):
                raise Bad(f"{sign!r} joins logs, which are no numbers")
        return left

    def operand(self):
        kind, text = self.here()
        if text in ("+", "-") and self.here(1)[0] == "number":
            self.at += 2
            return "numbers"
        if kind == "number":
            self.take()
            return "numbers"
        if text == "(":
            self.take()
            inner = self.binary(0)
            self.take(")")
            return inner
        if text == "{":
            self.selector()
            if self.pipeline():
                raise Bad("a stream of logs with `unwrap` needs a range")
            return "logs"
        if kind != "word" or self.here(1)[1] not in ("(", "by", "without"):
            raise Bad(f"{text!r} is no expression")
        return self.call(self.take())

    def call(self, name):
        if name in RANGED:
            self.take("(")
            if name == "quantile_over_time":
                self.take(kind="number")
                self.take(",")
            unwraps = self.ranged()
            self.take(")")
            if unwraps != (name in UNWRAPPED) and not (unwraps and name in ("rate", "absent_over_time")):
                raise Bad(f"{name} {'takes no' if unwraps else 'needs an'} `unwrap`")
            self.grouping()
        elif name in VECTOR:
            grouped = self.grouping()
            self.take("(")
            if name in ("bottomk", "topk", "approx_topk"):
                self.take(kind="number")
                self.take(",")
            if self.binary(0) != "numbers":
                raise Bad(f"{name} of logs, which are no numbers")
            self.take(")")
            if not grouped:
                self.grouping()
        elif name == "vector":
            self.take("(")
            self.take(kind="number")
            self.take(")")
        elif name == "label_replace":
            self.take("(")
            self.binary(0)
            for place in range(4):
                self.take(",")
                text = self.take(kind="string")
                if place == 3:
                    self.regex(text)
            self.take(")")
        else:
            raise Bad(f"there is no function {name!r}")
        return "numbers"

    def grouping(self):
        if not self.skip("by", "without"):
            return False
        self.labels()
        return True

    def labels(self):
        self.take("(")
        while not self.skip(")"):
            self.take(kind="word")
            if self.here()[1] != ")":
                self.take(",")

    def ranged(self):
        if self.skip("("):
            unwraps = self.ranged_inside()
            self.take(")")
            if self.here()[1] == "[":
                self.range()
            return unwraps
        return self.ranged_inside(True)

    def ranged_inside(self, needs=False):
        self.selector()
        unwraps, has = False, False
        if self.here()[1] == "[":
            self.range()
            has = True
        unwraps = self.pipeline()
        if not has and self.here()[1] == "[":
            self.range()
            has = True
        if needs and not has:
            raise Bad("a range is missing, as [5m]")
        return unwraps

    def range(self):
        self.take("[")
        self.take(kind="duration")
        self.take("]")
        if self.skip("offset"):
            self.skip("-")
            self.take(kind="duration")

    def regex(self, text):
        try:
            re.compile(text[1:-1] if text[0] == "`" else json.loads(text))
        except (re.error, ValueError) as error:
            raise Bad(f"{text} is no regular expression: {error}") from error

    def matcher(self):
        self.take(kind="word")
        sign = self.skip("=", "!=", "=~", "!~")
        if not sign:
            raise Bad(f"{self.here()[1]!r} matches no label")
        text = self.take(kind="string")
        if sign.endswith("~"):
            self.regex(text)
        return sign, text[1:-1]

    def selector(self):
        self.take("{")
        matchers = []
        while not self.skip("}"):
            matchers.append(self.matcher())
            if self.here()[1] != "}":
                self.take(",")
        if self.is_query and not any(sign == "=" and text or sign == "=~" and not re.fullmatch(text, "") for sign, text in matchers):
            raise Bad("a selector needs a matcher that the empty text does not fulfil")

    def pipeline(self):
        """Stages; says whether one unwraps."""
        unwraps = False
        while True:
            sign = self.skip("|=", "|~", "|>", "!=", "!~", "!>")
            if sign:
                while True:
                    if self.skip("ip"):
                        self.take("(")
                        self.take(kind="string")
                        self.take(")")
                    else:
                        text = self.take(kind="string")
                        if sign.endswith("~"):
                            self.regex(text)
                    if not self.skip("or"):
                        break
            elif self.skip("|"):
                if self.skip("unwrap"):
                    unwraps = True
                    if self.here(1)[1] == "(":
                        if not self.skip("bytes", "duration", "duration_seconds"):
                            raise Bad(f"{self.here()[1]!r} converts nothing")
                        self.take("(")
                        self.take(kind="word")
                        self.take(")")
                    else:
                        self.take(kind="word")
                else:
                    self.stage()
            else:
                return unwraps

    def stage(self):
        name = self.skip("json", "logfmt", "unpack", "regexp", "pattern", "line_format", "label_format", "decolorize", "drop", "keep")
        if name in ("regexp", "pattern", "line_format"):
            text = self.take(kind="string")
            if name == "regexp":
                self.regex(text)
        elif name in ("json", "logfmt", "label_format", "drop", "keep"):
            while self.here()[0] == "flag":
                self.take()
            while self.here()[0] == "word":
                self.take()
                if self.skip("=", "!=", "=~", "!~"):
                    if self.here()[0] not in ("string", "word"):
                        raise Bad(f"{self.here()[1]!r} is no value of a label")
                    self.take()
                if not self.skip(","):
                    break
        elif name is None:
            self.filter()

    def filter(self):
        while True:
            if self.skip("("):
                self.filter()
                self.take(")")
            else:
                self.take(kind="word")
                if not self.skip("=", "!=", "=~", "!~", "==", ">", ">=", "<", "<="):
                    raise Bad(f"{self.here()[1]!r} compares nothing")
                if self.here()[0] not in ("string", "number", "duration", "bytes"):
                    raise Bad(f"{self.here()[1]!r} is no value of a label")
                self.take()
            if not self.skip("and", "or", ",") and self.here()[0] != "word" and self.here()[1] != "(":
                return


def logql(text, kind=None, is_query=True):
    """- is_query: of Loki, which wants a selector that narrows; Alloy does not."""
    try:
        found = LogQL(text, is_query)
    except Bad as error:
        return [str(error)]
    return [] if kind in (None, found.kind) else [f"gives {found.kind} where {kind} are needed"]


def loki_rules(text, at):
    said = []
    data = yaml.safe_load(text)
    said += [f"{at} has the unknown key {key!r}" for key in data if key != "groups"]
    groups = [group.get("name") for group in data.get("groups", [])]
    if not groups or len(set(groups)) < len(groups):
        said.append(f"{at} has no groups, or two of one name")
    for group in data.get("groups", []):
        said += [f"{at} has the unknown key {key!r}" for key in group if key not in {"name", "interval", "limit", "rules"}]
        for rule in group.get("rules", []):
            name = rule.get("alert") or rule.get("record")
            known = {"alert", "expr", "for", "keep_firing_for", "labels", "annotations"} if "alert" in rule else {"record", "expr", "labels"}
            said += [f"{at}: {name} has the unknown key {key!r}" for key in rule if key not in known]
            said += [f"{at}: {name}: {found}" for found in logql(rule.get("expr", ""), "numbers")]
            said += [f"{at}: {name}: {rule[key]!r} is no duration" for key in ("for", "keep_firing_for")
                     if key in rule and not DURATION.fullmatch(str(rule[key]))]
            for key in [*rule.get("labels", {}), *rule.get("annotations", {})]:
                if not re.fullmatch(r"[A-Za-z_]\w*", key):
                    said.append(f"{at}: {name}: {key!r} is no name of a label")
    return said


# Alloy

COMPONENTS = json.load(open("alloy.json"))["components"]
ALLOY = re.compile(
    r"""(?P<space>[ \t\r]+|//[^\n]*)|(?P<line>\n)|(?P<string>"(?:[^"\\\n]|\\.)*"|`[^`]*`)|(?P<number>\d+(?:\.\d+)?)
    |(?P<word>[A-Za-z_]\w*)|(?P<sign>[{}\[\](),=.])""",
    re.X,
)


class Alloy:
    """Reads a file into blocks: (name, label, [(argument, value)], [block])."""

    def __init__(self, text):
        self.found, place = [], 0
        while place < len(text):
            match = ALLOY.match(text, place)
            if not match:
                raise Bad(f"{text[place:place + 10]!r} is nothing of Alloy's")
            if match.lastgroup != "space":
                self.found.append((match.lastgroup, match[0]))
            place = match.end()
        self.at = 0
        self.blocks = self.body(None)[1]

    def here(self):
        return self.found[self.at] if self.at < len(self.found) else ("end", "the end")

    def take(self, text=None, kind=None):
        found = self.here()
        if text is not None and found[1] != text or kind is not None and found[0] != kind:
            raise Bad(f"{found[1]!r} instead of {text or 'a ' + kind}")
        self.at += 1
        return found[1]

    def lines(self):
        while self.here()[0] == "line":
            self.at += 1

    def body(self, end):
        arguments, blocks = [], []
        self.lines()
        while self.here()[1] != end and self.here()[0] != "end":
            name = self.take(kind="word")
            if self.here()[1] == "=":
                self.take()
                arguments.append((name, self.value()))
            else:
                while self.here()[1] == ".":
                    self.take()
                    name += "." + self.take(kind="word")
                label = json.loads(self.take()) if self.here()[0] == "string" else None
                self.take("{")
                inner = self.body("}")
                self.take("}")
                blocks.append((name, label, *inner))
            if self.here()[1] not in (end, "the end"):
                self.take(kind="line")
            self.lines()
        if end is not None and self.here()[1] != end:
            raise Bad(f"{end!r} is missing")
        return arguments, blocks

    def value(self):
        kind, text = self.here()
        if kind == "string":
            self.take()
            return text[1:-1] if text[0] == "`" else json.loads(text)
        if kind == "number":
            self.take()
            return float(text)
        if text == "[":
            self.take()
            return [one for _, one in self.items("]", self.value)]
        if text == "{":
            self.take()
            return dict(self.items("}", self.pair))
        if kind == "word":
            name = self.take()
            while self.here()[1] == ".":
                self.take()
                name += "." + self.take(kind="word")
            return {"true": True, "false": False}.get(name, ("reference", name))
        raise Bad(f"{text!r} is no value")

    def pair(self):
        kind = self.here()[0]
        if kind not in ("word", "string"):
            raise Bad(f"{self.here()[1]!r} is no key")
        key = self.take()
        self.take("=")
        return json.loads(key) if kind == "string" else key, self.value()

    def items(self, end, read):
        found = []
        self.lines()
        while self.here()[1] != end:
            one = read()
            found.append(one if end == "}" else (None, one))
            crosses = self.here()[0] == "line"
            self.lines()
            if self.here()[1] == ",":
                self.take()
                self.lines()
            elif self.here()[1] != end or crosses:
                # A line may end after an item only behind a comma.
                raise Bad(f"{self.here()[1]!r} instead of ','")
        self.take(end)
        return found


def fits(value, kind, exported):
    if isinstance(value, tuple):
        return exported.get(value[1]) == kind
    if kind.startswith("list("):
        return isinstance(value, list) and all(fits(one, kind[5:-1], exported) for one in value)
    if kind.startswith("map("):
        return isinstance(value, dict) and all(fits(one, kind[4:-1], exported) for one in value.values())
    return {
        "string": isinstance(value, str), "secret": isinstance(value, str), "bool": isinstance(value, bool),
        "int": isinstance(value, float) and value == int(value), "number": isinstance(value, float),
        "float": isinstance(value, float), "duration": isinstance(value, str) and bool(DURATION.fullmatch(value)),
    }.get(kind, False)


def alloy_block(block, schema, exported, at):
    name, _, arguments, blocks = block
    given = [key for key, _ in arguments]
    said = [f"{at}: {name} says {key!r} twice" for key in set(given) if given.count(key) > 1]
    for key, value in arguments:
        if key not in schema["arguments"]:
            said.append(f"{at}: {name} has the unknown argument {key!r}")
        elif not fits(value, schema["arguments"][key]["type"], exported):
            said.append(f"{at}: {key} of {name} is {value!r}, which is no {schema['arguments'][key]['type']}")
        if key == "selector":
            said += [f"{at}: {name}: {found}" for found in logql(value, "logs", False)]
        if key == "expression":
            try:
                if not re.compile(value).groupindex and name == "stage.regex":
                    said.append(f"{at}: no group of {value!r} has a name")
            except re.error as error:
                said.append(f"{at}: {value!r} is no regular expression: {error}")
    said += [f"{at}: {name} lacks {key!r}" for key, one in schema["arguments"].items()
             if one.get("required") and key not in given]
    if name == "stage.match":
        action = dict(arguments).get("action", "keep")
        if action not in ("keep", "drop"):
            said.append(f"{at}: {action!r} is no action of {name}")
        elif (action == "keep") != bool(blocks):
            said.append(f"{at}: {name} that {action}s has {'no ' if action == 'keep' else ''}stages")
    for inner in blocks:
        if inner[0] not in schema.get("blocks", {}):
            said.append(f"{at}: {name} has the unknown block {inner[0]!r}")
        else:
            said += alloy_block(inner, schema["blocks"][inner[0]], exported, at)
    return said


def alloy(text, at):
    try:
        blocks = Alloy(text).blocks
    except (Bad, ValueError) as error:
        return [f"{at}: {error}"]
    said, exported = [], {}
    for name, label, *_ in blocks:
        if name not in COMPONENTS:
            said.append(f"{at}: there is no component {name!r} here")
        elif not label or not re.fullmatch(r"[A-Za-z_]\w*", label):
            said.append(f"{at}: {name} needs a label that is an identifier")
        elif any(key.startswith(f"{name}.{label}.") for key in exported) or [block[:2] for block in blocks].count((name, label)) > 1:
            said.append(f"{at}: {name} {label!r} is there twice")
        else:
            exported.update({f"{name}.{label}.{key}": kind for key, kind in COMPONENTS[name]["exports"].items()})
    if said:
        return said
    for block in blocks:
        said += alloy_block(block, COMPONENTS[block[0]], exported, at)
    return said


def judge(files):
    said = grafana(files, "")
    for path, text in sorted(files.items()):
        if path.endswith("/loki/loki.yml"):
            said += loki_file(text, path)
        elif "/loki/rules/" in path:
            said += loki_rules(text, path)
        elif path.endswith(".alloy"):
            said += alloy(text, path)
    return said


if __name__ == "__main__":
    with open("cases.json") as cases:
        json.dump({case: judge(files) for case, files in json.load(cases).items()}, sys.stdout)
