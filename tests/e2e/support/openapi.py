"""Answers held against /openapi.json: path, status, content type, and the body by JSON Schema, with no key that it does not name."""

import copy
import json
import re

import jsonschema


def strict(schema):
    """The schema with nothing allowed that it does not describe."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    out = {key: strict(part) for key, part in schema.items()}
    if "properties" in schema and isinstance(schema["properties"], dict):
        out.setdefault("additionalProperties", False)
    return out


class Openapi:
    def __init__(self, document):
        self.document = document
        self.validated = strict(copy.deepcopy(document))
        self.checked = set()  # (path, method, status) seen so far

    def resolve(self, part):
        while "$ref" in part:
            name, part = part["$ref"], self.document
            for step in name.removeprefix("#/").split("/"):
                part = part[step]
        return part

    def operation(self, target, method):
        """The path of the description that a target belongs to, and its operation."""
        path = target.split("?")[0]
        for template, operations in self.document["paths"].items():
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", re.escape(template).replace(r"\{", "{").replace(r"\}", "}")), path):
                return template, operations[method.lower()]
        raise AssertionError(f"{path} is not described")

    def validate(self, value, schema):
        root = {**strict(schema), "components": self.validated["components"]}
        jsonschema.Draft202012Validator(root).validate(value)

    def check(self, target, method, status, fields, body):
        """fields: lower-case names. Raises where the answer is not as described."""
        template, operation = self.operation(target, method)
        assert str(status) in operation["responses"], f"{method} {target}: {status} is not described"
        described = self.resolve(operation["responses"][str(status)])
        self.checked.add((template, method.lower(), str(status)))
        if "content" not in described:
            assert not body, f"{target}: a body that is not described"
            return
        kind = fields["content-type"]
        assert kind in described["content"], f"{target}: {kind}, not {list(described['content'])}"
        for name in described.get("headers", {}):
            assert name.lower() in fields, f"{target}: no {name}"
        if "json" in kind:
            self.validate(json.loads(body), described["content"][kind].get("schema", {}))
