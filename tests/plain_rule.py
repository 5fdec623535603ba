"""Finds text that reaches a widget without going through widgets/plain.py, by reading the code.

Textual obeys markup in the strings it is given, and `[@click=...]` in a patient's name would run.
A sink (SINKS, TITLES) therefore takes only what was written by us, literally, or what has the type
of finished content, which `plain`, `cell` and `content` make. Types are read off annotations, which
mypy holds true. Making content by hand of anything but literals is a finding too.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

# Classes and methods whose arguments are shown, with the names of those arguments.
WIDGETS = {
    "Button": "label",
    "Checkbox": "label",
    "Collapsible": "title",
    "Digits": "value",
    "Label": "content",
    "Markdown": "markdown",
    "Option": "prompt",
    "RadioButton": "label",
    "Selection": "prompt",
    "Static": "content",
    "Tab": "label",
    "TabPane": "title",
    "Tree": "label",
}
METHODS = {"notify": 1, "add_option": 1, "add_column": 1, "add_row": None, "add_columns": None}
CELLS = {"update_cell": 2, "update_cell_at": 1}
TITLES = {"border_title", "border_subtitle", "tooltip"}
MAKERS = {"Content", "Text", "from_markup", "assemble"}

CONTENT_TYPES = {"Content", "Text"}
HARMLESS_TYPES = CONTENT_TYPES | {"None", "bool", "date", "datetime", "float", "int", "time"}
CLEANERS = {"clean", "one_line", "shorten"}
CONTENT_METHODS = {"copy", "join", "pad_left", "pad_right", "stylize", "truncate"}
PLAIN = {"plain", "cell", "lines"}


@dataclass(frozen=True)
class Finding:
    """One place to mend."""

    path: Path
    line: int
    code: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.code}"


@dataclass
class _Scope:
    """What is known of the names of one function."""

    types: dict[str, str] = field(default_factory=dict)
    values: dict[str, list[ast.expr]] = field(default_factory=dict)
    judged: frozenset[str] = frozenset()

    def judging(self, name: str) -> _Scope:
        """The same while `name` is looked into; where its values mention it, nothing is new."""
        return _Scope(self.types, self.values, self.judged | {name})


def findings(paths: Iterable[Path]) -> list[Finding]:
    """Everything to mend in the given modules, which are read together."""
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in paths}
    returns = _return_types(trees.values())
    return [
        Finding(path, expression.lineno, ast.unparse(expression))
        for path, tree in trees.items()
        for expression in _Module(tree, returns).offences()
    ]


def _return_types(trees: Iterable[ast.Module]) -> dict[str, bool]:
    """For each function name whether every function of that name returns finished content."""
    known: dict[str, bool] = {}
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns:
                harmless = _harmless(ast.unparse(node.returns))
                known[node.name] = known.get(node.name, True) and harmless
    return known


def _harmless(annotation: str) -> bool:
    parts = {part.strip().rpartition(".")[2] for part in annotation.strip("'\"").split("|")}
    return parts <= HARMLESS_TYPES


class _Module:
    """One module's judgement."""

    def __init__(self, tree: ast.Module, returns: dict[str, bool]) -> None:
        self._tree = tree
        self._returns = returns
        self._globals = _assignments(tree.body, _Scope())

    def offences(self) -> Iterator[ast.expr]:
        """Every shown expression that is neither literal nor finished content."""
        yield from self._visit(self._tree, _Scope(), shows=False)

    def _visit(self, node: ast.AST, scope: _Scope, *, shows: bool) -> Iterator[ast.expr]:
        for child in ast.iter_child_nodes(node):
            inner = scope
            within = shows
            if isinstance(child, ast.ClassDef):
                within = any(_last(base) in WIDGETS for base in child.bases)
                inner = _Scope(_attribute_types(child))
            elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                inner = _function_scope(child, scope)
            if isinstance(child, ast.Call):
                yield from self._judge_call(child, scope, shows=shows)
            elif isinstance(child, ast.Assign | ast.AnnAssign):
                yield from self._judge_title(child, scope)
            yield from self._visit(child, inner, shows=within)

    def _judge_call(self, call: ast.Call, scope: _Scope, *, shows: bool) -> Iterator[ast.expr]:
        name = _last(call.func)
        if name in MAKERS:
            yield from (a for a in call.args if not self._cleaned(a, scope))
        elif name == "content" and call.args and not self._literal(call.args[0], scope):
            yield call.args[0]
        for argument in _shown(call, name, shows=shows):
            if not self._safe(argument, scope):
                yield argument

    def _judge_title(self, node: ast.Assign | ast.AnnAssign, scope: _Scope) -> Iterator[ast.expr]:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        titled = any(isinstance(t, ast.Attribute) and t.attr in TITLES for t in targets)
        if titled and node.value is not None and not self._safe(node.value, scope):
            yield node.value

    def _literal(self, node: ast.expr, scope: _Scope) -> bool:
        """Written by us, to the last letter."""
        if isinstance(node, ast.Constant):
            return True
        if isinstance(node, ast.Attribute):
            return node.attr.isupper() and len(node.attr) > 1  # a constant of a class or module
        if isinstance(node, ast.Name):
            values = self._values(node.id, scope)
            if not values:
                return node.id.isupper() and node.id not in scope.types
            return self._all(self._literal, node.id, scope)
        parts = _parts(node)
        return parts is not None and all(self._literal(part, scope) for part in parts)

    def _safe(self, node: ast.expr, scope: _Scope) -> bool:
        """Literal, or of a type that holds finished content."""
        if self._literal(node, scope):
            return True
        match node:
            case ast.Name(id=name) if name in scope.types:
                return _harmless(scope.types[name])
            case ast.Name(id=name):
                return self._all(self._safe, name, scope)
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                return _harmless(scope.types.get(f"self.{name}", "str"))
            case ast.Call() if self._safe_call(node, scope):
                return True
            case ast.JoinedStr():
                return False  # what was content is text again
        parts = _parts(node)
        return parts is not None and all(self._safe(part, scope) for part in parts)

    def _all(self, judge: Callable[[ast.expr, _Scope], bool], name: str, scope: _Scope) -> bool:
        """Whether every value a name is given passes; none known does not."""
        if name in scope.judged:
            return True
        values = self._values(name, scope)
        return bool(values) and all(judge(value, scope.judging(name)) for value in values)

    def _values(self, name: str, scope: _Scope) -> list[ast.expr]:
        return scope.values.get(name) or self._globals.values.get(name) or []

    def _safe_call(self, call: ast.Call, scope: _Scope) -> bool:
        name = _last(call.func)
        if name in PLAIN | MAKERS | WIDGETS.keys() | {"content"}:
            return True  # what they are given is judged where they stand
        if name in CONTENT_METHODS and isinstance(call.func, ast.Attribute):
            receiver = call.func.value
            return not isinstance(receiver, ast.Constant) and self._safe(receiver, scope)
        return self._returns.get(name, False)

    def _cleaned(self, node: ast.expr, scope: _Scope) -> bool:
        """Fit to be made content of: safe, or text that plain.py has cleaned."""
        if self._safe(node, scope):
            return True
        match node:
            case ast.Call(func=func) if _last(func) in CLEANERS:
                return True
            case ast.Tuple(elts=[text, *_]):  # text and its style
                return self._cleaned(text, scope)
            case ast.Name(id=name) if name not in scope.types:
                return self._all(self._cleaned, name, scope)
        parts = _parts(node)
        return parts is not None and all(self._cleaned(part, scope) for part in parts)


def _parts(node: ast.expr) -> list[ast.expr] | None:  # noqa: PLR0911 - one for each kind
    """The expressions a value is put together from; None where that cannot be told."""
    match node:
        case ast.IfExp(body=one, orelse=other) | ast.BinOp(left=one, op=ast.Add(), right=other):
            return [one, other]
        case ast.BinOp(left=ast.Constant() as part, op=ast.Mult()):  # a rule, a gap
            return [part]
        case ast.BoolOp(values=parts) | ast.Dict(values=parts):
            return parts
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            return parts
        case ast.Call():
            return _call_parts(node)
        case ast.JoinedStr(values=pieces):
            return [piece.value for piece in pieces if isinstance(piece, ast.FormattedValue)]
        case ast.ListComp(elt=inner) | ast.GeneratorExp(elt=inner):
            return [inner]
        case ast.Subscript(value=inner) | ast.Starred(value=inner) | ast.NamedExpr(value=inner):
            return [inner]
    return None


def _call_parts(call: ast.Call) -> list[ast.expr] | None:
    """The same for calls that only hand on what a table of ours holds."""
    match call:
        case ast.Call(func=ast.Attribute(value=table, attr="items" | "keys" | "values")):
            return [table]
        case ast.Call(func=ast.Attribute(value=table, attr="get"), args=[_, *default]):
            return [table, *default]
        case ast.Call(func=ast.Name(id="enumerate" | "reversed" | "sorted" | "zip"), args=parts):
            return parts
    return None


def _shown(call: ast.Call, name: str, *, shows: bool) -> list[ast.expr]:
    """The arguments of a call that will be seen on the screen."""
    keywords = {word.arg: word.value for word in call.keywords}
    if isinstance(keywords.get("markup"), ast.Constant) and _is_false(keywords["markup"]):
        return []
    shown = [
        keywords[each] for each in ("tooltip", "title") if name in WIDGETS and each in keywords
    ]
    if name in WIDGETS:
        return [*shown, *call.args[:1], *_given(keywords, WIDGETS[name])]
    if name in METHODS:
        return [
            *call.args[: METHODS[name]],
            *_given(keywords, "message"),
            *_given(keywords, "label"),
        ]
    if name in CELLS:
        return [*call.args[CELLS[name] : CELLS[name] + 1], *_given(keywords, "value")]
    if name == "__init__" and shows and isinstance(call.func, ast.Attribute):
        return call.args[:1] if isinstance(call.func.value, ast.Call) else []
    if name == "update" and isinstance(call.func, ast.Attribute):
        return call.args[:1] if _is_label(call.func.value, shows=shows) else []
    return []


def _is_label(receiver: ast.expr, *, shows: bool) -> bool:
    """Whether `receiver.update(...)` shows text: a queried Static or Label, or self in one."""
    if isinstance(receiver, ast.Name) and receiver.id == "self":
        return shows
    if isinstance(receiver, ast.Call) and _last(receiver.func) in (
        "query_one",
        "query_exactly_one",
    ):
        return any(_last(argument) in ("Static", "Label") for argument in receiver.args)
    return False


def _function_scope(node: ast.FunctionDef | ast.AsyncFunctionDef, outer: _Scope) -> _Scope:
    scope = _Scope(dict(outer.types), dict(outer.values))
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    for argument in arguments:
        scope.values.pop(argument.arg, None)
        scope.types[argument.arg] = ast.unparse(argument.annotation or ast.Constant("str"))
    return _assignments(node.body, scope)


def _assignments(body: list[ast.stmt], scope: _Scope) -> _Scope:
    """Add to `scope` what `body` assigns, loops and comprehensions included."""
    for node in _own(body):
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.NamedExpr(target=ast.Name(id=name), value=value)
                | ast.AugAssign(target=ast.Name(id=name), value=value)
            ):
                scope.values.setdefault(name, []).append(value)
            case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
                types = _element_types(value, scope)
                for place, name in enumerate(_names(target)):
                    if place < len(types):
                        scope.types[name] = types[place]
                    else:
                        scope.values.setdefault(name, []).append(value)
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value):
                if _harmless(ast.unparse(annotation)):
                    scope.types[name] = ast.unparse(annotation)
                elif value is not None:
                    scope.values.setdefault(name, []).append(value)
    return scope


def _own(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Every node of `body` but those of functions and classes inside it."""
    for node in body:
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from _own(ast.iter_child_nodes(node))


def _names(target: ast.expr) -> Iterator[str]:
    return (node.id for node in ast.walk(target) if isinstance(node, ast.Name))


def _element_types(iterated: ast.expr, scope: _Scope) -> list[str]:
    """The types that going through a parameter yields: `list[tuple[str, Content]]` yields two."""
    annotation = scope.types.get(iterated.id) if isinstance(iterated, ast.Name) else None
    if annotation is None:
        return []
    match ast.parse(annotation, mode="eval").body:
        case ast.Subscript(
            slice=ast.Subscript(value=ast.Name(id="tuple"), slice=ast.Tuple(elts=e))
        ):
            return [ast.unparse(each) for each in e]
        case ast.Subscript(slice=ast.Name() as element):
            return [ast.unparse(element)]
    return []


def _attribute_types(node: ast.ClassDef) -> dict[str, str]:
    """The annotated attributes of a class, as `self.name`."""
    types: dict[str, str] = {}
    for inner in ast.walk(node):
        match inner:
            case ast.AnnAssign(target=ast.Attribute(value=ast.Name(id="self"), attr=name)):
                types[f"self.{name}"] = ast.unparse(inner.annotation)
            case ast.AnnAssign(target=ast.Name(id=name)) if inner in node.body:
                types[f"self.{name}"] = ast.unparse(inner.annotation)
    return types


def _given(keywords: dict[str | None, ast.expr], name: str) -> list[ast.expr]:
    return [keywords[name]] if name in keywords else []


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def _last(node: ast.expr) -> str:
    """The last name of `a.b.c` or `a.b.c[...]`."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(value=value):
            return _last(value)
    return ""
