"""Judges Terraform for Google Cloud without its provider: names, kinds and nesting by the provider's schema, and references.

Reads cases.json, `{case: {path: text}}`, and schema.json; prints `{case: [finding]}`. What Terraform itself can say without a
provider (form, blocks declared twice, modules that are not there) Terraform is asked.
"""

import functools
import json
import os
import posixpath
import re
import subprocess
import sys

SCHEMA = json.load(open("schema.json"))["resources"]
META = {"count", "for_each", "provider", "depends_on"}
META_BLOCKS = {"lifecycle", "timeouts", "provisioner", "connection"}
TOKEN = re.compile(
    r"""(?P<space>[ \t]+)|(?P<comment>\#[^\n]*)|(?P<newline>\n)|(?P<number>\d+(\.\d+)?)|(?P<word>[A-Za-z_][\w-]*)
    |(?P<sign>=>|==|!=|<=|>=|&&|\|\||\.\.\.|[{}\[\]().,:?=<>!+*/%\-])""",
    re.X,
)


class Bad(Exception):
    pass


def string_end(text, start):
    """The place after the quote that ends a string, and the code within it."""
    inside, place = [], start + 1
    while place < len(text):
        if text[place] == "\\":
            place += 2
        elif text[place] == '"':
            return place + 1, inside
        elif text.startswith(("$${", "%%{"), place):
            place += 3
        elif text.startswith(("${", "%{"), place):
            depth, end = 1, place + 2
            while depth:
                if end >= len(text):
                    raise Bad("an interpolation does not end")
                if text[end] == '"':
                    end, _ = string_end(text, end)
                    continue
                depth += {"{": 1, "}": -1}.get(text[end], 0)
                end += 1
            inside.append(text[place + 2 : end - 1])
            place = end
        else:
            place += 1
    raise Bad("a string does not end")


def tokens(text):
    """(kind, text, code within) of a text."""
    found, place = [], 0
    while place < len(text):
        if text[place] == '"':
            end, inside = string_end(text, place)
            found.append(("string", text[place:end], inside))
            place = end
            continue
        match = TOKEN.match(text, place)
        if not match:
            raise Bad(f"cannot read {text[place : place + 20]!r}")
        kind = match.lastgroup if match.lastgroup else "sign"
        kind = next(name for name, value in match.groupdict().items() if value is not None)
        if kind not in ("space", "comment"):
            found.append((kind, match.group(), []))
        place = match.end()
    return found


class Block:
    def __init__(self, kind, labels):
        self.kind, self.labels = kind, labels
        self.attributes, self.blocks = {}, []

    def named(self, kind):
        return [block for block in self.blocks if block.kind == kind]


def body(block, stream, place, nested):
    while place < len(stream):
        kind, text, _ = stream[place]
        if kind == "newline":
            place += 1
            continue
        if text == "}" and nested:
            return place + 1
        if kind != "word":
            raise Bad(f"{text!r} begins neither an argument nor a block")
        if stream[place + 1][1] == "=":
            end, depth = place + 2, 0
            while end < len(stream) and (depth or (stream[end][0] != "newline" and stream[end][1] != "}")):
                depth += {"{": 1, "[": 1, "(": 1, "}": -1, "]": -1, ")": -1}.get(stream[end][1], 0)
                end += 1
            if text in block.attributes:
                raise Bad(f"{text} stands twice")
            block.attributes[text] = stream[place + 2 : end]
            place = end
            continue
        end, labels = place + 1, []
        while stream[end][1] != "{":
            labels.append(stream[end][1].strip('"'))
            end += 1
        inner = Block(text, labels)
        place = body(inner, stream, end + 1, True)
        block.blocks.append(inner)
    if nested:
        raise Bad("a block does not end")
    return place


@functools.cache
def parse(text):
    block = Block("file", [])
    body(block, tokens(text), 0, False)
    return block


def literal(expression):
    """What an expression certainly is, or None."""
    parts = [token for token in expression if token[0] != "newline"]
    if not parts:
        return None
    depth, closed = 0, None
    for index, token in enumerate(parts):
        depth += {"{": 1, "[": 1, "(": 1, "}": -1, "]": -1, ")": -1}.get(token[1], 0)
        if depth == 0:
            closed = index
            break
    whole = closed == len(parts) - 1
    kind, text, inside = parts[0]
    if text == "[" and whole:
        return "list"
    if text == "{" and whole:
        return "map"
    if len(parts) > 1:
        return None
    if kind == "string":
        return "string"
    if kind == "number":
        return "number"
    return "bool" if text in ("true", "false") else None


def agrees(wanted, given):
    if given is None or wanted == "any":
        return True
    if wanted.startswith(("list", "set", "tuple")):
        return given == "list"
    if wanted.startswith(("map", "object")):
        return given == "map"
    # Terraform turns scalars into texts, and never the other way without being asked.
    return given == wanted or (wanted == "string" and given in ("number", "bool"))


class Folder:
    """One module: what it declares, and what it says."""

    def __init__(self, path, files):
        self.path, self.findings = path, []
        self.resources, self.variables, self.locals, self.modules, self.outputs = {}, {}, set(), {}, set()
        self.files, self.providers = [], set()
        for name, text in sorted(files.items()):
            try:
                file = parse(text)
            except (Bad, IndexError) as problem:
                self.tell(name, f"is not Terraform: {problem}")
                continue
            self.files.append((name, file))
            for block in file.blocks:
                self.declare(name, block)

    def tell(self, place, what):
        self.findings.append(f"{self.path}/{place}: {what}")

    def declare(self, name, block):
        kind, labels = block.kind, block.labels
        if kind in ("resource", "data", "ephemeral"):
            key = labels[0] if kind == "resource" else f"{kind}.{labels[0]}"
            if (key, labels[1]) in self.resources:
                self.tell(name, f"{key}.{labels[1]} is declared twice")
            self.resources[key, labels[1]] = block
        elif kind == "variable":
            self.variables[labels[0]] = block
        elif kind == "output":
            self.outputs.add(labels[0])
        elif kind == "locals":
            self.locals |= set(block.attributes)
        elif kind == "module":
            self.modules[labels[0]] = block
        elif kind == "provider":
            alias = block.attributes.get("alias", [("", "", [])])[0][1].strip('"')
            self.providers.add(f"{labels[0]}.{alias}" if alias else labels[0])
        elif kind != "terraform":
            self.tell(name, f"a block {kind} is not known")


def many(block):
    return "count" in block.attributes or "for_each" in block.attributes


class Judge:
    def __init__(self, files):
        folders = {}
        for path, text in files.items():
            if path.endswith(".tf"):
                folders.setdefault(posixpath.dirname(path), {})[posixpath.basename(path)] = text
        self.folders = {path: Folder(path, texts) for path, texts in sorted(folders.items())}

    def findings(self):
        for folder in self.folders.values():
            for name, file in folder.files:
                for block in file.blocks:
                    self.block(folder, name, block)
        return [finding for folder in self.folders.values() for finding in folder.findings]

    def block(self, folder, name, block):
        if block.kind in ("resource", "data", "ephemeral"):
            key = block.labels[0] if block.kind == "resource" else f"{block.kind}.{block.labels[0]}"
            place = f"{name}: {key}.{block.labels[1]}"
            if key not in SCHEMA:
                folder.tell(place, "is not in the schema")
            else:
                self.nested(folder, place, block, SCHEMA[key], True)
        elif block.kind == "module":
            self.call(folder, name, block)
        self.references(folder, f"{name}: {block.kind} {'.'.join(block.labels)}", block, set())

    def nested(self, folder, place, block, schema, top):
        arguments, blocks = schema.get("a", {}), schema.get("b", {})
        given = {}
        for key, expression in block.attributes.items():
            if top and key in META:
                continue
            if key in blocks:
                folder.tell(place, f"{key} is a block, not an argument")
            elif key not in arguments:
                folder.tell(place, f"{key} is no argument")
            elif not agrees(arguments[key].rstrip("!"), literal(expression)):
                folder.tell(place, f"{key} is {arguments[key].rstrip('!')}, not {literal(expression)}")
        for inner in block.blocks:
            if top and inner.kind in META_BLOCKS:
                continue
            kind, content = inner.kind, inner
            if kind == "dynamic":
                kind = inner.labels[0]
                if "for_each" not in inner.attributes or len(inner.named("content")) != 1:
                    folder.tell(place, f"dynamic {kind} needs for_each and content")
                    continue
                content = inner.named("content")[0]
            else:
                given[kind] = given.get(kind, 0) + 1
            if kind in arguments:
                folder.tell(place, f"{kind} is an argument, not a block")
            elif kind not in blocks:
                folder.tell(place, f"{kind} is no block")
            else:
                given.setdefault(kind, 1)
                self.nested(folder, f"{place}.{kind}", content, blocks[kind], False)
        for key, wanted in arguments.items():
            if wanted.endswith("!") and key not in block.attributes:
                folder.tell(place, f"{key} is missing")
        for kind, wanted in blocks.items():
            if wanted.get("r") and kind not in given:
                folder.tell(place, f"the block {kind} is missing")
            if wanted.get("m") and given.get(kind, 0) > 1:
                folder.tell(place, f"there can be one block {kind}")

    def call(self, folder, name, block):
        place = f"{name}: module.{block.labels[0]}"
        source = block.attributes.get("source", [("", '""', [])])[0][1].strip('"')
        module = self.folders.get(posixpath.normpath(posixpath.join(folder.path, source)))
        if module is None:
            return folder.tell(place, f"there is no module {source}")
        for key, expression in block.attributes.items():
            if key in META or key == "source":
                continue
            variable = module.variables.get(key)
            if variable is None:
                folder.tell(place, f"{key} is no variable of {source}")
                continue
            wanted = "".join(token[1] for token in variable.attributes.get("type", []))
            if not agrees(wanted or "any", literal(expression)):
                folder.tell(place, f"{key} is {wanted}, not {literal(expression)}")
        for key, variable in module.variables.items():
            if "default" not in variable.attributes and key not in block.attributes:
                folder.tell(place, f"{key} is missing")

    def references(self, folder, place, block, bound):
        bound = set(bound)
        if block.kind == "dynamic":
            iterator = block.attributes.get("iterator", [("", block.labels[0], [])])[0][1]
            bound.add(iterator)
        for key, expression in block.attributes.items():
            if key == "provider":
                if "".join(token[1] for token in expression) not in folder.providers:
                    folder.tell(place, "there is no such provider")
                continue
            if key in ("iterator", "ignore_changes") or (block.kind == "variable" and key == "type"):
                continue
            if many(block) or key not in ("count", "for_each"):
                self.expression(folder, place, expression, bound, many(block))
        for inner in block.blocks:
            self.references(folder, place, inner, bound | ({"each", "count"} if many(block) else set()))

    def expression(self, folder, place, expression, bound, repeats):
        stream = [token for token in expression if token[0] != "newline"]
        bound = set(bound) | ({"each", "count"} if repeats else set())
        for index, token in enumerate(stream):
            if token[1] == "for" and token[0] == "word":
                names = [stream[index + 1][1]]
                if stream[index + 2][1] == ",":
                    names.append(stream[index + 3][1])
                bound |= set(names)
        for index, (kind, text, inside) in enumerate(stream):
            for code in inside:
                self.expression(folder, place, tokens(code), bound, repeats)
            if kind != "word" or (index and stream[index - 1][1] == "."):
                continue
            after = stream[index + 1][1] if index + 1 < len(stream) else ""
            if after in (".", "["):
                self.traversal(folder, place, stream, index, bound)
            elif text.startswith("google_"):
                folder.tell(place, f"{text} is no reference")

    def path(self, stream, index):
        """Names of a traversal; indexes are `[]`."""
        names, place = [stream[index][1]], index + 1
        while place < len(stream):
            if stream[place][1] == "." and place + 1 < len(stream):
                names.append(stream[place + 1][1])
                place += 2
            elif stream[place][1] == "[":
                depth = 1
                place += 1
                while depth:
                    depth += {"[": 1, "]": -1}.get(stream[place][1], 0)
                    place += 1
                names.append("[]")
            else:
                break
        return names

    def traversal(self, folder, place, stream, index, bound):
        names = self.path(stream, index)
        root, text = names[0], ".".join(names).replace(".[]", "[]")
        if root in bound or root in ("path", "terraform", "self", "in", "if"):
            return
        if root == "var":
            if names[1] not in folder.variables:
                folder.tell(place, f"{text}: there is no such variable")
        elif root == "local":
            if names[1] not in folder.locals:
                folder.tell(place, f"{text}: there is no such local value")
        elif root == "module":
            block = folder.modules.get(names[1])
            if block is None:
                return folder.tell(place, f"{text}: there is no such module")
            rest = self.indexed(folder, place, text, block, names[2:])
            source = block.attributes["source"][0][1].strip('"')
            module = self.folders.get(posixpath.normpath(posixpath.join(folder.path, source)))
            if rest and module is not None and rest[0] not in module.outputs:
                folder.tell(place, f"{text}: the module has no such output")
        elif root in ("data", "ephemeral") or root.startswith("google_"):
            skip = 2 if root in ("data", "ephemeral") else 1
            key, rest = ".".join(names[:skip]), names[skip:]
            block = folder.resources.get((key, rest[0] if rest else ""))
            if block is None:
                return folder.tell(place, f"{text}: there is no such resource")
            rest = self.indexed(folder, place, text, block, rest[1:])
            schema = SCHEMA.get(key, {})
            known = {"id"} | set(schema.get("a", {})) | set(schema.get("b", {})) | set(schema.get("e", []))
            if rest and rest[0] not in known:
                folder.tell(place, f"{text}: {key} has no such attribute")
        else:
            folder.tell(place, f"{text}: {root} is nothing")

    def indexed(self, folder, place, text, block, rest):
        if rest and many(block) and rest[0] != "[]":
            folder.tell(place, f"{text}: there are several, and none is chosen")
        if rest and not many(block) and rest[0] == "[]":
            folder.tell(place, f"{text}: there is one alone")
        return rest[1:] if rest and rest[0] == "[]" else rest


def terraform(case, files):
    """What Terraform says by itself: the form, and each root as it is loaded."""
    root = os.path.join("cases", case)
    for path, text in files.items():
        os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
        with open(os.path.join(root, path), "w") as file:
            file.write(text)
    formed = subprocess.run(["terraform", "fmt", "-check", "-diff", "-recursive", root], capture_output=True, text=True)
    found = [formed.stdout + formed.stderr] if formed.returncode else []
    for folder in sorted({os.path.dirname(path) for path in files if path.endswith("/versions.tf")}):
        loaded = subprocess.run(
            ["terraform", f"-chdir={os.path.join(root, folder)}", "get", "-no-color"], capture_output=True, text=True)
        if loaded.returncode:
            found.append(loaded.stdout + loaded.stderr)
    return found


verdicts = {}
for case, files in json.load(open("cases.json")).items():
    verdicts[case] = Judge(files).findings()
    if not case.startswith("bad "):
        verdicts[case] += terraform(case, files)
json.dump(verdicts, sys.stdout, indent=1)
